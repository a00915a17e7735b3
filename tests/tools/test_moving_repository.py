"""Git works on in a repository while it is scanned: whatever is reachable is found each time."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import pytest

from modelguard.budget import Budget
from modelguard.history.attribution import Group, Sighting
from modelguard.history.interface import Machine
from modelguard.history.look import Look
from modelguard.inspection import Inspection
from modelguard.model import Gap, GapReason
from modelguard.settings import Settings
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.history import listing
from modelguard.sources.history.listing import Listed
from modelguard.sources.history.repository import opened
from modelguard.sources.history.versions import Contents
from tests.tools.conftest import Scan
from tests.tools.repo import Repo, planted

_ROUNDS = 5
_TOKENS = 5
_FILES = 2200
"""More than one piece of work holds, so that workers read while git rewrites."""

Act = Callable[[Repo, int], None]


@pytest.fixture
def busy(repo: Repo) -> Repo:
    source = random.Random(3)
    files: dict[str, str | bytes | None] = {f"{number % 40}/{number}.txt": f"{number}\n" for number in range(_FILES)}
    files |= {f"large/{number}.txt": source.randbytes(100_000).hex() for number in range(8)}
    repo.commit(files)
    repo.git("repack", "-a", "-d", "--quiet")
    for number in range(_TOKENS):
        repo.commit({"a.txt": f"{number}\n{planted(number)}\n"})
    repo.commit({"a.txt": "clean\n"})
    return repo


def collect(repo: Repo, number: int) -> None:
    """What nothing holds goes, and what is loose goes into a pack."""
    repo.git("hash-object", "-w", "--stdin", stdin=f"nobody holds {number}\n".encode())
    repo.git("gc", "--prune=now", "--quiet", check=False)


def repack(repo: Repo, number: int) -> None:
    """Every time into another pack, since its delta depth differs."""
    repo.git("repack", "-a", "-d", "-f", f"--depth={number % 9 + 1}", "--quiet", check=False)


@contextmanager
def meanwhile(act: Act, repo: Repo) -> Iterator[list[int]]:
    """Acts on the repository again and again; what it yields has an entry for each time that it was done."""
    done: list[int] = []
    enough = threading.Event()

    def work() -> None:
        while not enough.is_set():
            act(repo, len(done))
            done.append(len(done))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield done
    finally:
        enough.set()
        thread.join()


@pytest.mark.parametrize("act", [collect, repack])
def test_packs_come_and_go(busy: Repo, scan: Scan, act: Act) -> None:
    with meanwhile(act, busy) as done:
        for number in range(_ROUNDS):
            told = scan(busy, "--history-only", "--jobs", "2", *(["--no-cache"] if number % 2 else []))
            assert [len(told.all(planted(each))) for each in range(_TOKENS)] == [1] * _TOKENS, told.gaps
            assert told.status == 1
            for gap in told.gaps:
                assert "removed while it was scanned" in gap["detail"], gap
            assert [each for each in told.document["notices"] if each["kind"] == "cache"] == []
    assert len(done) > 1
    told = scan(busy, "--history-only")
    assert (told.gaps, told.same()) == ([], scan(busy, "--history-only", "--no-cache").same())


def test_a_push_comes_in(busy: Repo, scan: Scan) -> None:
    server = busy.clone("server.git", "--bare")

    def push(repo: Repo, number: int) -> None:
        repo.commit({"b.txt": f"{number}\n"})
        repo.git("push", "--quiet", server.path, "main", check=True)

    with meanwhile(push, busy) as done:
        for number in range(_ROUNDS):
            told = scan(server, "--jobs", "2", *(["--no-cache"] if number % 2 else []))
            assert [len(told.all(planted(each))) for each in range(_TOKENS)] == [1] * _TOKENS
            assert (told.status, told.gaps) == (1, [])
    assert len(done) > 1


def test_an_object_that_is_gone_before_it_is_shown_is_a_gap(repo: Repo) -> None:
    """As when a repository is packed and pruned between the look at an object and the report."""
    repo.commit({"a.txt": "a\n"})
    machine = Machine(
        inspection=Inspection((), Settings(), 0, frozenset()),
        exclusions=Exclusions((), True),
        budget=Budget(),
        jobs=1,
        tick=lambda: None,
        count=lambda blobs, size, found: None,
        apply_marks=lambda findings, marks: list(findings),
    )
    look = Look(Contents(opened(str(repo.path), "."), frozenset()), machine, {})
    gone = Sighting("hf-user-token", "f" * 32, "0" * 40, "a.txt", 1, 0)
    assert look.findings([Group(gone, (), (), True, False)]) == []
    assert [(gap.reason, gap.inner) for gap in look.gaps] == [(GapReason.UNREADABLE, f"object {'0' * 40}")]


@pytest.mark.parametrize("moves", [True, False])
def test_packs_that_are_rewritten_while_they_are_listed(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, moves: bool
) -> None:
    """git stops where a pack is gone. What it had still to list lies in another one then, unless nothing has moved."""
    for number in range(3):
        repo.commit({f"{number}.txt": f"{number}\n"})
    repo.git("repack", "-a", "-d", "--quiet")
    repository = opened(str(repo.path), ".")
    really = listing._told
    calls: list[int] = []

    def stopped(*arguments: Any) -> Iterator[Listed | Gap]:
        calls.append(1)
        if len(calls) > 1 and moves:
            yield from really(*arguments)
            return
        yield from islice(really(*arguments), 2)
        if moves:
            repo.git("repack", "-a", "-d", "-f", "--depth=3", "--quiet")
        yield Gap(".git", GapReason.MALFORMED, "git cannot list all objects")

    monkeypatch.setattr(listing, "_told", stopped)
    found = list(listing.objects(repository, listing.stock(repository), ()))
    names = [entry.id for entry in found if isinstance(entry, Listed)]
    assert len(names) == len(set(names)) == (6 if moves else 2)
    assert len(found) - len(names) == (not moves)
    assert len(calls) == 1 + moves
