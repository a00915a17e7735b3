"""No text, however it is made, takes long: for each rule the worst that its own pattern suggests.

Time is this process's own, and a limit is scaled by what this machine takes for a search that never changes. Each text
is tried at a small size first; the slowest there is tried again as a whole megabyte, and the best try counts.
"""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable, Iterator
from heapq import nlargest
from operator import itemgetter

import pytest

from modelguard.detectors.patterns import PatternDetector
from modelguard.detectors.proving import engines
from modelguard.engine.confirm import Confirmer
from modelguard.engine.interface import Pattern
from modelguard.rules.interface import Rule

from .texts import RULES
from .worst_text import worst_texts

MEGABYTE = 2**20
LIMIT = 0.5
"""Seconds that a pattern may take for a megabyte, on a machine that does the two reference works in these seconds."""

SEARCHING, HANDLING = 0.042, 0.0066
ATTEMPTS = 8
TRIED_WHOLE = 1
"""Of the texts that look slow at a small size, so many: the others are quicker."""

_PATTERNS = {rule.id: rule.pattern for rule in RULES}


def _seconds(work: Callable[[], object], times: int = 1) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def _slowness() -> float:
    """How much slower than the reference machine this one is just now, at searching and at handling what was found."""
    text = b"abcdefghijklmnopqrstuvwxyz012345" * (MEGABYTE // 32)
    searching = _seconds(lambda: re.search(rb"(?i:klm|qrs)[^\n]{0,40}?!", text), 3) / SEARCHING
    handling = _seconds(lambda: sorted(found.span() for found in re.finditer(rb"c", text)), 3) / HANDLING
    return max(1.0, searching, handling)


def _screen_bytes(pattern: Pattern) -> int:
    """Enough for a few dozen of the longest unit of text that the pattern suggests."""
    return min(MEGABYTE, max(16 * 1024, 8 * pattern.width, 4 * pattern.limit))


def _slow(pattern: Pattern) -> Iterator[tuple[float, str]]:
    confirmer = Confirmer(0, pattern)
    size = _screen_bytes(pattern)
    suspect = 0.7 * LIMIT * size / MEGABYTE
    screened = ((_took(confirmer, text), kind, text) for kind, text in worst_texts(pattern, size))
    slowest = nlargest(TRIED_WHOLE, (each for each in screened if each[0] > suspect), key=itemgetter(0))
    for _, kind, text in slowest:
        if _took(confirmer, text, 3) > suspect:
            whole = (text * (MEGABYTE // size + 1))[:MEGABYTE]
            seconds = min(_until_quick(confirmer, whole))
            if seconds > LIMIT:
                yield round(seconds, 2), kind


def _until_quick(confirmer: Confirmer, text: bytes) -> Iterator[float]:
    """What it takes, by what this machine is slower just now, again and again until it is quick once."""
    for _ in range(ATTEMPTS):
        seconds = _took(confirmer, text)
        yield seconds
        if seconds <= LIMIT:
            return
        yield seconds / _slowness()


def _took(confirmer: Confirmer, text: bytes, times: int = 1) -> float:
    return _seconds(lambda: list(confirmer.spans(text)), times)


@pytest.mark.parametrize("name", _PATTERNS)
def test_a_megabyte_of_the_worst_text_takes_no_time(name: str) -> None:
    slow = list(itertools.islice(_slow(_PATTERNS[name]), 3))
    assert not slow, f"texts that take too many seconds a megabyte: {slow}"


@pytest.mark.parametrize("name", engines())
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.pattern.end is not None], ids=lambda rule: rule.id)
def test_starts_without_an_end_are_not_as_many_values_of_the_whole_limit(name: str, rule: Rule) -> None:
    """Each would be judged on its own, and a megabyte of them would take many seconds."""
    detector = PatternDetector([rule], engine=engines()[name])
    for kind, text in worst_texts(rule.pattern, 128 * 1024):
        if kind.startswith(("starts", "ends")):
            spans = detector.engine.scan(text).spans
            assert bool(spans) == kind.startswith("starts")
            assert sum(span.value_end - span.value_start for span in spans) <= 2 * len(text), kind
