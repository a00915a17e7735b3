"""What a parquet file says of itself: where its columns lie, and the text that is in its footer and its indexes.

Format: https://github.com/apache/parquet-format (README.md, and parquet.thrift for the numbers of fields).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, OverBudget, Piece, Text, entries
from modelguard.readers.json_places import quoted
from modelguard.readers.tables.metadata import about
from modelguard.readers.tables.thrift import LIST, STRUCT, Compact, Span, spans_in

MAGIC = b"PAR1"
_END_BYTES = 8
_LONGEST_FOOTER = 64 * 1024 * 1024
_LONGEST_INDEX = 16 * 1024 * 1024
_PAGE_HEADER = 4 * 1024
_LONGEST_PAGE_HEADER = 1024 * 1024
_MOST_AT_ONCE = 10_000
_SHORTEST = 8
"""No value is shorter, in bytes."""

_SCHEMA, _ROW_GROUPS, _METADATA = 2, 4, 5
_COLUMNS, _ROWS = 1, 3
_COLUMN, _OFFSET_INDEX, _OFFSET_INDEX_BYTES, _INDEX, _INDEX_BYTES = 3, 4, 5, 6, 7
_TYPE, _PATH, _CODEC, _BYTES, _PACKED_BYTES, _DATA_AT, _DICTIONARY_AT, _PAGE_ENCODINGS = 1, 3, 4, 6, 7, 9, 11, 13
_PAGE_TYPE, _ENCODING = 1, 2
_NAME = 4
_PAGE_BYTES = 3
_TEXT_TYPES = (6, 7)
_DATA_PAGES = (0, 3)
_DICTIONARIES = (2, 8)


class Chunk(NamedTuple):
    """A column of a row group: its path in the schema, the bytes that it has, and those of its indexes.

    `is_dictionary` says that all its pages are numbers of values that are written once.
    """

    path: str
    is_text: bool
    is_packed: bool
    is_dictionary: bool
    bytes: int
    span: tuple[int, int]
    indexes: tuple[tuple[int, int], ...]


class Group(NamedTuple):
    """A row group."""

    rows: int
    chunks: tuple[Chunk, ...]


class Footer:
    """A footer: its row groups, and its text as pieces.

    Raises:
        Malformed: it is none.
        OverBudget: it is longer than 64 MiB.
    """

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob = blob
        self._limits = limits
        size = blob.size
        end = blob.read(max(0, size - _END_BYTES), size)
        length = int.from_bytes(end[:4], "little")
        self.start = size - _END_BYTES - length
        if end[4:] != MAGIC or self.start < len(MAGIC):
            raise Malformed("it does not end with a footer")
        if length > _LONGEST_FOOTER:
            raise OverBudget(f"its footer has more than {_LONGEST_FOOTER} bytes")
        self._data = blob.read(self.start, self.start + length)
        self.groups: list[Group] = []
        self._names: list[Span] = []
        self._metadata: list[Any] = []
        self._others: list[Span] = []
        self._bounds: list[tuple[str, Span]] = []
        self._parse()
        self._beginnings = sorted(self._known())

    def pieces(self) -> Iterator[Piece]:
        """The text of the footer, which is covered by that; bounds of columns stand in their cells, too."""
        span = (self.start, self.start + len(self._data))
        told: list[Any] = []
        for each in self._metadata:
            if isinstance(each, dict):
                yield from about(self._bytes(each.get(1)), self._bytes(each.get(2)), "metadata", span)
                told += (each.get(1), each.get(2))
                self._others += spans_in({number: value for number, value in each.items() if number not in (1, 2)})
        yield self._texts(self._names, lambda number: f"schema, element {number}")
        yield self._texts(self._others, lambda number: "footer")
        for first in range(0, len(self._bounds), _MOST_AT_ONCE):
            yield self._bounds_told(self._bounds[first : first + _MOST_AT_ONCE])
        yield self._rest([*told, self._names, self._others, [bound for _, bound in self._bounds]])
        yield Covered(*span)

    def index(self, chunk: Chunk) -> Iterator[Piece]:
        """The bounds of pages that a chunk's indexes hold, which are covered by that where they are as they must be."""
        for start, end in chunk.indexes:
            if not len(MAGIC) <= start <= end <= self.start or end - start > _LONGEST_INDEX:
                continue
            compact = Compact(self._blob.read(start, end))
            try:
                value = compact.value(STRUCT)
            except Malformed:
                continue
            if compact.at == end - start:
                yield _bounds_of(compact, value, chunk.path, start)
                yield Covered(start, end)

    def pages(self, chunk: Chunk) -> Iterator[Piece]:
        """The bounds that a chunk's pages begin with. The chunk is covered if it is made of pages and nothing else."""
        at, end = chunk.span
        if not len(MAGIC) <= at < end <= self.start:
            return
        while at < end:
            self._limits.check_time()
            header = self._page_header(at, end)
            if header is None:
                return
            compact, value = header
            length = value.get(_PAGE_BYTES)
            if not isinstance(length, int) or length < 0:
                return
            yield _bounds_of(compact, value, chunk.path, at)
            at += compact.at + length
        if at == end:
            yield Covered(*chunk.span)
            yield from self._behind(chunk)

    def _behind(self, chunk: Chunk) -> Iterator[Piece]:
        """What a writer says of a chunk right behind it, once more in the footer, with the bounds of its values.

        Polars does, as `ColumnChunk.file_offset` meant it; nothing points there. Other bytes are left as they are.
        """
        start = chunk.span[1]
        following = bisect_left(self._beginnings, start)
        end = self._beginnings[following] if following < len(self._beginnings) else start
        if not start < end or end - start > _LONGEST_PAGE_HEADER:
            return
        compact = Compact(self._blob.read(start, end))
        try:
            value = compact.value(STRUCT)
        except Malformed:
            return
        if compact.at == end - start:
            yield _bounds_of(compact, value, chunk.path, start)
            yield Covered(start, end)

    def _known(self) -> Iterator[int]:
        """Where something begins that the footer knows of, and where it begins itself."""
        yield self.start
        for group in self.groups:
            for chunk in group.chunks:
                yield chunk.span[0]
                yield from (start for start, end in chunk.indexes if start < end)

    def _page_header(self, at: int, end: int) -> tuple[Compact, Any] | None:
        for length in (_PAGE_HEADER, _LONGEST_PAGE_HEADER):
            compact = Compact(self._blob.read(at, min(end, at + length)))
            try:
                return compact, compact.value(STRUCT)
            except Malformed:
                continue
        return None

    def _parse(self) -> None:
        compact = Compact(self._data)
        for number, kind in compact.fields():
            if number == _ROW_GROUPS and kind == LIST:
                count, item = compact.items()
                for _ in range(count):
                    self._limits.check_time()
                    self._group(compact.value(item, 1, True))
                continue
            value = compact.value(kind)
            if number == _SCHEMA and isinstance(value, list):
                self._names = [span for each in value for span in spans_in(each)]
            elif number == _METADATA and isinstance(value, list):
                self._metadata = value
            else:
                self._others += spans_in(value)

    def _group(self, value: Any) -> None:
        columns = value.get(_COLUMNS) if isinstance(value, dict) else None
        if not isinstance(columns, list):
            raise Malformed("a row group has no columns")
        chunks = tuple(self._chunk(each) for each in columns)
        rows = value.get(_ROWS)
        self.groups.append(Group(rows if isinstance(rows, int) else 0, chunks))
        self._others += spans_in({number: each for number, each in value.items() if number != _COLUMNS})

    def _chunk(self, value: Any) -> Chunk:
        column = value.get(_COLUMN) if isinstance(value, dict) else None
        if not isinstance(column, dict):
            raise Malformed("a column does not say where it is")
        path = ".".join(self._bytes(each).decode("utf-8", "replace") for each in column.get(_PATH) or ())
        told = {number: each for number, each in column.items() if number != _PATH}
        beside = {number: each for number, each in value.items() if number != _COLUMN}
        self._bounds += ((path, span) for span in spans_in([told, beside]))
        starts = [at for at in (column.get(_DICTIONARY_AT), column.get(_DATA_AT)) if isinstance(at, int) and at > 0]
        start = min(starts, default=0)
        packed = _number(column, _PACKED_BYTES)
        index = _number(value, _INDEX)
        offsets = _number(value, _OFFSET_INDEX)
        return Chunk(
            path=path,
            is_text=column.get(_TYPE) in _TEXT_TYPES,
            is_packed=_number(column, _CODEC) != 0,
            is_dictionary=_is_dictionary(column.get(_PAGE_ENCODINGS)),
            bytes=_number(column, _BYTES),
            span=(start, start + packed),
            indexes=(
                (index, index + _number(value, _INDEX_BYTES)),
                (offsets, offsets + _number(value, _OFFSET_INDEX_BYTES)),
            ),
        )

    def _bytes(self, span: Any) -> bytes:
        return self._data[span.start : span.end] if isinstance(span, Span) else b""

    def _texts(self, spans: Sequence[Span], name: Any) -> Text:
        return entries(
            [self._bytes(span) for span in spans],
            name,
            lambda number: (self.start + spans[number].start, self.start + spans[number].end),
        )

    def _rest(self, told: Any) -> Text:
        """What stands between these: numbers, names again, and what no reader of parquet would look at."""
        rest: list[Span] = []
        at = 0
        for start, end in sorted([*spans_in(told), Span(len(self._data), len(self._data))]):
            if start - at >= _SHORTEST:
                rest.append(Span(at, start))
            at = max(at, end)
        return entries(
            [self._bytes(span) for span in rest],
            lambda number: "footer",
            lambda number: (self.start + rest[number].start, self.start + rest[number].end),
            again=True,
        )

    def _bounds_told(self, bounds: Sequence[tuple[str, Span]]) -> Text:
        return entries(
            [self._bytes(span) for _, span in bounds],
            lambda number: f"footer, column {quoted(bounds[number][0])}",
            lambda number: (self.start + bounds[number][1].start, self.start + bounds[number][1].end),
            again=True,
        )


def _bounds_of(compact: Compact, value: Any, path: str, start: int) -> Text:
    spans = list(spans_in(value))
    return entries(
        [compact.data[span.start : span.end] for span in spans],
        lambda number: f"bounds of column {quoted(path)}",
        lambda number: (start + spans[number].start, start + spans[number].end),
        again=True,
    )


def _is_dictionary(told: Any) -> bool:
    """Whether all data pages that a column counts by their encoding are numbers of values in a dictionary."""
    of_data = [each for each in told or () if isinstance(each, dict) and each.get(_PAGE_TYPE) in _DATA_PAGES]
    return bool(of_data) and all(each.get(_ENCODING) in _DICTIONARIES for each in of_data)


def _number(value: Any, field: int) -> int:
    number = value.get(field)
    return number if isinstance(number, int) and number > 0 else 0
