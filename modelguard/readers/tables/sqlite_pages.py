"""Pages of an SQLite file: trees of them, cells in these, and the values of a record.

Format: https://www.sqlite.org/fileformat2.html (sections are named below). No SQL is run and no library of SQLite's is
asked: a file may be damaged or lie.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from struct import unpack_from
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed

MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_TABLE_LEAF, _TABLE_INNER, _INDEX_LEAF, _INDEX_INNER = 13, 5, 10, 2
_INNER = (_TABLE_INNER, _INDEX_INNER)
_ENCODINGS = {2: "utf-16-le", 3: "utf-16-be"}
_BYTES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)
_MOST_COLUMNS = 40_000
_VARINTS = re.compile(rb"[\x80-\xff]*[\0-\x7f]")
_SHORTEST = 16
"""Free bytes of a page that are fewer are not looked at."""


Cell = tuple["int | None", bytes, int, int]
"""A record in a page: its row id (None in an index), its payload, and the bytes of the file in which it begins.

A plain tuple, since there are millions of them.
"""


class Page(NamedTuple):
    """A page of a tree: where it stands, its records, and the bytes that need not be looked at once these were told.

    `free` are ranges between these that hold something all the same.
    """

    start: int
    cells: list[Cell]
    told: tuple[tuple[int, int], ...]
    free: tuple[tuple[int, int], ...]


class Pages:
    """The pages of a database. Each is visited once, so trees that grow into themselves end.

    `encoding` is how texts are written. Raises `Malformed` where the header is none (section 1.3).
    """

    def __init__(self, blob: Blob, limits: Limits, head: bytes | None = None) -> None:
        head = blob.read(0, _HEADER_BYTES) if head is None else head
        size = int.from_bytes(head[16:18], "big")
        self.size = 65536 if size == 1 else size
        if len(head) < _HEADER_BYTES or self.size < 512 or self.size & (self.size - 1):
            raise Malformed("its header names no size of pages")
        self.encoding = _ENCODINGS.get(int.from_bytes(head[56:60], "big"), "utf-8")
        self._usable = self.size - head[20]
        if self._usable < 480:
            raise Malformed("its pages have too little room")
        self._least = (self._usable - 12) * 32 // 255 - 23  # a payload of so many bytes is in one page
        self._blob = blob
        self._limits = limits
        self._count = blob.size // self.size
        self._seen: set[int] = set()

    def tree(self, root: int) -> Iterator[Page]:
        """The pages of a tree, from left to right (section 1.6); a page that another tree has is not given again."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if not 0 < number <= self._count:
                raise Malformed("a page lies outside the file")
            if number in self._seen:
                continue
            self._seen.add(number)
            self._limits.check_time()
            page, children = self.page((number - 1) * self.size, number == 1)
            yield page
            waiting.extend(reversed(children))

    def unused(self) -> Iterator[Page]:
        """Pages that no tree has: those of a table that was dropped, say, and what is left of others."""
        for number in range(1, self._count + 1):
            start = (number - 1) * self.size
            if number in self._seen:
                continue
            self._limits.check_time()
            is_leaf = self._blob.read(start, start + 1) == bytes([_TABLE_LEAF])
            try:
                if is_leaf:
                    yield self.page(start, number == 1)[0]
                    continue
            except Malformed:
                pass
            if self._blob.read(start, start + self.size).strip(b"\0"):
                yield Page(start, [], (), ((start, start + self.size),))

    def where(self, number: int) -> int | None:
        """Where a page begins; None where it is not here."""
        return (number - 1) * self.size if 0 < number <= self._count else None

    def page(self, start: int, is_first: bool) -> tuple[Page, list[int]]:
        """The page that begins at a byte of the file, and the pages below it.

        Raises:
            Malformed: it is none of a tree, or not as it must be.
        """
        data = self._blob.read(start, start + self.size)
        base = _HEADER_BYTES if is_first else 0
        kind = data[base] if len(data) == self.size else 0
        if kind not in (_TABLE_LEAF, _TABLE_INNER, _INDEX_LEAF, _INDEX_INNER):
            raise Malformed("a page of a table is of another kind")
        first = base + (12 if kind in _INNER else 8)
        count = int.from_bytes(data[base + 3 : base + 5], "big")
        if first + 2 * count > self._usable:
            raise Malformed("a page has more cells than room")
        places: Sequence[int] = unpack_from(f">{count}H", data, first)
        if len(set(places)) < count:
            places = list(dict.fromkeys(places))
        cells: list[Cell] = []
        others: list[tuple[int, int]] = []
        pages: list[int] = []
        try:
            if kind in _INNER:
                ends = self._inner(data, kind, places, start, cells, others, pages)
                pages.append(int.from_bytes(data[base + 8 : base + 12], "big"))
            else:
                ends = self._leaf(data, kind == _TABLE_LEAF, places, start, cells, others)
        except IndexError:
            raise Malformed("a cell lies outside its page") from None
        within = [(0 if is_first else base, first + 2 * count), *_in_use(sorted(places), sorted(ends), self._usable)]
        told = list(_with_free(data, within))
        free = tuple((start + low, start + high) for (_, low), (high, _) in pairwise(told))
        spans = tuple((start + low, start + high) for low, high in told)
        return Page(start, cells, (*spans, *others), free), pages

    def _leaf(
        self,
        data: bytes,
        is_table: bool,
        places: Sequence[int],
        start: int,
        cells: list[Cell],
        others: list[tuple[int, int]],
    ) -> list[int]:
        """Add the cells of a leaf; returns where they end. There are millions: nothing is called for most of them."""
        ends: list[int] = []
        least = self._least
        rowid: int | None = None
        used = 0
        for at in places:
            length = data[at]
            first = at + 1
            if length > 127:
                length, first = ((length & 127) << 7 | data[first], at + 2) if data[first] < 128 else varint(data, at)
            if is_table:
                rowid = data[first]
                first += 1
                if rowid > 127:
                    rowid, first = varint(data, first - 1)
                    rowid -= (rowid >> 63) << 64
            end = first + length
            if length > least:
                payload, end = self._payload(data, length, first, is_table, others)
                cells.append((rowid, payload, start + at, start + end))
            else:
                cells.append((rowid, data[first:end], start + at, start + end))
            ends.append(end)
            used += end - at
            if used > self._usable:
                raise Malformed("the cells of a page lie over each other")
        return ends

    def _inner(
        self,
        data: bytes,
        kind: int,
        places: Sequence[int],
        start: int,
        cells: list[Cell],
        others: list[tuple[int, int]],
        pages: list[int],
    ) -> list[int]:
        """Add the cells of an inner page, and the pages below it; returns where the cells end."""
        ends: list[int] = []
        used = 0
        for at in places:
            pages.append(int.from_bytes(data[at : at + 4], "big"))
            length, end = varint(data, at + 4)
            if kind == _INDEX_INNER:
                payload, end = self._payload(data, length, end, False, others)
                cells.append((None, payload, start + at, start + end))
            ends.append(end)
            used += end - at
            if used > self._usable:
                raise Malformed("the cells of a page lie over each other")
        return ends

    def _payload(
        self, data: bytes, length: int, first: int, is_table: bool, others: list[tuple[int, int]]
    ) -> tuple[bytes, int]:
        """A payload that may go on in pages of its own, and where its cell ends in this page."""
        here = length if length <= self._least else self._here(length, is_table)
        end = first + here
        if end > self._usable:
            raise Malformed("a record does not end in its page")
        if here == length:
            return data[first:end], end
        more, spans = self._overflow(int.from_bytes(data[end : end + 4], "big"), length - here)
        others += spans
        return data[first:end] + more, end + 4

    def _here(self, length: int, is_table: bool) -> int:
        """How much of a payload stands in the page itself (section 1.6, "Cell payload overflow pages")."""
        usable = self._usable
        most = usable - 35 if is_table else (usable - 12) * 64 // 255 - 23
        if length <= most:
            return length
        least = self._least
        here = least + (length - least) % (usable - 4)
        return here if here <= most else least

    def _overflow(self, number: int, length: int) -> tuple[bytes, list[tuple[int, int]]]:
        """What of a payload stands in pages of its own."""
        room = self._usable - 4
        if length > (self._count - len(self._seen)) * room:
            raise Malformed("a record is longer than the file")
        if length > self._limits.budget.held_bytes:
            raise Malformed(f"a record is longer than {self._limits.budget.held_bytes} bytes")
        parts, spans = [], []
        while length > 0:
            start = self.where(number)
            if start is None or number in self._seen:
                raise Malformed("a record goes on in a page that is not its own")
            self._seen.add(number)
            data = self._blob.read(start, start + 4 + min(room, length))
            parts.append(data[4:])
            spans.append((start, start + len(data)))
            length -= min(room, length)
            number = int.from_bytes(data[:4], "big")
        return b"".join(parts), spans


