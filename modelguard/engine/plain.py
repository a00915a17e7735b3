"""Keywords and `re`, nothing else: the oracle of the fast engine, and its stand-in where it has no wheel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelguard.engine.confirm import Confirmer
from modelguard.engine.hidden import MAY_HIDE, Forms, hints
from modelguard.engine.interface import Asked, Held, Hint, Pattern, Scan, Span
from modelguard.engine.views import readings
from modelguard.engine.wide import wide_keywords, wide_literals


class PlainEngine:
    """An Engine that looks for each pattern on its own."""

    name = "plain"

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = patterns
        self._forms: Forms | None = None
        self._keywords = [tuple(word.encode() for word in pattern.keywords) for pattern in patterns]
        self._wide: list[bytes] | None = None
        self._confirmers = [Confirmer(index, pattern) for index, pattern in enumerate(patterns)]

    def scan(self, text: bytes, wanted: Callable[[int], bool] = lambda pattern: True) -> Scan:
        """See `Engine.scan`."""
        return Scan(self.spans(text, wanted), b"\0" in text and self._may_be_wide(text.lower()), self._hidden(text))

    def spans(self, text: bytes, wanted: Callable[[int], bool] = lambda pattern: True) -> list[Span]:
        """The spans of `scan`, for whoever asks for no more."""
        spans: set[Span] = set()
        seen = [(reading, reading.lower()) for reading in readings(text)]
        for index, keywords in enumerate(self._keywords):
            held = [reading for reading, lower in seen if not keywords or any(word in lower for word in keywords)]
            if held and wanted(index):
                for reading in held:
                    spans.update(self._confirmers[index].spans(reading))
        return sorted(spans)

    def holds(self, asked: Sequence[Asked], passes: Callable[[bytes, Span], bool]) -> list[Held]:
        """See `Engine.holds`: it looks at all of each text."""
        return [self._held(text, passes) for text, _ in asked]

    def _held(self, text: bytes, passes: Callable[[bytes, Span], bool]) -> Held:
        spans, wide, hidden = self.scan(text)
        return Held({span.pattern for span in spans if passes(text, span)}, wide, True, hidden)

    def _may_be_wide(self, lower: bytes) -> bool:
        if self._wide is None:
            self._wide = wide_literals(wide_keywords(self._patterns))
        return any(word in lower for word in self._wide)

    def _hidden(self, text: bytes) -> tuple[Hint, ...]:
        """What may be hidden in a text. What to look for is worked out when a text first looks as if there were any."""
        if MAY_HIDE.search(text) is None:
            return ()
        if self._forms is None:
            self._forms = Forms(self._patterns)
        return hints(text, self._forms.ends_in(text))
