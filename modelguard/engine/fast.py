"""Hyperscan looks for every pattern's hunting form in one pass; `confirm` then says where exactly."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import hyperscan

from modelguard.engine.confirm import Confirmer
from modelguard.engine.interface import Pattern, Span
from modelguard.engine.views import hidden_by_view, through_view


def hunted(patterns: Sequence[Pattern]) -> list[Pattern]:
    """The patterns in the order of their numbers in the database: the caller's, then the engine's own probe."""
    hidden = hidden_by_view(word for pattern in patterns for word in pattern.keywords)
    return [*patterns] if hidden is None else [*patterns, hidden]


class FastEngine:
    """An Engine over a compiled Hyperscan database; safe to share between threads.

    `database` holds `hunted(patterns)` in that order, in block mode, without start-of-match.
    """

    name = "fast"

    def __init__(self, patterns: Sequence[Pattern], database: hyperscan.Database) -> None:
        self._size = len(patterns)
        self._patterns = hunted(patterns)
        self._hidden = self._size if len(self._patterns) > self._size else None
        self._confirmers = [Confirmer(index, pattern) for index, pattern in enumerate(self._patterns)]
        self._database = database
        self._scratch = hyperscan.Scratch(database)
        self._local = threading.local()

    def scan(self, text: bytes) -> list[Span]:
        """See `Engine.scan`."""
        spans = through_view(text, self._spans, self._hidden)
        if self._hidden is not None and spans:
            return [span for span in spans if span.pattern < self._size]
        return spans

    def _spans(self, text: bytes) -> list[Span]:
        scratch, seen, note = self._of_this_thread()
        self._database.scan(text, match_event_handler=note, scratch=scratch)
        if not seen:
            return []
        ends: dict[int, list[int]] = {}
        for pattern, end in seen:
            ends.setdefault(pattern, []).append(end)
        seen.clear()
        spans: list[Span] = []
        for pattern, offsets in ends.items():
            if self._patterns[pattern].probe:
                spans.append(Span(pattern, 0, 0, 0, 0))
            else:
                spans.extend(self._confirmers[pattern].spans(text, offsets))
        return sorted(spans)

    def _of_this_thread(self) -> tuple[hyperscan.Scratch, list[tuple[int, int]], Any]:
        """Hyperscan needs one scratch a thread; the list collects the events of one call."""
        known = getattr(self._local, "known", None)
        if known is None:
            seen: list[tuple[int, int]] = []

            def note(pattern: int, start: int, end: int, flags: int, context: object) -> None:
                seen.append((pattern, end))

            known = self._local.known = (self._scratch.clone(), seen, note)
        return known  # type: ignore[no-any-return]  # threading.local is untyped
