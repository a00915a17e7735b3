"""Arrays of Arrow in pickles, as pandas 3 has text: all strings of a column on end, and elsewhere where each begins.

What `pyarrow.lib._restore_array` is called with: type, length, nulls, offset, buffers, children and dictionary of an
array (pyarrow's `array.pxi`, `_reduce_array_data`). What the buffers hold:
https://arrow.apache.org/docs/format/Columnar.html. A pickle names the column only behind it: see `arrow_names.py`.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Covered, Limits, Member, Piece, Problem, entries
from modelguard.readers.kinds import is_file
from modelguard.readers.members import Held
from modelguard.readers.pickles.arrow_names import Column, arguments_of, column_of, items_of, type_of
from modelguard.readers.pickles.nodes import OBJECT, Built, Item, Literal

_WIDTHS = {b"string": 4, b"binary": 4, b"large_string": 8, b"large_binary": 8}
_VIEWS = (b"string_view", b"binary_view")
_VIEW_BYTES = 16
_INLINE = 12
_ROWS = 64 * 1024
_TEXT_BYTES = 1024 * 1024
_FILES_FROM = 64
_DEEPEST = 20
_MOST_ARRAYS = 100_000
_HEADS = {ord("C"): 2, ord("U"): 2, ord("B"): 5, ord("T"): 5, 0x8E: 9, 0x96: 9}
_TEXT_HEADS = {0x8C: 2, ord("X"): 5, 0x8D: 9}

Range = tuple[int, int]


class _Bad(Exception):
    """An array is not as it must be."""


class _Buffer:
    """The bytes of a buffer, which stand in the pickle as they are, or written as text."""

    def __init__(self, blob: Blob, literal: Literal, limits: Limits) -> None:
        self._blob = blob
        self._literal = literal
        self._held: bytes | None = None
        head = blob.read(literal.start, literal.start + 1)[0]
        self._start = literal.start + _HEADS.get(head, 0)
        self.size = literal.end - self._start
        if head not in _HEADS:
            if self.size > limits.budget.held_bytes:
                raise _Bad
            limits.spend(self.size)
            self._held = _as_bytes(blob.read(literal.start, literal.end))
            self.size = len(self._held)

    @property
    def stands(self) -> bool:
        """Whether its bytes stand in the pickle as they are; else it is looked at as it is written, too."""
        return self._held is None

    def read(self, start: int, end: int) -> bytes:
        """A range of its bytes."""
        start, end = min(start, self.size), min(end, self.size)
        if self._held is not None:
            return self._held[start:end]
        return self._blob.read(self._start + start, self._start + end)

    def span(self, start: int, end: int) -> Range:
        """Which bytes of the blob these are."""
        if self._held is not None:
            return self._literal.start, self._literal.end
        return self._start + start, self._start + end


def _as_bytes(written: bytes) -> bytes:
    """Bytes that protocols 0 to 2 write as text, a letter a byte."""
    skip = _TEXT_HEADS.get(written[0])
    try:
        text = written[1:-1].decode("raw-unicode-escape") if skip is None else written[skip:].decode()
        return text.encode("latin-1")
    except ValueError:
        raise _Bad from None


def held_by(call: Item) -> Literal | None:
    """The string that a call of `py_buffer` is given, be it within a call of `bytearray`."""
    for _ in range(3):
        if not isinstance(call, Built) or call.kind != OBJECT:
            break
        call = next(iter(arguments_of(call)), None)
    return call if isinstance(call, Literal) else None


class Arrays:
    """The arrays in the pickles of one blob."""

    def __init__(self, blob: Blob) -> None:
        self.made: list[Built] = []
        self._are_too_many = False
        self.repeated: set[int] = set()
        self._blob = blob

    def note(self, made: Built) -> None:
        """An array that a pickle makes."""
        if len(self.made) < _MOST_ARRAYS:
            self.made.append(made)
        else:
            self._are_too_many = True

    def pieces(self, limits: Limits) -> Iterator[Piece]:
        """Each string of each array, by its row and column. What is left of the buffers is looked at as it stands."""
        made, self.made = self.made, []
        is_bad = False
        for each in made:
            try:
                (data,) = items_of(each.items[1])
                yield from self._array(data, column_of(each), limits, 0)
            except (_Bad, IndexError, ValueError):
                is_bad = True
        if self._are_too_many:
            yield Problem(GapReason.OVER_BUDGET, f"it holds more than {_MOST_ARRAYS} Arrow arrays")
            self._are_too_many = False
        if is_bad:
            yield Problem(GapReason.MALFORMED, "an Arrow array in it is not as it should be")

    def _array(self, data: Item, column: Column, limits: Limits, depth: int) -> Iterator[Piece]:
        limits.check_time()
        kind, length, _, offset, listed, children, dictionary, *_ = items_of(data)
        if depth > _DEEPEST or not isinstance(length, int) or not isinstance(offset, int):
            raise _Bad
        literals = [held_by(each) for each in items_of(listed)]
        named = type_of(kind)
        column = column.behind(offset)
        if named in _VIEWS:
            yield from self._views(literals, column, limits)
        elif len(literals) == 3 and literals[1] is not None and literals[2] is not None:
            yield from self._strings(literals[1], literals[2], named, length + offset, column, limits)
        for number, child in enumerate(items_of(children)):
            inner = column.of_list() if len(literals) == 2 else column.of_field(number)
            yield from self._array(child, inner, limits, depth + 1)
        if dictionary is not None:
            yield from self._array(dictionary, column.of_values(), limits, depth + 1)

    def _strings(
        self, where: Literal, what: Literal, kind: bytes, least: int, column: Column, limits: Limits
    ) -> Iterator[Piece]:
        """Every string that the offsets tell of, also those before and behind what the array shows."""
        offsets, data = _Buffer(self._blob, where, limits), _Buffer(self._blob, what, limits)
        width = _WIDTHS.get(kind) or _width(offsets, data, least)
        count = offsets.size // width - 1
        if least > max(0, count):
            raise _Bad
        before = 0
        for first in range(0, count, _ROWS):
            limits.check_time()
            some = _numbers(offsets.read(first * width, (min(count, first + _ROWS) + 1) * width), width)
            if some[0] < before or some[-1] > data.size or sorted(some) != some:
                raise _Bad
            before = some[-1]
            spans = list(pairwise(some))
            yield from self._told(data, spans, first, column, id(what) in self.repeated or not data.stands, limits)

    def _told(
        self, data: _Buffer, spans: Sequence[Range], first: int, column: Column, again: bool, limits: Limits
    ) -> Iterator[Piece]:
        """Strings that stand one behind the other, some MiB a time."""
        ends = [end for _, end in spans]
        done = 0
        while done < len(spans):
            start = spans[done][0]
            last = max(done + 1, bisect_right(ends, start + _TEXT_BYTES))
            end = ends[last - 1]
            if end - start > limits.budget.held_bytes:
                raise _Bad
            limits.spend(end - start)
            whole = data.read(start, end)
            cells = [whole[low - start : high - start] for low, high in spans[done:last]]
            yield from _cells(
                self._blob, cells, [data.span(*each) for each in spans[done:last]], column, first + done, again
            )
            if data.stands:
                yield Covered(*data.span(start, end))
            done = last

    def _views(self, literals: Sequence[Literal | None], column: Column, limits: Limits) -> Iterator[Piece]:
        """Strings that stand in any order in any of several buffers; short ones stand by themselves."""
        views, *others = [None if each is None else _Buffer(self._blob, each, limits) for each in literals[1:]]
        if views is None:
            return
        count = views.size // _VIEW_BYTES
        step = _ROWS // 4
        for first in range(0, count, step):
            data = views.read(first * _VIEW_BYTES, min(count, first + step) * _VIEW_BYTES)
            cells: list[bytes] = []
            spans: list[Range] = []
            for at in range(0, len(data), _VIEW_BYTES):
                length, _, number, start = _numbers(data[at : at + _VIEW_BYTES], 4)
                source, begin = views, first * _VIEW_BYTES + at + 4
                if length > _INLINE:
                    other = others[number] if 0 <= number < len(others) else None
                    if other is None or not 0 <= start <= other.size - length:
                        raise _Bad
                    source, begin = other, start
                limits.spend(max(0, length))
                cells.append(source.read(begin, begin + max(0, length)))
                spans.append(source.span(begin, begin + max(0, length)))
            yield from _cells(self._blob, cells, spans, column, first, True)


def _cells(
    blob: Blob, cells: list[bytes], spans: list[Range], column: Column, first: int, again: bool
) -> Iterator[Piece]:
    """Strings as a text; one that is a file of some kind is opened."""
    for number, cell in enumerate(cells):
        if len(cell) >= _FILES_FROM and is_file(cell):
            yield Member(Held(blob, column.place(first + number), cell, *spans[number]))
            cells[number] = b""
    texts = [column.before + cell for cell in cells] if column.before else cells
    yield entries(texts, lambda number: column.place(first + number), spans.__getitem__, again)


def _width(offsets: _Buffer, data: _Buffer, count: int) -> int:
    """Of how many bytes offsets are whose type is not known: those that end where the strings do, or narrow ones."""
    last = offsets.read(count * 8, count * 8 + 8)
    return 8 if len(last) == 8 and int.from_bytes(last, "little") == data.size else 4


def _numbers(data: bytes, width: int) -> list[int]:
    numbers = array("q" if width == 8 else "i", data[: len(data) - len(data) % width])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()
