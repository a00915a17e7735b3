"""Cells of text or bytes that lie one behind the other in memory, and where in their table they are.

Layout: https://arrow.apache.org/docs/format/Columnar.html#variable-size-binary-layout.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from modelguard.readers.interface import Malformed, Text
from modelguard.readers.json_places import quoted
from modelguard.readers.kinds import HEAD_BYTES
from modelguard.readers.tables.headers import CELLS, is_telling

Rows = Callable[[int], "int | None"]
"""The row, counted from 0, that the i-th cell of an array belongs to; None: it belongs to none that is known."""

MOST_AT_ONCE = 4 * 1024 * 1024
"""Bytes of one text."""

_LONGEST_LABEL = 32
"""A longer name is never written before each cell: it may be a value itself, and would be found as often."""


def place(path: str, row: int | None) -> str:
    """`row 18, column "email"`, for a row counted from 0 or none."""
    column = f"column {quoted(path)}"
    return column if row is None else f"row {row + 1}, {column}"


def offsets_of(array: Any) -> memoryview:
    """Where the cells of an array begin, and where the last one ends. They are what the file says."""
    large = str(array.type).startswith("large_")
    width = 8 if large else 4
    buffer = array.buffers()[1]
    first, end = array.offset * width, (array.offset + len(array) + 1) * width
    if buffer is None or buffer.size < end:
        raise Malformed("a column has too few offsets")
    offsets = memoryview(buffer).cast("B")[first:end].cast("q" if large else "i")
    if offsets[0] < 0 or offsets[-1] < offsets[0]:
        raise Malformed("the offsets of a column do not ascend")
    return offsets


class _Starts(Sequence[int]):
    """Where the cells of a text begin: their offsets, and what stands before each."""

    def __init__(self, offsets: memoryview, before: int) -> None:
        self._offsets = offsets
        self._before = before

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __getitem__(self, number: Any) -> Any:
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._offsets[number] - self._offsets[0] + number * self._before


class Cells:
    """Cells of text or bytes that lie one behind the other."""

    def __init__(self, values: Any, data: memoryview, offsets: memoryview, path: str, rows: Rows) -> None:
        self._values = values
        self._data = data
        self._offsets = offsets
        self._path = path
        self._rows = rows
        label = path.rpartition(".")[2].removesuffix("[]") or path
        named = len(label) <= _LONGEST_LABEL and not path.endswith("{}") and is_telling(label)
        self._before = label.encode("utf-8", "replace") + b": " if named else b""

    @classmethod
    def of(cls, array: Any, path: str, rows: Rows) -> Cells:
        """The cells of an array, whose offsets are checked.

        Raises:
            ValueError: they are not as they must be.
        """
        import pyarrow as pa

        offsets = offsets_of(array)
        _, where, data = array.buffers()
        data = pa.py_buffer(b"") if data is None else data
        kind = pa.large_binary() if str(array.type).startswith("large_") else pa.binary()
        values = pa.Array.from_buffers(kind, len(array), [None, where, data], offset=array.offset)
        values.validate(full=True)
        return cls(values, memoryview(data).cast("B"), offsets, path, rows)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @property
    def size(self) -> int:
        """Bytes of all cells."""
        return int(self._offsets[-1] - self._offsets[0])

    def ends_before_it_begins(self) -> bool:
        """Whether there is nothing in any cell."""
        return self.size == 0

    def cell(self, number: int) -> bytes:
        """One cell."""
        return bytes(self._data[self._offsets[number] : self._offsets[number + 1]])

    def head(self, number: int) -> bytes:
        """The first bytes of a cell."""
        first = self._offsets[number]
        return bytes(self._data[first : min(first + HEAD_BYTES, self._offsets[number + 1])])

    def name(self, number: int) -> str:
        """Where a cell is."""
        return place(self._path, self._rows(number))

    def reach(self, first: int, end: int) -> int:
        """The end of the cells from `first` on that make a text of a few MiB."""
        fit = bisect_right(self._offsets, self._offsets[first] + MOST_AT_ONCE, first + 1, end + 1) - 1
        return min(fit, first + MOST_AT_ONCE // (len(self._before) + 1))

    def text(self, first: int, end: int, span: tuple[int, int]) -> Text:
        """The cells from `first` to `end`, each on lines of its own."""
        import pyarrow as pa
        import pyarrow.compute as pc

        before = self._before
        offsets = self._offsets[first : end + 1]
        whole = pa.ListArray.from_arrays(pa.array([first, end], pa.int32()), self._values)
        joined = pc.binary_join(whole, pa.scalar(b"\n" + before, self._values.type))[0].as_buffer()
        starts = _Starts(offsets, len(before) + 1)

        def name(offset: int) -> str:
            return self.name(first + max(0, bisect_right(starts, offset) - 1))

        sort = CELLS if before else ""
        return Text(b"".join((before, memoryview(joined))), name, lambda *at: span, starts, sort=sort)
