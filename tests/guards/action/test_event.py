"""Events as GitHub tells of them, and files that are not as it writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelguard.errors import UsageError
from modelguard.guards.action.event import Event, Kind, read_event

A, B, ZEROS = "a" * 40, "b" * 40, "0" * 40
Read = Callable[..., Event]


@pytest.fixture
def event(tmp_path: Path) -> Read:
    def event(name: str, payload: Any, **variables: str) -> Event:
        path = tmp_path / "event.json"
        path.write_text(payload if isinstance(payload, str) else json.dumps(payload))
        return read_event({"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(path), "GITHUB_SHA": B, **variables})

    return event


def pull_request(base: Any = 1, head: Any = 1) -> dict[str, Any]:
    sides = {"base": {"sha": A, "repo": base and {"id": base}}, "head": {"sha": B, "repo": head and {"id": head}}}
    return {"pull_request": {"number": 7, "commits": 3, **sides}, "repository": {"default_branch": "main"}}


def test_a_pull_request(event: Read) -> None:
    told = event("pull_request", pull_request())
    assert (told.kind, told.base, told.head, told.number, told.expected) == (Kind.PROPOSAL, A, B, 7, 3)
    assert not told.restricted


@pytest.mark.parametrize(
    ("name", "sides", "actor", "restricted"),
    [
        ("pull_request", (1, 2), "somebody", True),
        ("pull_request", (1, None), "somebody", True),
        ("pull_request", (None, None), "somebody", True),
        ("pull_request", (1, 1), "dependabot[bot]", True),
        ("pull_request", (1, 1), "somebody", False),
        ("pull_request_target", (1, 2), "somebody", False),
    ],
)
def test_whose_token_may_write(event: Read, name: str, sides: tuple[Any, Any], actor: str, restricted: bool) -> None:
    assert event(name, pull_request(*sides), GITHUB_ACTOR=actor).restricted is restricted


def test_a_push(event: Read) -> None:
    told = event("push", {"before": A, "after": B, "commits": [{}, {}]})
    assert (told.kind, told.base, told.head, told.expected) == (Kind.PUSH, A, B, 2)
    assert event("push", {"before": ZEROS, "after": B}).base is None
    assert event("push", {"before": A, "after": ZEROS, "deleted": True}).kind is Kind.DELETION


def test_a_merge_queue_and_others(event: Read) -> None:
    told = event("merge_group", {"merge_group": {"base_sha": A, "head_sha": B}})
    assert (told.kind, told.base, told.head) == (Kind.PROPOSAL, A, B)
    assert event("schedule", {}).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("push", {}),
        ("push", {"after": "--upload-pack=x"}),
        ("push", {"after": 7}),
        ("pull_request", {}),
        ("pull_request", {"pull_request": []}),
        ("pull_request", {"pull_request": {"base": {"sha": A}, "head": {"sha": "main"}}}),
        ("pull_request", {"pull_request": {"base": {"sha": A}, "head": {"sha": f"{B}\n"}}}),
        ("merge_group", {"merge_group": {"base_sha": ZEROS, "head_sha": B}}),
        ("push", "not JSON"),
        ("push", "[]"),
        ("push", "[" * 100_000),
    ],
)
def test_what_is_wrong_with_it(event: Read, name: str, payload: Any) -> None:
    with pytest.raises(UsageError):
        event(name, payload)


def test_no_run_of_a_workflow() -> None:
    for variables in (
        {},
        {"GITHUB_EVENT_NAME": "push"},
        {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "/nowhere"},
    ):
        with pytest.raises(UsageError):
            read_event(variables)
