"""Which column of which table an Arrow array in a pickle is: what pandas and pyarrow call with it tells.

pandas: `_unpickle_block(array, placement, dimensions)` in the first argument of a manager; the second is the axes
(`pandas/core/internals/managers.py`). pyarrow: `_reconstruct_table(columns, schema)` (`table.pxi`).
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence

from modelguard.readers.json_places import quoted
from modelguard.readers.pickles.nodes import ARGUMENTS, LIST, OBJECT, Built, Imported, Item, Literal, way
from modelguard.readers.tables.headers import is_telling

RESTORE = "pyarrow.lib._restore_array"
BUFFER = "pyarrow.lib.py_buffer"
_CHUNKED = "pyarrow.lib.chunked_array"
_TABLES = ("pyarrow.lib._reconstruct_table", "pyarrow.lib._reconstruct_record_batch")
_BLOCK = "pandas._libs.internals._unpickle_block"
_FARTHEST = 24
_LONGEST_LABEL = 32


class Column:
    """A column: what is told before its cells, and where they are. `first` is the row of the first cell."""

    def __init__(self, name: str, is_named: bool, first: int | None = 0) -> None:
        self._name = name
        self._is_named = is_named
        self._first = first
        is_label = is_named and len(name) <= _LONGEST_LABEL and is_telling(name.removesuffix("[]"))
        self.before = name.removesuffix("[]").encode("utf-8", "replace") + b": " if is_label else b""

    def place(self, cell: int) -> str:
        """`row 18, column "email"`, or the way to the array and the number of the cell."""
        row = None if self._first is None else self._first + cell
        if not self._is_named:
            return f"{self._name}[{cell if row is None else row}]"
        shown = f"column {quoted(self._name)}"
        return shown if row is None or row < 0 else f"row {row + 1}, {shown}"

    def behind(self, offset: int) -> Column:
        """The column of an array whose first cells do not count."""
        return self if self._first is None else Column(self._name, self._is_named, self._first - offset)

    def of_list(self) -> Column:
        """The cells of the lists in this column."""
        return Column(f"{self._name}[]", self._is_named, None)

    def of_field(self, number: int) -> Column:
        """One part of each cell."""
        return Column(f"{self._name}.{number}" if self._is_named else self._name, self._is_named, self._first)

    def of_values(self) -> Column:
        """The values that cells have, each once."""
        return Column(self._name, self._is_named, None)


def items_of(node: Item) -> Sequence[Item]:
    """What a tuple or a short list is made of."""
    return node.items if isinstance(node, Built) else ()


def called_in(node: Item) -> str:
    """What was called to make an object."""
    called = node.items[0] if isinstance(node, Built) and node.kind == OBJECT and node.items else None
    return called.name if isinstance(called, Imported) else ""


def arguments_of(node: Item) -> Sequence[Item]:
    """What an object was made with."""
    return items_of(node.items[1]) if isinstance(node, Built) and node.kind == OBJECT and len(node.items) > 1 else ()


def type_of(kind: Item) -> bytes:
    """The name of a type that has one: `large_string`."""
    if called_in(kind) == "pyarrow.lib.type_for_alias":
        match arguments_of(kind):
            case [Literal(text=bytes() as name)]:
                return name
    return b""


def column_of(made: Built) -> Column:
    """The column that a call of `_restore_array` makes."""
    first: int | None = 0
    node = made
    for _ in range(_FARTHEST):
        if node.parent is None:
            break
        node, step = node.parent, node.step
        if node.kept and isinstance(name := node.kept.get(b"_name"), Literal):
            return _named(name, first)
        if node.kind == ARGUMENTS and called_in(node.parent).endswith("._new_Index"):
            first = None
        if node.kind == ARGUMENTS and called_in(node.parent) == _BLOCK:
            label = _labelled(node.parent, _placement(node.items[1:2]))
            if label is not None:
                return Column(label, True, first)
        if node.kind != LIST or not isinstance(step, int):
            continue
        listed_in = _owner(node)
        if called_in(listed_in) == _CHUNKED:
            first = sum(_length(each) for each in node.items[:step])
        elif called_in(listed_in) in _TABLES and isinstance(name := _field(arguments_of(listed_in)[1:], step), Literal):
            return _named(name, first)
    return Column(way(made) or "array", False, first)


def _named(name: Literal, first: int | None) -> Column:
    return Column((name.text or b"").decode("utf-8", "replace"), True, first)


def _owner(node: Built) -> Built | None:
    """What a list is an argument of."""
    return node.parent.parent if node.parent is not None and node.parent.kind == ARGUMENTS else None


def _length(chunk: Item) -> int:
    for data in arguments_of(chunk):
        length = items_of(data)[1:2]
        return length[0] if length and isinstance(length[0], int) else 0
    return 0


def _field(schema: Sequence[Item], number: int) -> Item:
    fields = items_of(next(iter(arguments_of(schema[0] if schema else None)), None))
    return next(iter(arguments_of(fields[number])), None) if number < len(fields) else None


def _placement(placed: Sequence[Item]) -> int | None:
    """The number of the first column of a block."""
    first = next(iter(arguments_of(placed[0] if placed else None)), None)
    return first if isinstance(first, int) else None


def _labelled(block: Item, number: int | None) -> str | None:
    """What the first axis of the frame that holds a block calls a column."""
    blocks = block.parent if isinstance(block, Built) else None
    manager = _owner(blocks) if blocks is not None else None
    if called_in(manager).endswith(".SingleBlockManager"):
        return None
    axes = arguments_of(manager)[1:2]
    index = next(iter(items_of(axes[0] if axes else None)), None)
    if number is None or index is None:
        return None
    names = next((each.kept for each in arguments_of(index) if isinstance(each, Built) and each.kept), None) or {}
    return _of_index(names.get(b"data"), number)


def _of_index(data: Item, number: int) -> str | None:
    """The i-th label of an index: one of a list of objects, or of an Arrow array."""
    kept = data.kept if isinstance(data, Built) and data.kept else {}
    listed = items_of(kept.get(b"values"))
    if listed:
        label = listed[number] if 0 <= number < len(listed) else None
        return label.text.decode("utf-8", "replace") if isinstance(label, Literal) and label.text else None
    return _of_array(kept.get(b"_pa_array"), number)


def _of_array(made: Item, number: int) -> str | None:
    if called_in(made) == _CHUNKED:
        chunks = items_of(next(iter(arguments_of(made)), None))
        made = chunks[0] if chunks else None
    data = items_of(next(iter(arguments_of(made)), None))
    if called_in(made) != RESTORE or len(data) < 5:
        return None
    from modelguard.readers.pickles.arrow import held_by

    texts = [held_by(each) for each in items_of(data[4])]
    match texts:
        case [_, Literal(text=bytes() as where), Literal(text=bytes() as names)]:
            width = 8 if type_of(data[0]).startswith(b"large_") else 4
            offsets = array("q" if width == 8 else "i", where[: len(where) // width * width])
            if sys.byteorder == "big":
                offsets.byteswap()
            if 0 <= number < len(offsets) - 1 and 0 <= offsets[number] <= offsets[number + 1] <= len(names):
                return names[offsets[number] : offsets[number + 1]].decode("utf-8", "replace")
    return None
