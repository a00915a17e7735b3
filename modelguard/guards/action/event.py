"""What a run of a workflow is about, from the variables and the payload that GitHub gives it.

https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
https://docs.github.com/en/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import UsageError

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_BYTES = 64 * 1024 * 1024
_REMEDY = "This command is a step of action/action.yml; elsewhere, use `modelguard scan`."


class Kind(str, Enum):
    """What an event says of commits: some are proposed, pushed, taken away, or none are spoken of."""

    PROPOSAL = "proposal"
    PUSH = "push"
    DELETION = "deletion"
    OTHER = "other"


class Event(Struct, frozen=True):
    """One event. `commit` is what the workflow runs for, `ref` its ref.

    Of a proposal (a pull request, or what a merge queue puts together), `head` is its newest commit and `base` the
    newest of the branch that it is for; of a push, what the ref points at and what it did before (None: it is new).
    `expected` is how many commits GitHub counts, and `number` that of a pull request. `restricted` says that the token
    of this run can write nothing whatever the workflow asks for: a fork's pull request, or Dependabot's.
    """

    name: str
    kind: Kind
    commit: str
    ref: str
    base: str | None = None
    head: str | None = None
    number: int | None = None
    expected: int | None = None
    restricted: bool = False
    default_branch: str = ""


def read_event(environment: Mapping[str, str]) -> Event:
    """The event that `GITHUB_EVENT_NAME` and the file at `GITHUB_EVENT_PATH` tell of.

    Raises:
        UsageError: these are not here, or not as GitHub writes them.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    if not name:
        raise UsageError("this is no run of a workflow: GITHUB_EVENT_NAME is not set", _REMEDY)
    payload = _payload(environment.get("GITHUB_EVENT_PATH", ""))
    repository = _mapping(payload.get("repository"))
    event = Event(
        name=name,
        kind=Kind.OTHER,
        commit=_commit(environment.get("GITHUB_SHA")) or "",
        ref=environment.get("GITHUB_REF", ""),
        default_branch=_text(repository.get("default_branch")),
    )
    if name in ("pull_request", "pull_request_target"):
        return _pull_request(event, payload, environment.get("GITHUB_ACTOR", ""))
    if name == "merge_group":
        group = _mapping(payload.get("merge_group"))
        return _proposal(event, group.get("base_sha"), group.get("head_sha"))
    return _push(event, payload) if name == "push" else event


def _pull_request(event: Event, payload: Mapping[str, Any], actor: str) -> Event:
    asked = _mapping(payload.get("pull_request"))
    base, head = _mapping(asked.get("base")), _mapping(asked.get("head"))
    found = _proposal(event, base.get("sha"), head.get("sha"))
    homes = [_mapping(side.get("repo")).get("id") for side in (base, head)]  # a fork that is gone has none
    foreign = homes[0] is None or homes[0] != homes[1]
    return replace(
        found,
        number=_number(asked.get("number")),
        expected=_number(asked.get("commits")),
        restricted=event.name == "pull_request" and (foreign or actor == "dependabot[bot]"),
    )


def _proposal(event: Event, base: Any, head: Any) -> Event:
    base, head = _commit(base), _commit(head)
    if base is None or head is None:
        raise UsageError(f"the payload of this {event.name} names no commits", _REMEDY)
    return replace(event, kind=Kind.PROPOSAL, base=base, head=head)


def _push(event: Event, payload: Mapping[str, Any]) -> Event:
    kind = Kind.DELETION if payload.get("deleted") is True else Kind.PUSH
    after = _commit(payload.get("after"))
    if kind is Kind.PUSH and after is None:
        raise UsageError("the payload of this push names no commit", _REMEDY)
    commits = payload.get("commits")
    return replace(
        event,
        kind=kind,
        base=_commit(payload.get("before")),
        head=after,
        expected=len(commits) if isinstance(commits, list) else None,
    )


def _payload(path: str) -> Mapping[str, Any]:
    if not path:
        raise UsageError("this is no run of a workflow: GITHUB_EVENT_PATH is not set", _REMEDY)
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the payload of the event cannot be read: {error.strerror}", _REMEDY) from None
    try:
        payload = json.loads(content) if len(content) <= _MAX_BYTES else None
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise UsageError("the payload of the event is no JSON object", _REMEDY)
    return payload


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _commit(value: Any) -> str | None:
    """An id of a commit; None for one of zeros alone, which GitHub writes where there is none."""
    known = isinstance(value, str) and _COMMIT.fullmatch(value) is not None
    return value if known and value.strip("0") else None
