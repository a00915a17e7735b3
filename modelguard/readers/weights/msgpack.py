"""MessagePack, as Flax writes models: each text at its path; arrays of numbers are weights.

Formats: https://github.com/msgpack/msgpack/blob/master/spec.md; flax/serialization.py for arrays, which are extensions
of type 1 (and 3 for a single number) that hold a shape, a type and bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Piece
from modelguard.readers.weights.cursor import Cursor
from modelguard.readers.weights.tree import Tree

_LONGEST = 1 << 20
"""Bytes of a text above which it stays as it stands."""

_PLAIN: Mapping[int, int] = {
    0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
}  # fmt: skip
"""Bytes that follow what begins a value without text."""

_LONG: Mapping[int, tuple[str, int]] = {
    0xC4: ("bin", 1), 0xC5: ("bin", 2), 0xC6: ("bin", 4), 0xC7: ("ext", 1), 0xC8: ("ext", 2), 0xC9: ("ext", 4),
    0xD9: ("str", 1), 0xDA: ("str", 2), 0xDB: ("str", 4), 0xDC: ("array", 2), 0xDD: ("array", 4), 0xDE: ("map", 2),
    0xDF: ("map", 4),
}  # fmt: skip
"""Bytes of the length that follows."""

_FIXED_EXTENSIONS: Mapping[int, int] = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_FLAX_ARRAYS = (1, 3)
_WHOLE: Mapping[bytes, int] = {
    b"int16": 2, b"uint16": 2, b"int32": 4, b"uint32": 4, b"int64": 8, b"uint64": 8,
}  # fmt: skip
_BYTES = (b"int8", b"uint8", b"bool")


class _Head(NamedTuple):
    """What begins a value: its kind (`plain` where it has no text), and its length in bytes or members."""

    kind: str
    length: int


class _Array(NamedTuple):
    """The type of an array of Flax, and where its bytes stand."""

    of_type: bytes
    start: int
    end: int


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of the first value of a blob. See `Reader`."""
    tree = Tree(blob, limits)
    try:
        yield from _walk(Cursor(blob, order="big"), tree)
    except Malformed:
        yield from tree.end()
        raise
    yield from tree.end()


def _walk(cursor: Cursor, tree: Tree) -> Iterator[Piece]:
    yield from _value(cursor, tree)
    while tree.levels:
        if not tree.next():
            tree.levels.pop()
            continue
        if tree.levels[-1].is_object:
            _key(cursor, tree)
        yield from _value(cursor, tree)


def _head(cursor: Cursor) -> _Head:
    first = cursor.number(1)
    if first < 0x80 or first >= 0xE0:
        return _Head("plain", 0)
    if first < 0x90:
        return _Head("map", first & 0x0F)
    if first < 0xA0:
        return _Head("array", first & 0x0F)
    if first < 0xC0:
        return _Head("str", first & 0x1F)
    if first in _PLAIN:
        return _Head("plain", _PLAIN[first])
    if first in _FIXED_EXTENSIONS:
        return _Head("ext", _FIXED_EXTENSIONS[first])
    if first not in _LONG:
        raise Malformed("it holds what is no value")
    kind, width = _LONG[first]
    return _Head(kind, cursor.count(width, 2 if kind == "map" else 1))


def _key(cursor: Cursor, tree: Tree) -> None:
    kind, length = _head(cursor)
    if kind in ("map", "array"):
        raise Malformed("a key is no text")
    if kind == "ext":
        length += 1
    start = cursor.at
    if kind in ("str", "bin") and length <= _LONGEST:
        tree.key(cursor.take(length), start)
    else:
        cursor.skip(length)


def _value(cursor: Cursor, tree: Tree) -> Iterator[Piece]:
    kind, length = _head(cursor)
    start = cursor.at
    if kind == "str" and length <= _LONGEST:
        yield from tree.text(cursor.take(length), start)
        return
    yield from tree.other()
    if kind in ("map", "array"):
        tree.open(kind == "map", length)
    elif kind == "ext":
        of_type = cursor.number(1)
        cursor.skip(length)
        array = _flax_array(cursor.part(start + 1, cursor.at)) if of_type in _FLAX_ARRAYS else None
        if array is None or array.of_type in _BYTES:
            yield from tree.blob(*((start + 1, cursor.at) if array is None else array[1:]))
        elif array.of_type in _WHOLE:
            yield from tree.numbers(array.start, array.end, _WHOLE[array.of_type])
        else:
            yield from tree.floats(array.start, array.end)
    else:
        cursor.skip(length)
        if kind == "bin":  # a text that long stays as it stands: it is no weights
            yield from tree.blob(start, cursor.at)


def _flax_array(cursor: Cursor) -> _Array | None:
    """What an extension holds: a list of a shape, a type and bytes; None where it is something else."""
    try:
        if _head(cursor) != ("array", 3):
            return None
        shape = _head(cursor)
        for _ in range(shape.length if shape.kind == "array" else 0):
            cursor.skip(_head(cursor).length)
        name = _head(cursor)
        of_type = cursor.take(min(name.length, 32)) if name.kind == "str" else b""
        data = _head(cursor)
        if data.kind != "bin" or not of_type:
            return None
        cursor.skip(data.length)
    except Malformed:
        return None
    return _Array(of_type, cursor.at - data.length, cursor.at)
