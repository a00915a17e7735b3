"""A piece of work that breaks, kills or hangs its worker costs that piece alone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from modelguard import pool
from modelguard.pool import Pool, made_ahead, run_here


class Worker:
    def do(self, work: int) -> tuple[str | None, Sequence[int]]:
        if work == 13:
            raise ValueError("the message may hold a value")
        if work in (17, 2000, 2002):
            os._exit(9)
        if work == 19:
            time.sleep(60)
        if work == 5:
            return "5", (1000, 1001)
        return (None if work % 10 == 0 and work < 1000 else str(work)), ()

    def split(self, work: int) -> Sequence[int]:
        return range(2001, 2004) if work == 2000 else ()

    def failed(self, work: int, why: str) -> str:
        return f"{work} failed: {why}"


def done(works: range, seconds: float = 2.0) -> dict[str, int]:
    found: dict[str, int] = {}
    for result in Pool(Worker(), 2, seconds).run(iter(works), lambda: None):
        found[result] = found.get(result, 0) + 1
    return found


class Slow(Worker):
    def do(self, work: int) -> tuple[str | None, Sequence[int]]:
        for _ in range(12):
            time.sleep(0.1)
            if work == 1:
                pool.getting_on()
        return str(work), ()


def test_what_takes_long_and_gets_on_is_not_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_SIGN_SECONDS", 0.05)
    said = sorted(Pool(Slow(), 2, 0.6, batch=1).run(iter([1, 2]), lambda: None))
    assert said[0] == "1"
    assert said[1].startswith("2 failed: it was stuck for longer than 0.6")


def test_everything_is_done_once() -> None:
    found = done(range(200, 1000))
    assert found == {str(n): 1 for n in range(200, 1000) if n % 10}


@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_what_breaks_costs_itself_alone(context: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import multiprocessing

    monkeypatch.setattr(pool, "_context", lambda: multiprocessing.get_context(context))
    found = done(range(1, 60), seconds=0.5 if context == "fork" else 6.0)  # on a busy machine it takes one to spawn
    failed = {text.split(" ")[0]: text for text in found if "failed" in text}
    assert set(failed) == {"13", "17", "19"}
    assert "ValueError" in failed["13"]
    assert "message" not in failed["13"]
    assert "ended the process" in failed["17"]
    assert "longer than" in failed["19"]
    assert {text for text in found if "failed" not in text} == {
        str(n) for n in [*range(1, 60), 1000, 1001] if n not in (13, 17, 19) and (n % 10 or n >= 1000)
    }


def test_a_piece_that_can_be_split_is_split_to_find_what_is_to_blame() -> None:
    found = done(range(1998, 2001))
    assert {text for text in found if "failed" not in text} == {"1998", "1999", "2001", "2003"}
    assert [text for text in found if "failed" in text] == ["2002 failed: it ended the process that looked at it"]


def test_the_same_without_processes() -> None:
    found = list(run_here(Worker(), iter(range(1, 12)), lambda: None))
    assert found == ["1", "2", "3", "4", "5", "1000", "1001", "6", "7", "8", "9", "11"]


def broken() -> Iterator[int]:
    yield 1
    raise OSError("gone")


def test_a_broken_stream_is_an_error() -> None:
    with pytest.raises(OSError, match="gone"):
        list(Pool(Worker(), 2, 5.0).run(broken(), lambda: None))


def test_made_ahead_is_the_same() -> None:
    made: list[int] = []

    def stream() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    items = made_ahead(stream(), 4)
    assert next(items) == 0
    until = time.monotonic() + 10.0
    while len(made) < 6 and time.monotonic() < until:  # the one that was asked for, four that wait, one to come
        time.sleep(0.01)
    time.sleep(0.1)
    assert made == [0, 1, 2, 3, 4, 5]
    assert list(items) == list(range(1, 50))


def test_what_is_made_ahead_breaks_where_it_is_asked_for() -> None:
    items = made_ahead(broken(), 4)
    assert next(items) == 1
    with pytest.raises(OSError, match="gone"):
        next(items)


def test_nothing_is_made_for_nobody() -> None:
    before = threading.active_count()
    made: list[int] = []

    def stream() -> Iterator[int]:
        for number in range(1_000_000):
            made.append(number)
            yield number

    items = made_ahead(stream(), 2)
    next(items)
    items.close()
    time.sleep(0.2)
    count = len(made)
    time.sleep(0.2)
    assert (len(made), threading.active_count()) == (count, before)


def test_a_pool_whose_work_is_made_ahead() -> None:
    results = sorted(Pool(Worker(), 2, 2.0, 1, 3).run(iter(range(200, 260)), lambda: None))
    assert results == [str(n) for n in range(200, 260) if n % 10]


class Careful(Worker):
    def do(self, work: int) -> tuple[str | None, Sequence[int]]:
        if work in (3, 17) and not pool.may_end():
            raise pool.NeedsProcess
        return super().do(work)


def test_what_may_end_its_process_is_done_in_one_of_its_own() -> None:
    found = list(run_here(Careful(), iter([3, 1, 17, 2]), lambda: None))
    assert found == ["1", "2", "3", "17 failed: it ended the process that looked at it"]
    assert not pool.may_end()