def _in_use(starts: list[int], ends: list[int], usable: int) -> list[tuple[int, int]]:
    """The cells of a page, as one range where nothing stands between them."""
    if ends and ends[-1] > usable:
        raise Malformed("a record does not end in its page")
    if starts[1:] == ends[:-1]:
        return [(starts[0], ends[-1])] if starts else []
    return list(zip(starts, ends, strict=True))


def _with_free(data: bytes, within: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The ranges of a page that are in use, joined where nothing stands between them."""
    within.sort()
    low, high = within[0]
    for start, end in [*within[1:], (len(data), len(data))]:
        if start - high < _SHORTEST or not data[high:start].strip(b"\0"):
            high = max(high, end)
            continue
        yield low, high
        low, high = start, max(high, end)
    yield low, high


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes at an offset, and where it ends (section 1.6)."""
    some = data[at : at + 3]
    if len(some) == 3 and some[0] >= 0x80:  # those of two and three bytes are most
        if some[1] < 0x80:
            return (some[0] & 0x7F) << 7 | some[1], at + 2
        if some[2] < 0x80:
            return (some[0] & 0x7F) << 14 | (some[1] & 0x7F) << 7 | some[2], at + 3
    if some and some[0] < 0x80:
        return some[0], at + 1
    number = 0
    for place in range(9):
        if at >= len(data):
            raise Malformed("a number does not end")
        byte = data[at]
        at += 1
        if place == 8:
            return number << 8 | byte, at
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return number, at


def types_of(payload: bytes) -> tuple[Sequence[int], int]:
    """The serial types of a record's values, and where in it these begin (section 2.1)."""
    length, at = varint(payload, 0)
    head = payload[at:length]
    if head.isascii():  # each has one byte
        return head[:_MOST_COLUMNS], length
    written = _VARINTS.findall(head)
    if len(written) <= _MOST_COLUMNS and written and max(map(len, written)) <= 3 and head[-1] < 0x80:
        return [_short(each) if len(each) > 1 else each[0] for each in written], length
    types: list[int] = []
    while at < length and len(types) < _MOST_COLUMNS:
        kind, at = varint(payload, at)
        types.append(kind)
    return types, length


def _short(written: bytes) -> int:
    """A number of two or three bytes."""
    if len(written) == 2:
        return (written[0] & 0x7F) << 7 | written[1]
    return (written[0] & 0x7F) << 14 | (written[1] & 0x7F) << 7 | written[2]


def size_of(kind: int) -> int:
    """How many bytes a value of a serial type has."""
    return (kind - 12) // 2 if kind >= 12 else _BYTES[kind]


def integer(kind: int, data: bytes) -> int | None:
    """A value of a serial type as a whole number; None: it is none."""
    if 1 <= kind <= 6:
        return int.from_bytes(data, "big", signed=True)
    return kind - 8 if kind in (8, 9) else None
