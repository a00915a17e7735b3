"""Keywords and `re`, nothing else: the oracle of the fast engine, and its stand-in where it has no wheel."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modelguard.engine.confirm import Confirmer
from modelguard.engine.interface import Pattern, Span
from modelguard.engine.views import hidden_by_view, through_view


class PlainEngine:
    """An Engine that looks for each pattern on its own."""

    name = "plain"

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        hidden = hidden_by_view(word for pattern in patterns for word in pattern.keywords)
        self._size = len(patterns)
        self._hidden = None if hidden is None else len(patterns)
        patterns = [*patterns] if hidden is None else [*patterns, hidden]
        self._keywords = [tuple(word.encode() for word in pattern.keywords) for pattern in patterns]
        self._confirmers = [Confirmer(index, pattern) for index, pattern in enumerate(patterns)]
        self._probes = {i: re.compile(p.hunt.encode()) for i, p in enumerate(patterns) if p.probe}

    def scan(self, text: bytes) -> list[Span]:
        """See `Engine.scan`."""
        return [span for span in through_view(text, self._spans, self._hidden) if span.pattern < self._size]

    def _spans(self, text: bytes) -> list[Span]:
        lower = text.lower()
        spans: list[Span] = []
        for index, confirmer in enumerate(self._confirmers):
            keywords = self._keywords[index]
            if keywords and not any(word in lower for word in keywords):
                continue
            if index not in self._probes:
                spans.extend(confirmer.spans(text))
            elif self._probes[index].search(text):
                spans.append(Span(index, 0, 0, 0, 0))
        return sorted(spans)
