"""Hyperscan looks for every pattern's hunting form in one pass; `confirm` then says where exactly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import hyperscan

from modelguard.engine.compiled import Hunt
from modelguard.engine.confirm import Confirmer
from modelguard.engine.far import far_words
from modelguard.engine.interface import NEAR, Held, Parts, Pattern, Scan, Span
from modelguard.engine.views import CODE_POINT_PROBE, view
from modelguard.engine.wide import wide_hunts

_NOTHING = Scan([])
_WIDE = Scan([], True)
_HOLDS_NOTHING = Held(set())


def hunts(patterns: Sequence[Pattern]) -> list[Hunt]:
    """What the database for `patterns` looks for: their hunting forms, then the engine's own three probes."""
    keywords = [word for pattern in patterns for word in pattern.keywords]
    return [
        *(Hunt(index, pattern.hunt) for index, pattern in enumerate(patterns)),
        Hunt(len(patterns), CODE_POINT_PROBE, once=True),
        *(Hunt(len(patterns) + 1, text, once=True) for text in wide_hunts(keywords)),
        *(Hunt(len(patterns) + 2, text, once=True) for text in far_words(patterns)),
    ]


class FastEngine:
    """An Engine over a compiled Hyperscan database; safe to share between threads.

    `database` holds `hunts(patterns)`, in block mode, without start-of-match.
    """

    name = "fast"

    def __init__(self, patterns: Sequence[Pattern], database: hyperscan.Database) -> None:
        self._code_points, self._wide, self._far_word = range(len(patterns), len(patterns) + 3)
        self._confirmers = [Confirmer(index, pattern) for index, pattern in enumerate(patterns)]
        self._database = database
        self._scratch = hyperscan.Scratch(database)
        self._far = frozenset(index for index, pattern in enumerate(patterns) if pattern.limit or pattern.width > NEAR)
        self._local = threading.local()

    def scan(self, text: bytes, wanted: Callable[[int], bool] = lambda pattern: True) -> Scan:
        """See `Engine.scan`."""
        ends, wide, _ = self._hunted(text)
        if not ends:
            return _WIDE if wide else _NOTHING
        spans: set[Span] = set()
        for pattern, offsets in ends.items():
            if wanted(pattern):
                spans.update(self._confirmers[pattern].spans(text, offsets))
        return Scan(sorted(spans), wide)

    def holds(self, text: bytes, passes: Callable[[bytes, Span], bool], parts: Parts | None = None) -> Held:
        """See `Engine.holds`."""
        ends, wide, far = self._hunted(text, parts)
        if not ends:
            return _HOLDS_NOTHING if not (wide or far) else Held(set(), wide, far)
        far = far or not self._far.isdisjoint(ends)
        confirmers = self._confirmers
        held = {each for each, offsets in ends.items() if confirmers[each].holds(text, offsets, passes)}
        return Held(held, wide, far)

    def _hunted(self, text: bytes, parts: Parts | None = None) -> tuple[dict[int, list[int]], bool, bool]:
        """Where patterns may end, by pattern; whether text of wide characters may hold one; whether it reaches far."""
        ends = self._ends(text) if parts is None else self._ends_in(text, parts)
        if not ends:
            return ends, False, False
        wide = ends.pop(self._wide, None) is not None
        far = ends.pop(self._far_word, None) is not None
        if self._code_points in ends:
            far = True
            for pattern, offsets in self._ends(view(text)).items():
                ends.setdefault(pattern, []).extend(offsets)
            for probe in (self._code_points, self._wide, self._far_word):
                ends.pop(probe, None)
        return ends, wide, far

    def _ends_in(self, text: bytes, parts: Parts) -> dict[int, list[int]]:
        """Where the hunting forms end in parts of `text`."""
        ends: dict[int, list[int]] = {}
        for start, stop in parts:
            for pattern, offsets in self._ends(text[start:stop]).items():
                ends.setdefault(pattern, []).extend([offset + start for offset in offsets])
        return ends

    def _ends(self, text: bytes) -> dict[int, list[int]]:
        """Where the hunting forms end in `text`, by pattern."""
        scratch, seen, note = self._of_this_thread()
        self._database.scan(text, match_event_handler=note, scratch=scratch)
        ends: dict[int, list[int]] = {}
        for pattern, end in seen:
            ends.setdefault(pattern, []).append(end)
        seen.clear()
        return ends

    def _of_this_thread(self) -> tuple[hyperscan.Scratch, list[tuple[int, int]], Any]:
        """Hyperscan needs one scratch a thread; the list collects the events of one call."""
        known = getattr(self._local, "known", None)
        if known is None:
            seen: list[tuple[int, int]] = []

            def note(pattern: int, start: int, end: int, flags: int, context: object) -> None:
                seen.append((pattern, end))

            known = self._local.known = (self._scratch.clone(), seen, note)
        return known
