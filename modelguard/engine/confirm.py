"""Where exactly: the rule's own pattern, run by `re` in a bounded window around what the fast engine saw.

The spans are those that `re.finditer` over the whole text would give. A match of the pattern holds the end of a match
of its hunting form, so it lies within `width` bytes of that end, on either side; windows that touch are joined, so the
order of matches is decided within one window. `tests/engine/test_agreement.py` holds both engines to this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from modelguard.engine.common import has_shape
from modelguard.engine.interface import MAX_END_WIDTH, Pattern, Span, Tail
from modelguard.engine.views import readings

_CLOSE, _DENSE, _STEP = 16, 64, 32
_REMEMBERED_BYTES = 1024 * 1024
_SEEN_BEYOND = 2  # `\b` and one-character lookarounds look this far past a match, at most


class Confirmers(dict[int, "Confirmer"]):
    """The confirmers of patterns, by number; each is made when it is first asked for."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        super().__init__()
        self._patterns = patterns

    def __missing__(self, number: int) -> Confirmer:
        made = self[number] = Confirmer(number, self._patterns[number])
        return made


class Confirmer:
    """One pattern's `re` form.

    It remembers what it said of windows for as long as they take a few megabytes: the versions of a file in a history
    hold the same ones again and again (measured on 1.5 GB of them: 9 of 10).
    """

    __slots__ = (
        "_holds",
        "_index",
        "_pattern",
        "_reach",
        "_remembered",
        "_said",
    )

    def __init__(self, index: int, pattern: Pattern) -> None:
        self._index = index
        self._pattern = pattern
        self._said: dict[tuple[bytes, int, int], tuple[Span, ...]] = {}
        self._holds: dict[tuple[bytes, int, int], bool] = {}
        self._remembered = 0
        self._reach = pattern.limit + max(pattern.width, MAX_END_WIDTH) + _SEEN_BEYOND if pattern.limit else 0

    def spans(self, text: bytes, ends: Iterable[int] | None = None) -> Iterator[Span]:
        """The pattern's spans.

        Without `ends`, those in `text` as it stands. With the offsets that the fast engine gave, those in `text` and in
        its view.
        """
        if ends is None:
            yield from self._within(text, 0, len(text))
            return
        for first, last, start, stop in self._windows(text, ends):
            for span in self._in_window(text[first:last], start - first, stop - first):
                yield span.moved(first)

    def holds(self, text: bytes, ends: Sequence[int], passes: Callable[[bytes, Span], bool]) -> bool:
        """Whether one of the spans in `text`, of which the fast engine gave the offsets `ends`, passes a test.

        `passes` is asked with a part of the text and a span in it, and what it says of a part is remembered.
        """
        known = self._holds
        for first, last, start, stop in self._windows(text, ends):
            key = (text[first:last], start - first, stop - first)
            if key not in known:
                self._make_room(last - first, known)
                known[key] = any(passes(key[0], span) for span in self._spans_in(*key))
            if known[key]:
                return True
        return False

    def _windows(self, text: bytes, ends: Iterable[int]) -> list[tuple[int, int, int, int]]:
        """The parts of a text to look at: from and to where, and between which offsets a match may lie."""
        if self._pattern.one_line:
            return self._lines(text, ends)
        width, size, edge = self._pattern.width, len(text), self._pattern.edge
        beyond = self._reach + edge
        found: list[tuple[int, int, int, int]] = []
        start = stop = -1
        for end in sorted(ends):
            if end - width > stop:
                if stop >= 0:
                    found.append((start - edge if start > edge else 0, stop + beyond, start, stop))
                start = end - width if end > width else 0
            stop = end + width
        if stop >= 0:
            stop = stop if stop < size else size
            found.append((start - edge if start > edge else 0, stop + beyond, start, stop))
        return found

    def _lines(self, text: bytes, ends: Iterable[int]) -> list[tuple[int, int, int, int]]:
        """The same, where a match keeps to its line: no more than that, with the line breaks around it.

        So versions of a file share most of what is looked at, and nothing around a line makes it new.
        """
        width, size, edge = self._pattern.width, len(text), self._pattern.edge
        found: list[tuple[int, int, int, int]] = []
        first = start = stop = -1
        whole = False  # the part ends with its line
        for end in sorted(ends):
            if whole and end <= stop:
                continue
            low = end - width if end > width else 0
            newline = text.rfind(b"\n", low, end)
            begin = low if newline < 0 else newline + 1
            if begin > stop:
                if stop >= 0:
                    found.append((first, stop + 1 if whole else stop + edge, start, stop))
                start = begin
                first = newline if newline >= 0 else low - edge if low > edge else 0
            newline = text.find(b"\n", end, end + width)
            whole = newline >= 0
            stop = newline if whole else min(end + width, size)
        if stop >= 0:
            found.append((first, stop + 1 if whole else stop + edge, start, stop))
        return found

    def _in_window(self, window: bytes, start: int, stop: int) -> tuple[Span, ...]:
        """The spans in a window and in its view, whose matches lie between `start` and `stop`."""
        key = (window, start, stop)
        said = self._said.get(key)
        if said is None:
            said = tuple(self._spans_in(*key))
            self._make_room(len(window), self._said)
            self._said[key] = said
        return said

    def _spans_in(self, window: bytes, start: int, stop: int) -> Iterator[Span]:
        return (span for reading in readings(window) for span in self._within(reading, start, stop))

    def _make_room(self, size: int, said: dict[Any, Any]) -> None:
        """Forget everything where what is remembered has grown too large."""
        self._remembered += size
        if self._remembered > _REMEMBERED_BYTES:
            said.clear()
            self._remembered = size

    def _within(self, text: bytes, start: int, stop: int) -> Iterator[Span]:
        """The spans of matches between `start` and `stop`."""
        pattern = self._pattern
        windows = self._around_tails(text, start, stop)
        if not windows:
            return
        regex = _compiled(pattern.regex)
        value = regex.groupindex["value"]
        closes = None
        if pattern.end is not None:
            closes = _Closes(_close(pattern.end, pattern.regex), text, pattern.limit, self._reach)
        for low, high in windows:
            for found in _matches(regex, text, low, high):
                value_start, value_end = found.span(value)
                end = found.end()
                if pattern.common and not has_shape(text[value_start:value_end]):
                    continue
                if closes is not None:
                    end = value_end = closes.after(end)
                yield Span(self._index, found.start(), end, value_start, value_end)

    def _around_tails(self, text: bytes, start: int, stop: int) -> Sequence[tuple[int, int]]:
        """The parts of a window that can hold a match: where each tail matches, and as far before as the next may."""
        windows = [(start, stop)]
        for number, tail in enumerate(self._pattern.tails):
            regex = _tail(self._pattern.regex, tail.start)
            windows = _before_tails(regex, tail, text, windows, start, number == 0)
            if not windows:
                break
        return windows


