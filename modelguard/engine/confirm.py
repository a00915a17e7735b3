"""Where exactly: the rule's own pattern, run by `re` in a bounded window around what the fast engine saw.

The spans are those that `re.finditer` over the whole text would give. A match of the pattern holds the end of a match
of its hunting form, so it lies within `width` bytes of that end, on either side; windows that touch are joined, so the
order of matches is decided within one window. `tests/engine/test_agreement.py` holds both engines to this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from modelguard.engine.interface import Pattern, Span
from modelguard.engine.views import EDGE, readings

_SEEN_BEYOND = 2  # `\b` and one-character lookarounds look this far past a match, at most


class Confirmer:
    """One pattern's `re` form, compiled when it is first needed."""

    __slots__ = ("_end", "_index", "_pattern", "_regex", "_value")

    def __init__(self, index: int, pattern: Pattern) -> None:
        self._index = index
        self._pattern = pattern
        self._regex: re.Pattern[bytes] | None = None
        self._end: re.Pattern[bytes] | None = None
        self._value = 0

    def spans(self, text: bytes, ends: Iterable[int] | None = None) -> Iterator[Span]:
        """The pattern's spans.

        Without `ends`, those in `text` as it stands. With the offsets that the fast engine gave, those in `text` and in
        its view.
        """
        regex = self._regex or self._compile()
        if ends is None:
            yield from (self._span(text, found, 0) for found in regex.finditer(text))
            return
        for start, stop in self._windows(ends, len(text)):
            first = max(0, start - EDGE)
            last = stop + self._pattern.limit + EDGE
            for reading in readings(text[first:last]):
                for found in _within(regex, reading, start - first, stop - first):
                    yield self._span(reading, found, first)

    def _compile(self) -> re.Pattern[bytes]:
        regex = re.compile(self._pattern.regex.encode("ascii"))
        self._value = regex.groupindex["value"]
        if self._pattern.end is not None:
            self._end = re.compile(self._pattern.end.encode("ascii"))
        self._regex = regex
        return regex

    def _windows(self, ends: Iterable[int], size: int) -> Iterator[tuple[int, int]]:
        width = self._pattern.width
        start = stop = -1
        for end in sorted(ends):
            if end - width > stop:
                if stop >= 0:
                    yield start, stop
                start = max(0, end - width)
            stop = min(size, end + width)
        if stop >= 0:
            yield start, stop

    def _span(self, text: bytes, found: re.Match[bytes], first: int) -> Span:
        start, end = found.span()
        value_start, value_end = found.span(self._value)
        if self._end is not None:
            close = self._end.search(text, end, end + self._pattern.limit)
            end = value_end = close.end() if close else min(len(text), end + self._pattern.limit)
        return Span(self._index, start + first, end + first, value_start + first, value_end + first)


def _within(regex: re.Pattern[bytes], text: bytes, start: int, stop: int) -> Iterator[re.Match[bytes]]:
    """The matches in a window that are matches of the whole text: none that only the window's edge made possible."""
    seen = stop + _SEEN_BEYOND
    while (found := regex.search(text, start, seen)) is not None:
        if found.end() <= stop:
            yield found
            start = found.end()
        else:
            start = found.start() + 1
