"""What a parquet file says of itself: where its columns lie, and the text that is in its footer.

Format: https://github.com/apache/parquet-format (README.md, and parquet.thrift for the numbers of fields). A footer of
a thousand columns in a thousand row groups has a hundred megabytes: it is told piece by piece, as it is walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, OverBudget, Piece, entries
from modelguard.readers.json_places import quoted
from modelguard.readers.tables.metadata import about
from modelguard.readers.tables.parquet_groups import Chunk, Group, Groups
from modelguard.readers.tables.thrift import LIST, Compact, Span, spans_in

MAGIC = b"PAR1"
_END_BYTES = 8
_LONGEST_FOOTER = 1024 * 1024 * 1024
_LONGEST_VALUE = 64 * 1024 * 1024
_AT_HAND = 4 * 1024 * 1024
_MOST_AT_ONCE = 10_000
_TEXT_BYTES = 1024 * 1024
_OVERLAP = 512
_SHORTEST = 8
"""No value is shorter, in bytes."""

_SCHEMA, _ROW_GROUPS, _METADATA = 2, 4, 5
_COLUMNS, _ROWS = 1, 3
_COLUMN, _OFFSET_INDEX, _OFFSET_INDEX_BYTES, _INDEX, _INDEX_BYTES = 3, 4, 5, 6, 7
_TYPE, _PATH, _CODEC, _BYTES, _PACKED_BYTES, _DATA_AT, _DICTIONARY_AT, _PAGE_ENCODINGS = 1, 3, 4, 6, 7, 9, 11, 13
_PAGE_TYPE, _ENCODING = 1, 2
_TEXT_TYPES = (6, 7)
_DATA_PAGES = (0, 3)
_DICTIONARIES = (2, 8)


class _Walk:
    """The values of a footer one after the other, each read from a few MiB, or from as many as it has."""

    def __init__(self, blob: Blob, start: int, end: int) -> None:
        self.at = start
        self._blob = blob
        self._end = end
        self._base = start
        self._data = b""

    def _take(self, read: Callable[[Compact], Any]) -> Any:
        """What is read next; where what is at hand ends too early, with more of it."""
        wanted = _AT_HAND
        while True:
            compact = Compact(self._data, self.at - self._base, self._base)
            try:
                value = read(compact)
            except Malformed:
                if self._base + len(self._data) >= self._end:
                    raise
                if wanted > _LONGEST_VALUE:
                    raise OverBudget(f"a part of its footer has more than {_LONGEST_VALUE} bytes") from None
                self._base = self.at
                self._data = self._blob.read(self.at, min(self._end, self.at + wanted))
                wanted *= 4
            else:
                self.at = self._base + compact.at
                return value

    def field(self, before: int) -> tuple[int, int] | None:
        """See `Compact.field`."""
        field: tuple[int, int] | None = self._take(lambda compact: compact.field(before))
        return field

    def head(self) -> tuple[int, int]:
        """How many items a list has, no more than bytes follow, and their type."""
        count, kind = self._take(lambda compact: compact.head())
        if count > self._end - self.at:
            raise Malformed("a list is longer than what holds it")
        return count, kind

    def value(self, kind: int, in_list: bool = False) -> Any:
        """See `Compact.value`."""
        return self._take(lambda compact: compact.value(kind, 1, in_list))

    def bytes(self, span: Any) -> bytes:
        """The bytes of a span of the value that was read last."""
        return self._data[span.start - self._base : span.end - self._base] if isinstance(span, Span) else b""


class _Texts:
    """Texts with their names and bytes, which are told when they are many."""

    def __init__(self, again: bool = False) -> None:
        self._again = again
        self._texts: list[bytes] = []
        self._names: list[str] = []
        self._spans: list[tuple[int, int]] = []
        self._size = 0

    def add(self, text: bytes, name: str, start: int) -> Iterator[Piece]:
        """One more, which begins at a byte of the blob."""
        self._texts.append(text)
        self._names.append(name)
        self._spans.append((start, start + len(text)))
        self._size += len(text)
        if self._size > _TEXT_BYTES or len(self._texts) >= _MOST_AT_ONCE:
            yield from self.told()

    def told(self) -> Iterator[Piece]:
        """Those that were not told yet."""
        if self._texts:
            names, spans = self._names, self._spans
            yield entries(self._texts, names.__getitem__, spans.__getitem__, self._again)
            self.__init__(self._again)  # type: ignore[misc]  # as new


class Footer:
    """A footer: its text as pieces, and its row groups when these were told.

    `around` are the bytes of the list of row groups, with its head.

    Raises:
        Malformed: it is none.
        OverBudget: it is longer than 1 GiB, or a part of it than 64 MiB.
    """

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob = blob
        self._limits = limits
        size = blob.size
        end = blob.read(max(0, size - _END_BYTES), size)
        length = int.from_bytes(end[:4], "little")
        self.start = size - _END_BYTES - length
        self.end = size - _END_BYTES
        if end[4:] != MAGIC or self.start < len(MAGIC):
            raise Malformed("it does not end with a footer")
        if length > _LONGEST_FOOTER:
            raise OverBudget(f"its footer has more than {_LONGEST_FOOTER} bytes")
        self.groups = Groups()
        self.around = (self.start, self.start)
        self._walk = _Walk(blob, self.start, self.end)
        self._others, self._bounds, self._rest = _Texts(), _Texts(again=True), _Texts(again=True)
        self._told_to = self.start

    def pieces(self) -> Iterator[Piece]:
        """The text of the footer, which is covered by that; bounds of columns stand in their cells, too."""
        walk, number = self._walk, 0
        while (field := walk.field(number)) is not None:
            number, kind = field
            if number == _ROW_GROUPS and kind == LIST:
                yield from self._row_groups()
                continue
            value = walk.value(kind)
            if number == _METADATA and isinstance(value, list):
                yield from self._about(value)
            elif number == _SCHEMA and isinstance(value, list):
                yield from self._other([span for each in value for span in spans_in(each)], "schema, element {}")
            else:
                yield from self._other(spans_in(value), "footer")
        yield from self._between(self.end, self.end)
        for texts in (self._others, self._bounds, self._rest):
            yield from texts.told()
        yield Covered(self.start, self.end)

    def _row_groups(self) -> Iterator[Piece]:
        head_at = self._walk.at
        count, kind = self._walk.head()
        for _ in range(count):
            self._limits.check_time()
            start = self._walk.at
            value = self._walk.value(kind, True)
            yield from self._group(value, (start, self._walk.at))
        self.around = (head_at, self._walk.at)

    def _about(self, metadata: list[Any]) -> Iterator[Piece]:
        """Keys and values of the writer."""
        for each in metadata:
            if isinstance(each, dict):
                key, value = self._walk.bytes(each.get(1)), self._walk.bytes(each.get(2))
                yield from about(key, value, "metadata", (self.start, self.end))
                for span in sorted(spans_in([each.get(1), each.get(2)])):
                    yield from self._between(span.start, span.end)
                rest = {number: value for number, value in each.items() if number not in (1, 2)}
                yield from self._other(spans_in(rest), "footer")

    def _other(self, spans: list[Span], name: str) -> Iterator[Piece]:
        for number, span in enumerate(spans):
            yield from self._others.add(self._walk.bytes(span), name.format(number), span.start)
            yield from self._between(span.start, span.end)

    def _between(self, start: int, end: int) -> Iterator[Piece]:
        """What stands before a span: numbers, names again, and what no reader of parquet would look at."""
        while start - self._told_to >= _SHORTEST:
            last = min(start, self._told_to + _TEXT_BYTES)
            yield from self._rest.add(self._blob.read(self._told_to, last), "footer", self._told_to)
            if last == start:
                break
            self._told_to = last - _OVERLAP
        self._told_to = max(self._told_to, end)

    def _group(self, value: Any, told_in: tuple[int, int]) -> Iterator[Piece]:
        columns = value.get(_COLUMNS) if isinstance(value, dict) else None
        if not isinstance(columns, list):
            raise Malformed("a row group has no columns")
        chunks: list[Chunk] = []
        told: list[tuple[Span, str]] = []
        for each in columns:
            chunk, spans = self._chunk(each)
            chunks.append(chunk)
            told += ((span, chunk.path) for span in spans)
        rows = value.get(_ROWS)
        self.groups.add(Group(rows if isinstance(rows, int) else 0, tuple(chunks), told_in))
        others = spans_in({number: each for number, each in value.items() if number != _COLUMNS})
        told += ((span, "") for span in others)
        names: dict[str, str] = {}
        for span, path in sorted(told):
            texts = self._bounds if path else self._others
            name = names.get(path) or names.setdefault(path, f"footer, column {quoted(path)}" if path else "footer")
            yield from texts.add(self._walk.bytes(span), name, span.start)
            yield from self._between(span.start, span.end)

    def _chunk(self, value: Any) -> tuple[Chunk, list[Span]]:
        """A column, and the bytes that it has beside its path."""
        column = value.get(_COLUMN) if isinstance(value, dict) else None
        if not isinstance(column, dict):
            raise Malformed("a column does not say where it is")
        path = ".".join(self._walk.bytes(each).decode("utf-8", "replace") for each in column.get(_PATH) or ())
        told = {number: each for number, each in column.items() if number != _PATH}
        beside = {number: each for number, each in value.items() if number != _COLUMN}
        starts = [at for at in (column.get(_DICTIONARY_AT), column.get(_DATA_AT)) if isinstance(at, int) and at > 0]
        start = min(starts, default=0)
        packed = _number(column, _PACKED_BYTES)
        index = _number(value, _INDEX)
        offsets = _number(value, _OFFSET_INDEX)
        chunk = Chunk(
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
        return chunk, spans_in([told, beside])


def _is_dictionary(told: Any) -> bool:
    """Whether all data pages that a column counts by their encoding are numbers of values in a dictionary."""
    of_data = [each for each in told or () if isinstance(each, dict) and each.get(_PAGE_TYPE) in _DATA_PAGES]
    return bool(of_data) and all(each.get(_ENCODING) in _DICTIONARIES for each in of_data)


def _number(value: Any, field: int) -> int:
    number = value.get(field)
    return number if isinstance(number, int) and number > 0 else 0
