"""A column in memory (an array of Arrow) as texts: all cells of a few MiB as one.

Where the column's name tells something, it stands before each cell: `api_key: …`.
Layout: https://arrow.apache.org/docs/format/Columnar.html. Whether a cell is null is not asked: what stands in its
bytes is told all the same. Arrays may come from a file as it says, so offsets are checked before a library follows
them. Rows count from 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Member, Text, entries
from modelguard.readers.kinds import is_file
from modelguard.readers.members import Held
from modelguard.readers.tables.cells import MOST_AT_ONCE, Cells, Rows, offsets_of, place
from modelguard.readers.tables.headers import CELLS, names_numbers
from modelguard.readers.weights.numbers import code_points, is_text_like

_DEEPEST = 64
_FILES_FROM = 64
"""Cells of bytes that are as long on average are looked at one by one: each may be a file."""

_UNKNOWN: Rows = lambda cell: None  # noqa: E731  # a function as any other of these


class Told(NamedTuple):
    """Of a dictionary of values: those that were told, by their number, and the dictionary itself."""

    values: Any
    codes: Any


class Columns:
    """Tells the columns of one table, batch by batch. `dictionaries` are those that were met, by column."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob = blob
        self._limits = limits
        self._dictionaries: dict[str, Told] = {}

    def texts(self, array: Any, name: str, first_row: int, span: tuple[int, int]) -> Iterator[Text | Member]:
        """The texts of a part of a column that begins at a row, counted from 0, and was made of these bytes.

        Raises:
            Malformed: the array is not as it must be.
        """
        yield from self._any(array, name, lambda cell: first_row + cell, span, 0)

    def pairs(self, names: Any, values: Any, path: str, first_row: int, span: tuple[int, int]) -> Iterator[Text]:
        """Of two columns, the first of which names what the second holds, each row as `name: value` once more."""
        if not (_is_text(names.type) and _is_text(values.type)):
            return
        cells = [Cells.of(_as_bytes(array), path, lambda cell: first_row + cell) for array in (names, values)]
        texts = [cells[0].cell(row) + b": " + cells[1].cell(row) for row in range(len(names))]
        self._limits.spend(sum(map(len, texts)))
        yield entries(texts, cells[1].name, lambda number: span, again=True, sort=CELLS)

    def rest(self, span: tuple[int, int]) -> Iterator[Text | Member]:
        """Values of dictionaries that no row has."""
        for path in list(self._dictionaries):
            yield from self._unused(path, span)

    def _any(self, array: Any, path: str, rows: Rows, span: tuple[int, int], depth: int) -> Iterator[Text | Member]:
        import pyarrow as pa

        if depth > _DEEPEST:
            raise Malformed(f"its columns are more than {_DEEPEST} deep")
        if isinstance(array, pa.ExtensionArray):
            array = array.storage
        if not len(array):
            return
        is_ = pa.types
        kind = array.type
        if is_.is_string(kind) or is_.is_binary(kind) or is_.is_large_string(kind) or is_.is_large_binary(kind):
            yield from self._cells(array, path, rows, span)
        elif is_.is_fixed_size_binary(kind) or str(kind) in ("string_view", "binary_view"):
            array.validate(full=True)
            yield from self._cells(array.cast(pa.large_binary()), path, rows, span)
        elif is_.is_dictionary(kind):
            yield from self._dictionary(array, path, rows, span, depth)
        elif is_.is_integer(kind) or is_.is_floating(kind):
            yield from self._numbers(array, path, rows, span)
        else:
            for child, name, rows_of in _children(array, path, rows):
                yield from self._any(child, name, rows_of, span, depth + 1)

    def _cells(self, array: Any, path: str, rows: Rows, span: tuple[int, int]) -> Iterator[Text | Member]:
        """Cells of text or bytes."""
        cells = Cells.of(array, path, rows)
        if cells.ends_before_it_begins():
            return
        is_bytes = str(array.type) in ("binary", "large_binary")
        if is_bytes and cells.size >= _FILES_FROM * len(array):
            yield from self._files(cells, span)
        else:
            yield from self._joined(cells, 0, len(array), span)

    def _files(self, cells: Cells, span: tuple[int, int]) -> Iterator[Text | Member]:
        """Cells of bytes: those that are files of a known kind are opened, what is between them is told as text."""
        done = 0
        for number in range(len(cells)):
            if is_file(cells.head(number)):
                yield from self._joined(cells, done, number, span)
                yield self._file(cells, number, span)
                done = number + 1
        yield from self._joined(cells, done, len(cells), span)

    def _file(self, cells: Cells, number: int, span: tuple[int, int]) -> Member:
        data = cells.cell(number)
        self._limits.spend(len(data))
        return Member(Held(self._blob, cells.name(number), data, *span))

    def _joined(self, cells: Cells, first: int, end: int, span: tuple[int, int]) -> Iterator[Text | Member]:
        """Cells from `first` to `end`, a few MiB a time; one that is longer is opened as a file is."""
        while first < end:
            last = cells.reach(first, end)
            if last == first:
                yield self._file(cells, first, span)
                first += 1
                continue
            text = cells.text(first, last, span)
            self._limits.spend(len(text.text))
            yield text
            first = last

    def _dictionary(
        self, array: Any, path: str, rows: Rows, span: tuple[int, int], depth: int
    ) -> Iterator[Text | Member]:
        """Of a dictionary, the values that no batch has shown before, each at the first row that has it."""
        import pyarrow as pa
        import pyarrow.compute as pc

        values, codes = array.dictionary, array.indices
        told = self._dictionaries.get(path)
        if told is not None and not _grew(told.values, values):
            yield from self._unused(path, span)
            told = None
        known = pa.array([], pa.int64()) if told is None else told.codes
        shown = pc.cast(pc.drop_null(pc.unique(codes)), pa.int64())
        new = shown if told is None else pc.filter(shown, pc.invert(pc.is_in(shown, value_set=known)))
        self._dictionaries[path] = Told(values, pa.concat_arrays([known, new]))
        if len(new):
            kind = codes.type

            def row_of(number: int) -> int | None:
                at = pc.index(codes, pa.scalar(new[number].as_py(), kind)).as_py()
                return rows(at) if at >= 0 else None

            yield from self._any(pc.take(values, new), path, row_of, span, depth + 1)

    def _unused(self, path: str, span: tuple[int, int]) -> Iterator[Text | Member]:
        import pyarrow as pa
        import pyarrow.compute as pc

        values, known = self._dictionaries.pop(path)
        if len(known) < len(values):
            numbers = pa.array(range(len(values)), pa.int64())
            others = pc.filter(numbers, pc.invert(pc.is_in(numbers, value_set=known)))
            yield from self._any(pc.take(values, others), path, _UNKNOWN, span, 1)

    def _numbers(self, array: Any, path: str, rows: Rows, span: tuple[int, int]) -> Iterator[Text | Member]:
        """Numbers whose column's name may make them something, and text that is hidden in numbers."""
        import pyarrow as pa

        array.validate()
        is_float = pa.types.is_floating(array.type)
        if not is_float and names_numbers(path):
            yield from self._cells(array.cast(pa.string()), path, rows, span)
            return
        if is_float and not self._limits.weights:
            return
        width = array.type.bit_width // 8
        buffer = memoryview(array.buffers()[1])[array.offset * width : (array.offset + len(array)) * width]
        step = MOST_AT_ONCE - MOST_AT_ONCE % width
        for at in range(0, len(buffer), step):
            data = bytes(buffer[at : at + step])
            of_one_byte = width == 1 or is_float
            if of_one_byte or is_text_like(data, width):
                text = data if of_one_byte else code_points(data, width)
                self._limits.spend(len(text))
                wide = width if of_one_byte and width > 1 else 1
                yield Text(text, _numbered(path, rows, at // width, wide), lambda first, last: span)


def _is_text(kind: Any) -> bool:
    from pyarrow import types as is_

    return is_.is_string(kind) or is_.is_large_string(kind) or (is_.is_dictionary(kind) and _is_text(kind.value_type))


def _as_bytes(array: Any) -> Any:
    import pyarrow as pa

    array.validate(full=True)
    return array.cast(array.type.value_type if pa.types.is_dictionary(array.type) else array.type).cast(
        pa.large_binary()
    )


def _numbered(path: str, rows: Rows, first: int, wide: int) -> Callable[[int], str]:
    return lambda offset: place(path, rows(first + offset // wide))


def _children(array: Any, path: str, rows: Rows) -> Iterator[tuple[Any, str, Rows]]:
    """What a nested array is made of, with the names of that and the rows of its cells."""
    import pyarrow as pa

    is_ = pa.types
    kind = array.type
    if is_.is_list(kind) or is_.is_large_list(kind) or is_.is_map(kind):
        offsets = offsets_of(array)
        first, count = offsets[0], offsets[-1] - offsets[0]
        within = _in_lists(rows, offsets)
        if is_.is_map(kind):
            yield _pairs(array.keys.slice(first, count), array.items.slice(first, count), path, within)
        else:
            yield array.values.slice(first, count), f"{path}[]", within
    elif is_.is_fixed_size_list(kind):
        size = max(1, kind.list_size)
        yield array.values.slice(array.offset * size, len(array) * size), f"{path}[]", lambda cell: rows(cell // size)
    elif is_.is_struct(kind):
        for number in range(kind.num_fields):
            yield array.field(number), f"{path}.{kind.field(number).name}", rows
    elif is_.is_union(kind):
        for number in range(kind.num_fields):
            yield array.field(number), f"{path}.{kind.field(number).name}", _UNKNOWN
    elif is_.is_run_end_encoded(kind):
        yield array.values, path, _UNKNOWN
    elif str(kind).startswith(("list_view", "large_list_view")):
        array.validate(full=True)
        yield array.flatten(), f"{path}[]", _UNKNOWN


def _pairs(keys: Any, values: Any, path: str, rows: Rows) -> tuple[Any, str, Rows]:
    """The keys and values of a map as one array: `key: value` where both are text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_ = pa.types
    if all(is_.is_string(each.type) or is_.is_large_string(each.type) for each in (keys, values)):
        for each in (keys, values):
            Cells.of(each, path, rows)  # checks their offsets
        wide = pa.large_string()
        parts = keys.cast(wide), values.cast(wide), pa.scalar(": ", wide)
        joined = pc.binary_join_element_wise(*parts, null_handling="replace", null_replacement="")
        return joined, f"{path}{{}}", rows
    return pa.StructArray.from_arrays([keys, values], ["key", "value"]), path, rows


def _in_lists(rows: Rows, offsets: memoryview) -> Rows:
    """The row of an element of lists that begin at these offsets."""
    return lambda cell: rows(min(max(0, bisect_right(offsets, offsets[0] + cell) - 1), len(offsets) - 2))


def _grew(old: Any, new: Any) -> bool:
    """Whether a dictionary is another one, or the same with more values behind."""
    if len(new) < len(old):
        return False
    same = len(new) == len(old) and [_address(each) for each in old.buffers()] == [
        _address(each) for each in new.buffers()
    ]
    return bool(same or new.slice(0, len(old)).equals(old))


def _address(buffer: Any) -> int:
    return 0 if buffer is None else int(buffer.address)
