"""Text with delimiters (CSV, TSV): looked at as it stands, with a name for each place, and columns beside their names.

A number of a card or a password says nothing by itself, and the header that names it is far away: the cells of such
columns are told once more as `name: value`, and so are two columns that hold a name and its value. Rows count from 1,
without the header.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, islice
from typing import Any

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Piece, Text
from modelguard.readers.json_places import quoted
from modelguard.readers.tables.csv_records import Header, Rows, cut_at, fields, header_of, record_pattern
from modelguard.readers.tables.csv_wide import narrowed
from modelguard.readers.tables.headers import CELLS, is_telling, pair_in

_HEAD_BYTES = 64 * 1024
_CHUNK = 1024 * 1024
_MOST_COLUMNS = 32
_LONGEST_PREFIX = 1024 * 1024


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The cells of columns whose names say what their values are. See `Reader`."""
    header = header_of(blob.read(0, _HEAD_BYTES))
    telling = [number for number, name in enumerate(header.names) if is_telling(name)][:_MOST_COLUMNS]
    pair = pair_in(header.names)
    wanted = tuple(sorted({*telling, *(pair or ())}))
    if not wanted:
        return
    pattern = record_pattern(header.delimiter, wanted)
    at, row = header.end, 0
    while data := blob.read(at, at + _CHUNK):
        data = data if len(data) < _CHUNK else data[: cut_at(data)]
        limits.spend(len(data))
        records = pattern.findall(data)
        for number in telling:
            group = wanted.index(number)
            cells = [record[group] for record in records]
            yield _Cells(cells, header.names[number], True, pattern, group + 1, data, at, row).text()
        if pair is not None:
            key, value = map(wanted.index, pair)
            cells = [record[key].strip(b'"') + b": " + record[value] for record in records]
            yield _Cells(cells, header.names[pair[1]], False, pattern, value + 1, data, at, row).text()
        at, row = at + len(data), row + len(records)


class _Cells:
    """Cells of one column, with its name before each or without. Where they are is asked only about what was found."""

    def __init__(
        self,
        cells: Sequence[bytes],
        name: str,
        is_before: bool,
        pattern: re.Pattern[bytes],
        group: int,
        data: bytes,
        at: int,
        row: int,
    ) -> None:
        self._cells = cells
        self._name = name
        self._before = name.encode("utf-8", "replace") + b": " if is_before else b""
        self._pattern = pattern
        self._group = group
        self._data = data
        self._at = at
        self._row = row

    def text(self) -> Text:
        """A line for each cell."""
        text = self._before + (b"\n" + self._before).join(self._cells)
        return Text(text, self._place, self._span, _Starts(self._cells, len(self._before) + 1), True, CELLS, True)

    def _number(self, offset: int) -> int:
        return max(0, bisect_right(_Starts(self._cells, len(self._before) + 1), offset) - 1)

    def _place(self, offset: int) -> str:
        return f"row {self._row + self._number(offset) + 1}, column {quoted(self._name)}"

    def _span(self, first: int, last: int) -> tuple[int, int]:
        match = next(islice(self._pattern.finditer(self._data), self._number(first), None))
        start, end = match.span(self._group)
        return self._at + max(0, start), self._at + max(0, end)


class _Starts(Sequence[int]):
    """Where cells begin in a text that is made of them, each with so many bytes beside it."""

    def __init__(self, cells: Sequence[bytes], beside: int) -> None:
        self._cells = cells
        self._beside = beside

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(cell) + self._beside for cell in self._cells[:-1]), initial=0))

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, number: Any) -> Any:
        return self._starts[number]


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """`row 18, column "email"`, or `header, column 3`. See `Guide`."""
    narrow = narrowed(blob, offsets)
    if narrow is not None:
        blob, offsets = narrow
    header = header_of(blob.read(0, _HEAD_BYTES))
    rows = Rows(blob, header)
    return [_place(blob, header, rows, offset) for offset in offsets]


def _place(blob: Blob, header: Header, rows: Rows, offset: int) -> str | None:
    row, start = (0, 0) if offset < header.end else rows.at(offset)
    if offset - start > _LONGEST_PREFIX:
        return f"row {row + 1}"
    column = len(fields(blob.read(start, offset), 0, header.delimiter)) - 1
    if offset < header.end:
        return f"header, column {column + 1}"
    return f"row {row + 1}, column {quoted(header.names[column]) if column < len(header.names) else column + 1}"


def has_telling_header(head: bytes) -> bool:
    """Whether the header that a text begins with names a column whose cells are worth telling, or does not end."""
    if b"\n" not in head:
        return True
    names = header_of(head).names
    return any(map(is_telling, names)) or pair_in(names) is not None
