"""NumPy's `.npy`: each text of an array at its row, and the pickle that an array of objects is; numbers that are text.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1.0 to 3.0. The header is read
as the literal that it is, and stays to be looked at as it stands. An `.npz` is a zip archive of such files.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Omitted, Piece, Text, entries
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Ranged
from modelguard.readers.weights.numbers import MOST_LOOKED_AT, swapped, text_in

MAGIC = b"\x93NUMPY"

_LONGEST_HEADER = 256 * 1024
_MOST_FIELDS = 4096
_DEEPEST = 16
_BATCH = 1 << 20
_LONGEST = 4 << 20
_SHORTEST = 8
"""Bytes and characters of a text between which it is looked at alone; a value may go on over several shorter ones."""

_REPLACED = "\ufffd".encode()
"""Stands for what is no character: then the bytes are another text, or none."""

_CODE = re.compile(r"([<>|=]?)([?A-Za-z])([0-9]{0,12})(\[[^\[\]]*\])?")
_TEXTS = "USa"
_OBJECTS = "O"
_FLOATS = "fc"
_NUMBERS = "iuU"


class _Field(NamedTuple):
    """A field of an element, or the element itself where `name` is empty: where it lies in it, in bytes."""

    name: str
    kind: str
    big: bool
    offset: int
    size: int

    @property
    def is_text(self) -> bool:
        """Whether it may hold a value by itself."""
        return self.kind in _TEXTS and _SHORTEST * (4 if self.kind == "U" else 1) <= self.size <= _LONGEST


class _Array(NamedTuple):
    """What a header says, and where the elements begin."""

    fields: Sequence[_Field]
    size: int
    shape: tuple[int, ...]
    by_columns: bool
    start: int

    def place(self, number: int) -> str:
        """Where an element is that so many others are stored before: `[17]`, or `[1, 2]` of several dimensions."""
        steps: list[int] = []
        for length in self.shape if self.by_columns else reversed(self.shape):
            number, step = divmod(number, max(1, length))
            steps.append(step)
        return str(steps if self.by_columns else steps[::-1])


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Everything in an array that may be text. See `Reader`."""
    array = _array(blob)
    total = prod(array.shape) * array.size
    if any(field.kind in _OBJECTS for field in array.fields):
        yield Member(Ranged(blob, "objects.pkl", array.start, blob.size))
        yield Covered(array.start, blob.size)
        return
    there = min(total, blob.size - array.start)
    if total:
        yield from _elements(blob, array, there - there % array.size, limits)
    if there < total:
        raise Malformed("it ends before its last element")


def _elements(blob: Blob, array: _Array, size: int, limits: Limits) -> Iterator[Piece]:
    """The elements, which are so many bytes in all."""
    texts = [field for field in array.fields if field.is_text]
    alone = array.fields[0] if len(array.fields) == 1 and array.size == array.fields[0].size else None
    if texts:
        yield from _texts(blob, array, texts, size, limits, again=alone is None)
        if alone is not None:
            return
    elif alone is not None and size <= MOST_LOOKED_AT:
        yield from _code_points(blob, array, size, alone, limits)
    is_weights = size > MOST_LOOKED_AT or all(field.kind in _FLOATS for field in array.fields)
    if is_weights and not limits.weights and all(field.is_text or field.kind not in _TEXTS for field in array.fields):
        yield Covered(array.start, array.start + size)
        yield Omitted("array", "numbers of an array; --weights looks at them, too", size)


