"""Keywords and `re`, nothing else: the oracle of the fast engine, and its stand-in where it has no wheel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelguard.engine.confirm import Confirmers
from modelguard.engine.hidden import MAY_HIDE, Forms, hints
from modelguard.engine.interface import Asked, Held, Hint, Pattern, Scan, Span
from modelguard.engine.literals import Literals
from modelguard.engine.views import readings
from modelguard.engine.wide import wide_keywords, wide_literals


class PlainEngine:
    """An Engine that looks for each pattern on its own."""

    name = "plain"

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = list(patterns)
        self._forms: Forms | None = None
        self._wide: Literals | None = None
        self._named: dict[bytes, list[int]] = {}
        for index, pattern in enumerate(self._patterns):
            for word in pattern.keywords:
                self._named.setdefault(word.encode(), []).append(index)
        self._keywords = Literals(self._named)
        self._unnamed = [index for index, pattern in enumerate(self._patterns) if not pattern.keywords]
        self._confirmers = Confirmers(self._patterns)

    def scan(self, text: bytes, wanted: Callable[[int], bool] = lambda pattern: True) -> Scan:
        """See `Engine.scan`."""
        return Scan(self.spans(text, wanted), b"\0" in text and self._may_be_wide(text.lower()), self._hidden(text))

    def spans(self, text: bytes, wanted: Callable[[int], bool] = lambda pattern: True) -> list[Span]:
        """The spans of `scan`, for whoever asks for no more."""
        spans: set[Span] = set()
        held: dict[int, list[bytes]] = {}
        for reading in readings(text):
            words = self._keywords.held_in(reading.lower())
            for index in {*self._unnamed, *(index for word in words for index in self._named[word])}:
                held.setdefault(index, []).append(reading)
        for index, texts in held.items():
            if wanted(index):
                for reading in texts:
                    spans.update(self._confirmers[index].spans(reading))
        return sorted(spans)

    def glued(self, text: bytes) -> set[int]:
        """See `Engine.glued`."""
        found: set[int] = set()

        def note(pattern: int) -> bool:
            found.add(pattern)
            return False

        self.spans(text, note)
        return found

    def holds(self, asked: Sequence[Asked], passes: Callable[[bytes, Span], bool]) -> list[Held]:
        """See `Engine.holds`: it looks at all of each text."""
        return [self._held(text, passes) for text, _ in asked]

    def _held(self, text: bytes, passes: Callable[[bytes, Span], bool]) -> Held:
        spans, wide, hidden = self.scan(text)
        return Held({span.pattern for span in spans if passes(text, span)}, wide, True, hidden)

    def _may_be_wide(self, lower: bytes) -> bool:
        if self._wide is None:
            self._wide = Literals(wide_literals(wide_keywords(self._patterns)))
        return next(self._wide.held_in(lower), None) is not None

    def _hidden(self, text: bytes) -> tuple[Hint, ...]:
        """What may be hidden in a text. What to look for is worked out when a text first looks as if there were any."""
        if MAY_HIDE.search(text) is None:
            return ()
        if self._forms is None:
            self._forms = Forms(self._patterns)
        return hints(text, self._forms.ends_in(text))