@cache
def _compiled(regex: str) -> re.Pattern[bytes]:
    """Compiled when it is first needed: of most patterns with parts only the last is, and many share that."""
    return re.compile(regex.encode("ascii"))


@cache
def _tail(regex: str, start: int) -> re.Pattern[bytes]:
    return _compiled(regex[start:])


@cache
def _close(end: str, regex: str) -> re.Pattern[bytes]:
    return _compiled(f"(?P<close>{end})|{regex}")


class _Closes:
    """Where unbounded matches end. Each part of the text is searched once, however many of them begin in it.

    The next start ends a match, too: a text of starts without an end would else be as many values of `limit` bytes.
    """

    def __init__(self, close: re.Pattern[bytes], text: bytes, limit: int, reach: int) -> None:
        self._close, self._text, self._limit, self._reach = close, text, limit, reach
        self._found: re.Match[bytes] | None = None
        self._searched = 0

    def after(self, start: int) -> int:
        """The end of the first close after `start` if it ends within `limit` bytes, or else of these. Starts ascend.

        It is looked for beyond the limit, so that its own length never depends on where a search had to stop.
        """
        stop = min(len(self._text), start + self._limit)
        if self._found is not None and self._found.start() < start:
            self._found = None
        if self._found is None and self._searched < stop:
            self._found = self._close.search(self._text, max(start, self._searched), start + self._reach)
            self._searched = stop if self._found is None else self._found.start()
        if self._found is None:
            return stop
        return min(stop, self._found.start() if self._found["close"] is None else self._found.end())


def _before_tails(
    regex: re.Pattern[bytes], tail: Tail, text: bytes, windows: Iterable[tuple[int, int]], start: int, shortest: bool
) -> list[tuple[int, int]]:
    """Where a match can be, for each place at which its tail, `regex`, matches: it ends where that ends.

    Windows from a shorter tail end there already, so of a longer one those within `_STEP` bytes count as one; and those
    of the shortest, where a text holds one at nearly every byte.
    """
    search, before, step, same_line = regex.search, tail.before, _STEP + tail.width, tail.same_line
    joined: list[tuple[int, int]] = []
    first = last = -1
    for low, high in windows:
        stop = high + _SEEN_BEYOND
        dense = 0 if shortest else _DENSE
        while (found := search(text, low, stop)) is not None:
            at = found.start()
            begin = at - before if at - before > start else start
            if same_line:
                begin = max(begin, text.rfind(b"\n", begin, at) + 1, text.rfind(b"\r", begin, at) + 1)
            if dense < _DENSE:
                end = found.end()
                dense = dense + 1 if at < low + _CLOSE else 0
                low = at + 1
            else:
                end = at + step
                dense = _DENSE if at < low + _CLOSE or not shortest else 0
                low = at + _STEP
            end = end if end < high else high
            if begin > last:
                if last >= 0:
                    joined.append((first, last))
                first, last = begin, end
            elif end > last:
                last = end
    if last >= 0:
        joined.append((first, last))
    return joined


def _matches(regex: re.Pattern[bytes], text: bytes, start: int, stop: int) -> Iterator[re.Match[bytes]]:
    """The matches in a window that are matches of the whole text: none that only the window's edge made possible."""
    seen = stop + _SEEN_BEYOND
    while (found := regex.search(text, start, seen)) is not None:
        if found.end() > stop:  # what the edge made longer may be shorter in truth
            found = regex.match(text, found.start()) or found
        if found.end() <= stop:
            yield found
            start = found.end()
        else:
            start = found.start() + 1