def _code_points(blob: Blob, array: _Array, size: int, field: _Field, limits: Limits) -> Iterator[Text]:
    """One letter a number, or one an element."""
    width = 4 if field.kind == "U" else field.size
    if field.kind in _NUMBERS and width > 1:
        data = blob.read(array.start, array.start + size)
        data = swapped(data, width) if field.big else data
        text = text_in(data, width, lambda at: array.place(at * width // array.size), array.start, limits)
        if text is not None:
            yield text


def _texts(
    blob: Blob, array: _Array, fields: Sequence[_Field], size: int, limits: Limits, again: bool
) -> Iterator[Piece]:
    """Each text of each element as an entry. `again`: elements hold something else, so they are looked at as well."""
    rows = max(1, _BATCH // array.size)
    for first in range(0, size // array.size, rows):
        start = array.start + first * array.size
        data = blob.read(start, min(array.start + size, start + rows * array.size))
        limits.spend(len(data))
        is_all = not again
        for field in fields:
            cells = _values(data, array.size, field)
            is_all = is_all and not any(_REPLACED in cell for cell in cells)
            yield entries(cells, _place(array, field, first), _span(array, field, start), again)
        if is_all:
            yield Covered(start, start + len(data))


def _values(data: bytes, step: int, field: _Field) -> list[bytes]:
    """The texts of one field in elements of `step` bytes."""
    cells = [data[at : at + field.size] for at in range(field.offset, len(data), step)]
    if field.kind == "U":
        codec = "utf-32-be" if field.big else "utf-32-le"
        cells = [cell.decode(codec, "replace").encode("utf-8", "replace") for cell in cells]
    prefix = f"{field.name}: ".encode() if field.name else b""
    return [prefix + cell.rstrip(b"\0") for cell in cells]


def _place(array: _Array, field: _Field, first: int) -> Callable[[int], str]:
    name = f"[{quoted(field.name)}]" if field.name else ""
    return lambda number: array.place(first + number) + name


def _span(array: _Array, field: _Field, start: int) -> Callable[[int], tuple[int, int]]:
    def span(number: int) -> tuple[int, int]:
        at = start + number * array.size + field.offset
        return at, at + field.size

    return span


def _array(blob: Blob) -> _Array:
    """What the header says."""
    head = blob.read(0, 12)
    if not head.startswith(MAGIC) or len(head) < 12 or head[6] not in (1, 2, 3):
        raise Malformed("its version is not known")
    width = 2 if head[6] == 1 else 4
    length = int.from_bytes(head[8 : 8 + width], "little")
    start = 8 + width + length
    if length > _LONGEST_HEADER or start > blob.size:
        raise Malformed("its header is longer than it may be")
    text = blob.read(8 + width, start).decode("utf-8" if head[6] == 3 else "latin-1", "replace")
    said = _literal(text)
    if not isinstance(said, dict):
        raise Malformed("its header is not what such files have")
    shape = said.get("shape")
    if not isinstance(shape, tuple) or len(shape) > 64 or not all(type(each) is int and each >= 0 for each in shape):
        raise Malformed("its header does not say how large it is")
    fields: list[_Field] = []
    size = _add(fields, said.get("descr"), "", 0, 0)
    return _Array(fields, size, shape, said.get("fortran_order") is True, start)


def _literal(text: str) -> Any:
    """What a Python literal means; nothing is run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they would quote the header
            return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise Malformed(f"its header is no literal ({type(error).__name__})") from None


def _add(fields: list[_Field], descr: Any, name: str, offset: int, depth: int) -> int:
    """Add the fields of a type, which begins at `offset` of an element; returns its size in bytes."""
    if depth > _DEEPEST or len(fields) > _MOST_FIELDS:
        raise Malformed("its type has more fields than any has")
    if isinstance(descr, str):
        code = _CODE.fullmatch(descr)
        if code is None:
            raise Malformed("its type is not known")
        size = int(code[3] or 1) * (4 if code[2] == "U" else 1)
        fields.append(_Field(name, code[2], code[1] == ">", offset, size))
        return size
    if not isinstance(descr, list):
        raise Malformed("its type is not known")
    start = offset
    for field in descr:
        if not isinstance(field, tuple) or len(field) not in (2, 3):
            raise Malformed("its type is not known")
        title = field[0][-1] if isinstance(field[0], tuple) and field[0] else field[0]
        inner = f"{name}.{title}" if name else str(title) or f"at byte {offset}"
        offset += _add_several(fields, field[1], inner, offset, field[2] if len(field) == 3 else (), depth)
    return offset - start


def _add_several(fields: list[_Field], descr: Any, name: str, offset: int, shape: Any, depth: int) -> int:
    """Add a field that is an array itself: each of its texts, or all of its numbers as one."""
    lengths = shape if isinstance(shape, tuple) else (shape,)
    if not all(type(length) is int and length >= 0 for length in lengths):
        raise Malformed("its type is not known")
    count = prod(lengths)
    first = len(fields)
    size = _add(fields, descr, name, offset, depth + 1)
    if count == 0:
        del fields[first:]
    elif count > 1 and any(field.kind in _TEXTS for field in fields[first:]):
        if count > _MOST_FIELDS:
            raise Malformed("its type has more fields than any has")
        for number in range(1, count):
            _add(fields, descr, f"{name}[{number}]", offset + number * size, depth + 1)
    return count * size
