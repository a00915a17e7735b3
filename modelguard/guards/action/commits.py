"""Which commits an event brings, and which commit's settings count for them."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from modelguard.errors import GitError, UsageError
from modelguard.guards.action.event import Event, Kind
from modelguard.guards.action.plan import COMMITS, FULL, HISTORY, NOTHING, Plan
from modelguard.sources.history.repository import Repository

SCANS = ("diff", FULL, HISTORY)
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PARENT = re.compile(rb"^parent ([0-9a-f]{40,64})$", re.MULTILINE)

_BASE_ONLY = "This event checks out the base branch, and only `scan: diff` looks at what the pull request brings."

Tip = Callable[[str], str | None]
"""The id of the commit that a ref of the remote points at, by the ref's full name."""


def planned(scan: str, base: str, event: Event, repository: Repository, tip_of: Tip) -> Plan:
    """What is to be looked at, for the inputs `scan` and `base`.

    Raises:
        UsageError: `scan` is none of `SCANS`, or there is no such `base`.
        GitError: the remote cannot be asked.
    """
    if scan not in SCANS:
        raise UsageError(f"scan is {scan!r}", f"Write one of {', '.join(SCANS)}.")
    if event.kind is Kind.DELETION:
        return Plan(NOTHING, notes=("A ref was deleted: this brings no commits.",))
    plan = _proposed(event, repository) if event.kind is Kind.PROPOSAL else Plan(COMMITS)
    if scan != "diff":
        return replace(plan, scan=scan, notes=(_BASE_ONLY,) if event.name == "pull_request_target" else ())
    if base:
        without = _named(base, tip_of)
        return replace(plan, tip=plan.tip or event.head or event.commit, without=(without,))
    if event.kind is Kind.PUSH:
        return _pushed(event, tip_of)
    if event.kind is Kind.PROPOSAL:
        return plan
    note = f"The event {event.name} brings no commits: all files are looked at, and the history that is here."
    return replace(plan, scan=FULL, notes=(note,))


def _proposed(event: Event, repository: Repository) -> Plan:
    """A pull request runs for a commit that GitHub has made of both sides; its first parent is the newer base."""
    assert event.base is not None
    assert event.head is not None
    base, proposed = event.base, event.head
    parents = parents_of(repository, event.commit) if event.name == "pull_request" else []
    if len(parents) == 2 and parents[1] == event.head:
        base, proposed = parents[0], event.commit
    return Plan(COMMITS, tip=event.head, without=(base,), trusted=base, proposed=proposed)


def _pushed(event: Event, tip_of: Tip) -> Plan:
    """What a push adds to what its ref held; of a new ref, to the default branch."""
    assert event.head is not None
    if event.base is not None:
        return Plan(COMMITS, tip=event.head, without=(event.base,))
    return without_default(event, tip_of)


def without_default(event: Event, tip_of: Tip) -> Plan:
    """Everything that a push leads to and the default branch does not hold, for want of anything nearer."""
    assert event.head is not None
    ref = f"refs/heads/{event.default_branch}"
    known = tip_of(ref) if event.default_branch and event.ref != ref else None
    note = "Its commits are compared with the default branch." if known else "All its commits are looked at."
    return Plan(COMMITS, tip=event.head, without=(known,) if known else (), notes=(note,))


def parents_of(repository: Repository, commit: str) -> list[str]:
    """The parents that a commit itself names, also where a shallow clone ends there; none if it is not here."""
    if not commit:
        return []
    try:
        content = repository.git.ask("cat-file", "commit", commit)
    except GitError as error:
        if error.status is None:
            raise
        return []
    return [found.decode("ascii") for found in _PARENT.findall(content.partition(b"\n\n")[0])]


def _named(base: str, tip_of: Tip) -> str:
    if _ID.fullmatch(base):
        return base
    names = [base] if base.startswith("refs/") else [f"refs/heads/{base}", f"refs/tags/{base}"]
    found = next(filter(None, map(tip_of, names)), None)
    if found is None:
        raise UsageError(f"base is {base!r}, which the remote does not have", "Name a branch, a tag or a commit's id.")
    return found
