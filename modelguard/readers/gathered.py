"""What is gathered of a blob that is told string by string: the strings, what stands between them, what they cover.

Nothing is covered before it was told: the pieces come in that order, whatever breaks off between two of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from modelguard.readers.interface import Covered, Limits, Piece, Spans, Text, entries
from modelguard.readers.shapes import UNKNOWN, Shape, Step, root
from modelguard.readers.wire import Source

LONG = 1 << 20
"""Bytes of a string or of numbers that stay as they stand."""

SHORTEST_BETWEEN = 8
"""What stands between two strings and is shorter than any value is not told."""

_NEWLINE = b"\n"
_FULL_BYTES = 1 << 20
_FULL_TEXTS = 50_000

_ONE_EACH = re.compile(rb"([\x08-\x78])[ -~](?:\1[ -~]){7,}", re.DOTALL)
"""Numbers below 128 that stand each behind the same tag: code points, one a field."""

_CONTROLS = bytes(byte for byte in range(0x20) if byte not in b"\t\n\r\x1b") + b"\x7f"


class Top(NamedTuple):
    """The message that is told, not within another one."""

    step: Step
    shape: Shape
    start: int
    end: int


class Leaf(NamedTuple):
    """Where a text is from.

    `before` bytes of the text stand elsewhere: the key of a pair. `is_part` says that it is a part of a string.
    What stands between strings has no step of its own: its name is looked up where it is asked for.
    """

    step: Step | Top
    start: int
    end: int
    before: int = 0
    is_part: bool = False


class Gathered:
    """Strings of a blob, in the order in which they stand. `spans`: see `messages.Teller`."""

    def __init__(self, source: Source, limits: Limits, spans: Spans | None) -> None:
        self.source = source
        self._limits = limits
        self._spans = spans
        self._top = Top(root(), UNKNOWN, 0, 0)
        self._texts: list[bytes] = []
        self._leaves: list[Leaf] = []
        self._again: tuple[list[bytes], list[Leaf]] = ([], [])
        self._size = 0
        self._remarks: list[tuple[bytes, Leaf, str]] = []
        self._covers: list[tuple[int, int]] = []
        self._cover_from = 0
        self._told_to = 0

    def within(self, step: Step, shape: Shape, start: int, end: int) -> None:
        """Say what message is told next, for names of what stands between its strings."""
        self._top = Top(step, shape, start, end)

    def passed(self, start: int, end: int) -> None:
        """Go past a range that is told by others, or need not be: it is covered with the next flush."""
        self._between(start)
        self._told_to = end

    def leave(self, start: int, end: int) -> None:
        """Leave a range as it stands: it is long, or not understood."""
        self._between(start)
        self._covers.append((self._cover_from, start))
        self._cover_from = self._told_to = end

    def flush(self) -> Iterator[Piece]:
        """What was gathered, and then what is covered by that."""
        self._limits.spend(self._size)
        if self._texts:
            yield _entries(self._texts, self._leaves, self._spans, self._name)
        if self._again[0]:
            yield _entries(*self._again, self._spans, self._name, again=True)
        for text, leaf, sort in self._remarks:
            yield _remark(text, leaf, sort, self._name)
        self._texts, self._leaves, self._size, self._remarks = [], [], 0, []
        self._again = ([], [])
        self._covers.append((self._cover_from, self._told_to))
        for start, end in self._covers if self._spans is None else ():
            if start < end:
                yield Covered(start, end)
        self._covers = []
        self._cover_from = self._told_to

    def _is_full(self) -> bool:
        return self._size >= _FULL_BYTES or len(self._texts) + len(self._again[0]) >= _FULL_TEXTS

    def _keep(self, text: bytes, leaf: Leaf) -> None:
        self._texts.append(text)
        self._leaves.append(leaf)
        self._size += len(text) + 1

    def _keep_again(self, text: bytes, leaf: Leaf) -> None:
        """A text that names what another one holds."""
        self._again[0].append(text)
        self._again[1].append(leaf)
        self._size += len(text) + 1

    def _remark(self, text: bytes, leaf: Leaf, sort: str) -> None:
        """A text of its own sort."""
        self._remarks.append((text, leaf, sort))

    def _between(self, to: int) -> None:
        """The numbers, tags and lengths up to where something is told."""
        start = self._told_to
        self._told_to = max(start, to)
        if to - start < SHORTEST_BETWEEN:
            return
        if to - start > LONG and self._spans is None:
            self._covers.append((self._cover_from, start))
            self._cover_from = to
            return
        text = self.source.bytes(start, to)
        self._keep(text, Leaf(self._top, start, to))
        for found in _ONE_EACH.finditer(text) if to - start >= 2 * SHORTEST_BETWEEN else ():
            self._keep(found[0][1::2], Leaf(self._top, start + found.start(), start + found.end()))

    def _name(self, leaf: Leaf) -> str:
        """What the place of a text is called."""
        raise NotImplementedError


def is_text(data: bytes) -> bool:
    """Whether these bytes are UTF-8 without control characters."""
    if len(data.translate(None, _CONTROLS)) != len(data):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _entries(
    texts: list[bytes], leaves: list[Leaf], spans: Spans | None, named: Callable[[Leaf], str], again: bool = False
) -> Text:
    """Entries whose places are leaves; where one has several lines, their places are `name:1`, `name:2` and so on."""
    starts: list[int] = []
    at = 0
    for text in texts:
        starts.append(at)
        at += len(text) + 1
    whole = b"\n".join(texts)

    def name(offset: int) -> str:
        number = max(0, bisect_right(starts, offset) - 1)
        shown_as = named(leaves[number])
        text = texts[number]
        if leaves[number].is_part or b"\n" not in text.rstrip() or not is_text(text):
            return shown_as
        return f"{shown_as}:{text.count(_NEWLINE, 0, offset - starts[number]) + 1}"

    def span(first: int, last: int) -> tuple[int, int]:
        number = max(0, bisect_right(starts, first) - 1)
        leaf = leaves[number]
        begin = leaf.start + max(0, first - starts[number] - leaf.before)
        end = leaf.start + max(0, last - starts[number] - leaf.before)
        begin, end = min(begin, leaf.end), min(max(begin, end), leaf.end)
        return (begin, end) if spans is None else spans(begin, end)

    return Text(whole, name, span, starts, again)


def _remark(text: bytes, leaf: Leaf, sort: str, named: Callable[[Leaf], str]) -> Text:
    return entries([text], lambda _: named(leaf), lambda _: (leaf.start, leaf.end), sort=sort)
