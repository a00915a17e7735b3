"""No text, however it is made, takes long: for each rule the worst that its own pattern suggests.

Time is this process's own, and a limit is scaled by what this machine takes for a search that never changes. Each text
is tried at a small size first; what looks slow there is tried again as a whole megabyte, and the best of three counts.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import lru_cache

import pytest

from modelguard.detectors.marks import MARK_PATTERN
from modelguard.detectors.patterns import PatternDetector
from modelguard.detectors.proving import engines
from modelguard.engine.confirm import Confirmer
from modelguard.engine.interface import Pattern

from .texts import RULES
from .worst_text import worst_texts

MEGABYTE = 2**20
LIMIT = 0.2
"""Seconds that a pattern may take for a megabyte, on a machine that does the reference search in `REFERENCE`."""

LIMIT_AMID_CORES = 1.0
"""Where every few hundred bytes hold all of a value but nothing of its vendor's name and word fits together."""

REFERENCE = 0.030
_PATTERNS = {**{rule.id: rule.pattern for rule in RULES}, "marks": MARK_PATTERN}


def _seconds(work: Callable[[], object], times: int = 1) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


@lru_cache(maxsize=1)
def _slowness() -> float:
    """How much slower than the reference machine this one is; never less than 1."""
    text = b"abcdefghijklmnopqrstuvwxyz012345" * (MEGABYTE // 32)
    return max(1.0, _seconds(lambda: re.search(rb"\b(?i:klm|qrs|345)x", text), 5) / REFERENCE)


def _screen_bytes(pattern: Pattern) -> int:
    """Enough for a few dozen of the longest unit of text that the pattern suggests."""
    return min(MEGABYTE, max(16 * 1024, 8 * pattern.width, 4 * pattern.limit))


def _slow(pattern: Pattern) -> Iterator[tuple[float, str]]:
    confirmer = Confirmer(0, pattern)
    size = _screen_bytes(pattern)
    for kind, text in worst_texts(pattern, size):
        limit = _slowness() * (LIMIT_AMID_CORES if kind.startswith("a core") else LIMIT)
        if _seconds(lambda text=text: list(confirmer.spans(text))) > 0.7 * limit * size / MEGABYTE:
            whole = (text * (MEGABYTE // size + 1))[:MEGABYTE]
            took = _seconds(lambda text=whole: list(confirmer.spans(text)), 3)
            if took > limit:
                yield round(took, 2), kind


@pytest.mark.parametrize("name", _PATTERNS)
def test_a_megabyte_of_the_worst_text_takes_no_time(name: str) -> None:
    slow = sorted(_slow(_PATTERNS[name]), reverse=True)
    assert not slow, f"{len(slow)} texts take seconds a megabyte, the slowest of them: {slow[:5]}"


@pytest.mark.parametrize("name", engines())
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.pattern.end is not None], ids=lambda rule: rule.id)
def test_a_text_of_starts_without_an_end_is_not_many_values_of_the_whole_limit(name: str, rule: object) -> None:
    """Each start used to be a value of `limit` bytes, to be judged on its own: seven seconds a megabyte."""
    assert hasattr(rule, "pattern")
    detector = PatternDetector([rule], engine=engines()[name])  # type: ignore[list-item]
    for kind, text in worst_texts(rule.pattern, 128 * 1024):
        if kind.startswith(("starts", "ends")):
            spans = detector.engine.scan(text).spans
            assert sum(span.value_end - span.value_start for span in spans) <= 2 * len(text), kind
