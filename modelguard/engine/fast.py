"""Hyperscan looks for every pattern's hunting form in one pass; `confirm` then says where exactly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import hyperscan

from modelguard.engine.compiled import Hunt
from modelguard.engine.confirm import Confirmer
from modelguard.engine.interface import Held, Pattern, Scan, Span
from modelguard.engine.views import CODE_POINT_PROBE, view
from modelguard.engine.wide import wide_hunts

_NOTHING = Scan([])
_WIDE = Scan([], True)


def hunts(patterns: Sequence[Pattern]) -> list[Hunt]:
    """What the database for `patterns` looks for: their hunting forms, then the engine's own two probes."""
    keywords = [word for pattern in patterns for word in pattern.keywords]
    return [
        *(Hunt(index, pattern.hunt) for index, pattern in enumerate(patterns)),
        Hunt(len(patterns), CODE_POINT_PROBE, once=True),
        *(Hunt(len(patterns) + 1, text, once=True) for text in wide_hunts(keywords)),
    ]


class FastEngine:
    """An Engine over a compiled Hyperscan database; safe to share between threads.

    `database` holds `hunts(patterns)`, in block mode, without start-of-match.
    """

    name = "fast"

    def __init__(self, patterns: Sequence[Pattern], database: hyperscan.Database) -> None:
        self._code_points, self._wide = len(patterns), len(patterns) + 1
        self._confirmers = [Confirmer(index, pattern) for index, pattern in enumerate(patterns)]
        self._database = database
        self._scratch = hyperscan.Scratch(database)
        self._local = threading.local()

    def scan(self, text: bytes, wanted: Callable[[int], bool] = lambda pattern: True) -> Scan:
        """See `Engine.scan`."""
        ends, wide = self._hunted(text)
        if not ends:
            return _WIDE if wide else _NOTHING
        spans: set[Span] = set()
        for pattern, offsets in ends.items():
            if wanted(pattern):
                spans.update(self._confirmers[pattern].spans(text, offsets))
        return Scan(sorted(spans), wide)

    def holds(self, text: bytes, passes: Callable[[bytes, Span], bool]) -> Held:
        """See `Engine.holds`."""
        ends, wide = self._hunted(text)
        confirmers = self._confirmers
        return Held({each for each, offsets in ends.items() if confirmers[each].holds(text, offsets, passes)}, wide)

    def _hunted(self, text: bytes) -> tuple[dict[int, list[int]], bool]:
        """Where patterns may end, by pattern, and whether text of wide characters may hold one."""
        ends = self._ends(text)
        if not ends:
            return ends, False
        wide = ends.pop(self._wide, None) is not None
        if self._code_points in ends:
            for pattern, offsets in self._ends(view(text)).items():
                ends.setdefault(pattern, []).extend(offsets)
            ends.pop(self._code_points)
            ends.pop(self._wide, None)
        return ends, wide

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
