"""MATLAB's files of version 5 to 7: each variable by its name, unpacked; rows of tables of characters side by side.

Format: "MAT-File Format" (MathWorks), chapter 1, "Level 5 MAT-Files". Files of version 7.3 are HDF5, and those of
version 4 show all they hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from modelguard.model import Blob
from modelguard.readers.archives.streams import Unpacking, unpacked, zlib
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Held, Ranged
from modelguard.readers.weights.cursor import Cursor
from modelguard.readers.weights.key_values import Entries

MAGIC = b"MATLAB 5.0 MAT-file"
_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _OBJECT, _CHAR = 1, 2, 3, 4
_ENCODINGS = {1: (1, "latin-1"), 2: (1, "latin-1"), 16: (1, "latin-1"), 4: (2, "utf-16"), 17: (2, "utf-16")}
"""How characters are written (Table 1-1), and how wide they are. UTF-8 of several bytes has no rows to cut out."""

_LEAST = 8
_HEAD = 4096
_DEEPEST = 16

Order = Literal["little", "big"]


class _Matrix(NamedTuple):
    """What stands before the data of a variable."""

    kind: int
    rows: int
    columns: int
    name: str


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The variables of a file. See `Reader`."""
    order: Order = "big" if blob.read(126, _HEADER_BYTES) == b"MI" else "little"
    at, size = _HEADER_BYTES, blob.size
    while at + _LEAST <= size:
        limits.member()
        tag = blob.read(at, at + _LEAST)
        kind, length = (int.from_bytes(each, order) for each in (tag[:4], tag[4:]))
        start, end = at + _LEAST, at + _LEAST + length
        if end > size:
            raise Malformed("a variable is longer than the file")
        if kind == _COMPRESSED:
            yield from _packed(blob, start, end, order, limits)
        elif kind == _MATRIX:
            yield from _plain(blob, at, end, order, limits)
        at = end


def _packed(blob: Blob, start: int, end: int, order: Order, limits: Limits) -> Iterator[Piece]:
    head = Unpacking(blob, start, end, zlib, limits).read(_HEAD)
    stream = Unpacking(blob, start, end, zlib, limits)
    for piece in unpacked(blob, _called(Held(blob, "", head), order), stream, limits, start, end):
        yield piece
        if isinstance(piece, Member) and isinstance(piece.blob, Held):
            yield from _rows(piece.blob, (start, end), order, limits)
    yield Covered(start, stream.packed_end)


def _plain(blob: Blob, start: int, end: int, order: Order, limits: Limits) -> Iterator[Piece]:
    member = Ranged(blob, _called(Held(blob, "", blob.read(start, min(end, start + _HEAD))), order), start, end)
    yield Member(member)
    yield Covered(start, end)
    if member.size <= limits.budget.held_bytes:
        limits.spend(member.size)
        yield from _rows(member, (start, end), order, limits)


def _called(head: Blob, order: Order) -> str:
    try:
        cursor = Cursor(head, order=order)
        cursor.skip(_LEAST)
        return f"variable {quoted(_matrix(cursor).name)}"
    except Malformed:
        return "variable"


def _rows(blob: Blob, span: tuple[int, int], order: Order, limits: Limits) -> Iterator[Piece]:
    """Tables of characters with several rows, which stand column by column."""
    gathered = Entries(again=True)
    cursor = Cursor(blob, order=order)
    try:
        kind, end = _tag(cursor)
        if kind == _MATRIX:
            _look(cursor, end, "", gathered, span, limits, 0)
    finally:
        yield from gathered.told()


def _look(
    cursor: Cursor, end: int, way: str, gathered: Entries, span: tuple[int, int], limits: Limits, depth: int
) -> None:
    """Look for such tables in a variable, which ends there, and in those within it."""
    limits.check_time()
    if depth > _DEEPEST:
        raise Malformed("it has variables in variables without end")
    matrix = _matrix(cursor)
    way = way or matrix.name
    if matrix.kind == _CHAR and matrix.rows > 1:
        _cut(cursor, matrix, way, gathered, span, limits)
    if matrix.kind not in (_CELL, _STRUCT, _OBJECT):
        return
    for _ in range({_CELL: 0, _STRUCT: 2, _OBJECT: 3}[matrix.kind]):
        _pass(cursor)  # the class, how long names of fields are, and these
    number = 0
    while cursor.at + _LEAST <= end:
        kind, last = _tag(cursor)
        if last > end:
            raise Malformed("a variable is longer than what it is in")
        if kind == _MATRIX and last > cursor.at:
            _look(cursor, last, f"{way}{{{number + 1}}}", gathered, span, limits, depth + 1)
        if cursor.at > last:
            raise Malformed("a variable is shorter than what is in it")
        cursor.skip(last - cursor.at)
        number += 1


def _cut(cursor: Cursor, matrix: _Matrix, way: str, gathered: Entries, span: tuple[int, int], limits: Limits) -> None:
    kind, end = _tag(cursor)
    width, encoding = _ENCODINGS.get(kind, (0, ""))
    size = matrix.rows * matrix.columns * width
    if not size or size > end - cursor.at:
        return
    limits.spend(size)
    if encoding == "utf-16":
        encoding = "utf-16-le" if cursor.order == "little" else "utf-16-be"
    text = cursor.take(size).decode(encoding, "replace")
    for row in range(matrix.rows if len(text) == size // width else 0):
        line = text[row :: matrix.rows].rstrip().encode("utf-8", "replace")
        gathered.add(line, f"variable {quoted(way)}, row {row + 1}", *span)


def _matrix(cursor: Cursor) -> _Matrix:
    """Flags, dimensions and name of a variable (Table 1-2)."""
    _, end = _tag(cursor)
    flags = cursor.number(4)
    cursor.skip(_padded(end) - cursor.at)
    _, end = _tag(cursor)
    sizes = [cursor.number(4) for _ in range((end - cursor.at) // 4)] if end - cursor.at <= 64 else []
    cursor.skip(_padded(end) - cursor.at)
    _, end = _tag(cursor)
    name = cursor.take(end - cursor.at).decode("latin-1") if end - cursor.at <= _HEAD else ""
    cursor.skip(max(0, min(_padded(end), cursor.end) - cursor.at))
    rows, columns = sizes if len(sizes) == 2 else (0, 0)
    return _Matrix(flags & 0xFF, rows, columns, name)


def _pass(cursor: Cursor) -> None:
    _, end = _tag(cursor)
    cursor.skip(min(_padded(end), cursor.end) - cursor.at)


def _tag(cursor: Cursor) -> tuple[int, int]:
    """The type of an element and where it ends; a short one stands within its tag."""
    first = cursor.number(4)
    if first >> 16:
        at = cursor.at
        length = first >> 16
        if length > 4:
            raise Malformed("an element is longer than its tag")
        return first & 0xFFFF, at + length
    length = cursor.number(4)
    if length > cursor.left:
        raise Malformed("an element is longer than what it is in")
    return first, cursor.at + length


def _padded(end: int) -> int:
    """Elements begin at multiples of eight bytes."""
    return end + -end % 8
