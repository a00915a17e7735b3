"""Which part of a history is looked at: none, only it, one branch, the newest commits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Tool, planted

Ask = Callable[..., tuple[set[int], int]]


@pytest.fixture
def grown(repo: Repo) -> Repo:
    """Values by number: 0 long ago, 1 and 2 since, 3 on a branch, 4 in the work tree only, 5 in the last message."""
    repo.commit({"a.txt": planted(0), "sub/x.txt": "1\n"})
    repo.seconds[0] += 10 * 86_400
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"side.txt": planted(3)})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"b.txt": planted(1)})
    repo.commit({"a.txt": f"changed\n{planted(0)}\n{planted(2)}\n"})
    repo.commit({"a.txt": "clean\n", "b.txt": "clean\n"}, f"clean of {planted(5)}")
    repo.write("new.txt", planted(4))
    return repo


@pytest.fixture
def ask(scan: Scan) -> Ask:
    """The numbers of the values that a scan finds, and its exit status."""

    def ask(repo: Repo, *arguments: str | Path, **options: Any) -> tuple[set[int], int]:
        told = scan(repo, *arguments, **options)
        assert len(told.findings) == len({each["fingerprint"] for each in told.findings})
        return {number for number in range(6) if told.all(planted(number))}, told.status

    return ask


def test_all_and_none_of_it(grown: Repo, ask: Ask) -> None:
    assert ask(grown) == ({0, 1, 2, 3, 4, 5}, 1)
    assert ask(grown, "--no-history") == ({4}, 1)
    assert ask(grown, env={"MODELGUARD_HISTORY": "false"}) == ({4}, 1)
    assert ask(grown, "sub") == (set(), 0)


def test_only_it(grown: Repo, ask: Ask, scan: Scan) -> None:
    assert ask(grown, "--history-only") == ({0, 1, 2, 3, 5}, 1)
    below = {"cwd": grown.path / "sub"}
    assert ask(grown, "--history-only", **below) == ({0, 1, 2, 3, 5}, 1)
    assert scan(grown, "--history-only", **below).one(planted(1))["path"] == f"{grown.path}/b.txt"
    assert scan(grown, "--history-only", grown.path, cwd=grown.path.parent).one(planted(1))["path"] == "repo/b.txt"
    told = scan(grown, "--history-only", ".", grown.home)
    assert [gap["reason"] for gap in told.gaps] == ["missing"]


def test_one_branch(grown: Repo, ask: Ask) -> None:
    assert ask(grown, "--history-only", "--branch", "side") == ({0, 3}, 1)
    assert ask(grown, "--branch", "side") == ({0, 3, 4}, 1)
    assert ask(grown, "--history-only", "--branch", "side~1") == ({0}, 1)


def test_since(grown: Repo, ask: Ask, scan: Scan) -> None:
    """Of a file that changed since, only what came since: that the value came before is told by no commit since."""
    assert ask(grown, "--history-only", "--since", "2023-11-20") == ({1, 2, 3, 5}, 1)
    found = scan(grown, "--history-only", "--since", "2023-11-20").one(planted(2))
    assert [(each["sha"], each["deed"]) for each in found["commits"]] == [
        (grown.head("main~1"), "introduced"),
        (grown.head("main"), "removed"),
    ]


def test_newest_commits(grown: Repo, ask: Ask) -> None:
    assert ask(grown, "--history-only", "--max-commits", "1") == ({5}, 1)
    assert ask(grown, "--history-only", "--max-commits", "2") == ({2, 5}, 1)
    assert ask(grown, "--history-only", "--max-commits", "2", "--branch", "side") == ({0, 3}, 1)
    assert ask(grown, "--history-only", "--max-commits", "1", "--branch", "main~2") == ({1}, 1)


def test_nothing_in_what_was_asked_for(grown: Repo, ask: Ask, tool: Tool) -> None:
    assert ask(grown, "--history-only", "--since", "2030-01-01") == (set(), 2)
    assert ask(grown, "--history-only", grown.home) == (set(), 2)
    empty = grown.other("empty").init()
    assert ask(empty, "--history-only", "--max-commits", "1") == (set(), 2)


def test_a_missing_object_is_said(grown: Repo, scan: Scan) -> None:
    blob = grown.head("main~2:b.txt")
    (grown.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    told = scan(grown, "--history-only", "--branch", "main")
    assert told.all(planted(1)) == []
    assert [gap["inner"] for gap in told.gaps] == [f"object {blob}"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--branch", "nowhere"], "no branch or revision 'nowhere'"),
        (["--branch", "--all"], "no branch or revision '--all'"),
        (["--max-commits", "0"], "--max-commits"),
        (["--since", "2020-01-01", "--no-history"], "limit a history"),
        (["--since", "2020-01-01", "--staged"], "limit a history"),
        (["--history-only", "--no-history"], "--no-history at once"),
        (["--history-only", "--staged"], "at once"),
        (["--diff", "HEAD"], "not two revisions"),
        (["--diff", "nowhere..HEAD"], "no branch or revision 'nowhere'"),
        (["--diff", "HEAD..HEAD", "a", "b"], "several paths"),
        (["--diff", "--output=x..HEAD"], "no branch or revision '--output=x'"),
    ],
)
def test_asked_wrongly(grown: Repo, tool: Tool, arguments: list[str], words: str) -> None:
    ran = tool("scan", *arguments, cwd=grown.path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr


def test_commits_between_two(grown: Repo, ask: Ask, scan: Scan) -> None:
    """Each of them, so that what one adds and a later one takes away is found."""
    assert ask(grown, "--commits", "main~2..main") == ({2, 5}, 1)
    assert ask(grown, "--commits", "main~2..") == ({2, 5}, 1)
    assert ask(grown, "--commits", "main..side") == ({3}, 1)
    assert ask(grown, "--commits", "main..main") == (set(), 0)
    assert ask(grown, "--commits", "main..side", grown.path, cwd=grown.home) == ({3}, 1)


def test_commits_that_cannot_be_asked_for(grown: Repo, tool: Tool) -> None:
    for arguments in (
        ("--commits", "main"),
        ("--commits", "main...side"),
        ("--commits", "main..nothing"),
        ("--commits", "main..side", "--no-history"),
        ("--commits", "main..side", "--staged"),
        ("--commits", "main..side", "--since", "1.day"),
        ("--commits", "main..side", "a", "b"),
    ):
        ran = tool("scan", *arguments, cwd=grown.path)
        assert (ran.returncode, ran.stdout) == (2, ""), arguments


def test_a_selection_so_large_that_several_processes_look(repo: Repo, scan: Scan) -> None:
    """git told of its objects on its standard input, which each process that was forked meanwhile kept open."""
    repo.commit({"a.txt": "1\n"})
    repo.imported(12_000)
    told = scan(repo, "--history-only", "--branch", "main", "--jobs", "2")
    assert told.status == 0 and told.document["stats"]["blobs"] >= 12_000
