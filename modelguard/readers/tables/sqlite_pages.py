"""Pages of an SQLite file: trees of them, cells in these, and the values of a record.

Format: https://www.sqlite.org/fileformat2.html (sections are named below). No SQL is run and no library of SQLite's is
asked: a file may be damaged or lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
_SHORTEST = 16
"""Free bytes of a page that are fewer are not looked at."""


class Cell(NamedTuple):
    """A record in a page: its row id (None in an index), its payload, and the bytes of the file that hold it."""

    rowid: int | None
    payload: bytes
    spans: tuple[tuple[int, int], ...]


class Page(NamedTuple):
    """A page of a tree: where it stands, its records, and the bytes that need not be looked at once these were told."""

    start: int
    cells: tuple[Cell, ...]
    told: tuple[tuple[int, int], ...]


class Pages:
    """The pages of a database. Each is visited once, so trees that grow into themselves end.

    `encoding` is how texts are written. Raises `Malformed` where the header is none (section 1.3).
    """

    def __init__(self, blob: Blob, limits: Limits) -> None:
        head = blob.read(0, _HEADER_BYTES)
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
            page, children = self._page(number)
            yield page
            waiting.extend(reversed(children))

    def unused(self) -> Iterator[Page]:
        """Pages that no tree has and that hold rows all the same: those of a table that was dropped, say."""
        for number in range(1, self._count + 1):
            start = (number - 1) * self.size
            if number in self._seen or self._blob.read(start, start + 1) != bytes([_TABLE_LEAF]):
                continue
            self._limits.check_time()
            try:
                page, _ = self._page(number)
            except Malformed:
                continue
            yield page

    def _page(self, number: int) -> tuple[Page, list[int]]:
        start = (number - 1) * self.size
        data = self._blob.read(start, start + self.size)
        base = _HEADER_BYTES if number == 1 else 0
        kind = data[base]
        if kind not in (_TABLE_LEAF, _TABLE_INNER, _INDEX_LEAF, _INDEX_INNER):
            raise Malformed("a page of a table is of another kind")
        first = base + (12 if kind in _INNER else 8)
        count = int.from_bytes(data[base + 3 : base + 5], "big")
        if first + 2 * count > self._usable:
            raise Malformed("a page has more cells than room")
        places = range(first, first + 2 * count, 2)
        order = dict.fromkeys(int.from_bytes(data[at : at + 2], "big") for at in places)
        cells, children, within = {}, {}, [(0 if number == 1 else base, first + 2 * count)]
        in_use = 0
        for at in order:
            cells[at], children[at], end = self._cell(data, kind, at, start)
            within.append((at, end))
            in_use += end - at
            if in_use > self._usable:
                raise Malformed("the cells of a page lie over each other")
        pages = [child for at in order if (child := children[at]) is not None]
        if kind in _INNER:
            pages.append(int.from_bytes(data[base + 8 : base + 12], "big"))
        told = [(start + low, start + high) for low, high in _with_free(data, within)]
        told += [span for cell in cells.values() if cell for span in cell.spans[1:]]
        return Page(start, tuple(cell for at in order if (cell := cells[at])), tuple(told)), pages

    def _cell(self, data: bytes, kind: int, at: int, start: int) -> tuple[Cell | None, int | None, int]:
        """A cell at an offset of a page: its record, the page below it, and where it ends in this page."""
        child, at_first = None, at
        if kind in _INNER:
            child = int.from_bytes(data[at : at + 4], "big")
            at += 4
        if kind == _TABLE_INNER:
            return None, child, varint(data, at)[1]
        length, at = (data[at], at + 1) if data[at] < 0x80 else varint(data, at)
        rowid = None
        if kind == _TABLE_LEAF:
            rowid, at = varint(data, at)
            rowid -= (rowid >> 63) << 64
        here = length if length <= self._least else self._here(length, kind == _TABLE_LEAF)
        end = at + here
        if end > self._usable:
            raise Malformed("a record does not end in its page")
        payload, spans = data[at:end], [(start + at_first, start + end)]
        if here < length:
            more, others = self._overflow(int.from_bytes(data[end : end + 4], "big"), length - here)
            payload, end = payload + more, end + 4
            spans += others
        return Cell(rowid, payload, tuple(spans)), child, end

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
            if not 0 < number <= self._count or number in self._seen:
                raise Malformed("a record goes on in a page that is not its own")
            self._seen.add(number)
            start = (number - 1) * self.size
            data = self._blob.read(start, start + 4 + min(room, length))
            parts.append(data[4:])
            spans.append((start, start + len(data)))
            length -= min(room, length)
            number = int.from_bytes(data[:4], "big")
        return b"".join(parts), spans


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
    if at < len(data) and data[at] < 0x80:
        return data[at], at + 1
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
    types: list[int] = []
    while at < length and len(types) < _MOST_COLUMNS:
        kind, at = varint(payload, at)
        types.append(kind)
    return types, length


def size_of(kind: int) -> int:
    """How many bytes a value of a serial type has."""
    return (kind - 12) // 2 if kind >= 12 else _BYTES[kind]


def integer(kind: int, data: bytes) -> int | None:
    """A value of a serial type as a whole number; None: it is none."""
    if 1 <= kind <= 6:
        return int.from_bytes(data, "big", signed=True)
    return kind - 8 if kind in (8, 9) else None
