"""A whole scan of one hostile file in this process: it must end in time, raise nothing, and say nothing of the text."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.inspection import Inspection
from modelguard.model import Blob, Gap
from modelguard.opening import Opened
from modelguard.pipeline import chosen_rules
from modelguard.readers.interface import Limits, Text
from modelguard.readers.kinds import HEAD_BYTES, kind_of
from modelguard.seen import Seen
from modelguard.settings import Settings
from tests.hostile.readers.samples import VALUES
from tests.readers.opened import RULES, PathBlob, in_worker

HUB = VALUES.hub.encode()
BESIDE = b"\n" + HUB + b"\n"
"""A value as it stands in the bytes, which nothing that is said of other bytes may hide."""

SMALL = Budget(opened_seconds=20.0, opened_bytes=1 << 26, held_bytes=1 << 24)
_MOST_SECONDS = 30.0


class Hang(Exception):
    """Something took far more of the processor than its budget may ever cost."""


@contextmanager
def ends(seconds: float = _MOST_SECONDS) -> Iterator[None]:
    """Raise `Hang` where what is within takes so many seconds of the processor: those of this process, no clock's."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def over(*_: object) -> None:
        raise Hang(f"more than {seconds:g} seconds")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@cache
def _inspection() -> Inspection:
    settings = Settings()
    rules = [rule for rule in chosen_rules(settings) if rule.id in RULES]
    return Inspection(rules, settings, None, frozenset())


def looked(data: bytes, path: str, budget: Budget | None = None) -> Seen:
    """Everything that a scan for three rules says of a file."""
    inspection = _inspection()
    inspection._budget = replace(budget or Budget(), file_bytes=None)
    with ends():
        seen, parts = in_worker(lambda: inspection.do(PathBlob(data, path)))
    assert seen is not None
    assert not parts
    tells_nothing(seen)
    return seen


def found(seen: Seen) -> set[str]:
    """The rules that found something."""
    return {finding.rule for finding in seen.findings}


def tells_nothing(seen: Seen) -> None:
    """No value that is planted anywhere is in a gap, a place or the name of what was left out."""
    said = repr((seen.gaps, seen.left_out, [(each.place, each.parts, each.origin) for each in seen.findings]))
    for value in VALUES:
        assert value not in said, said


def pieces(blob: Blob, path: str, budget: Budget | None = None) -> tuple[int, list[Gap], list[tuple[int, int]]]:
    """What its reader makes of a blob: how many bytes of text, which gaps, and what is to be looked at as it stands."""
    kind = kind_of(blob.read(0, HEAD_BYTES), path)
    assert kind is not None
    opened = Opened(blob, kind, Limits(budget or Budget()))

    def work() -> int:
        return sum(len(piece.text) for piece in opened.pieces() if isinstance(piece, Text))

    with ends():
        size = in_worker(work)
    return size, opened.gaps, list(opened.uncovered(blob.size))


def deep() -> int:
    """Far deeper than this Python goes into itself."""
    return 100 * sys.getrecursionlimit()
