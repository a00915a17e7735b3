"""UBJSON, as XGBoost writes models: each text at its path; arrays of numbers are weights.

Format: https://ubjson.org, draft 12, with types and counts of containers ("optimized format").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Piece
from modelguard.readers.weights.cursor import Cursor
from modelguard.readers.weights.tree import Tree

_LONGEST = 1 << 20
"""Bytes of a text above which it stays as it stands: it is no weights."""

_LENGTHS: Mapping[bytes, int] = {b"i": 1, b"U": 1, b"I": 2, b"l": 4, b"L": 8}
_PLAIN: Mapping[bytes, int] = {**_LENGTHS, b"Z": 0, b"T": 0, b"F": 0, b"d": 4, b"D": 8, b"C": 1}
"""Bytes of each value that is no text."""

_NO_OPERATION = b"N"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of the first value of a blob. See `Reader`."""
    tree = Tree(blob, limits)
    try:
        yield from _Walk(Cursor(blob, order="big"), tree).pieces()
    except Malformed:
        yield from tree.end()
        raise
    yield from tree.end()


class _Walk:
    """Goes through a value; `types` has for each open container the type of all its members, empty where they vary."""

    def __init__(self, cursor: Cursor, tree: Tree) -> None:
        self._cursor = cursor
        self._tree = tree
        self._types: list[bytes] = []

    def pieces(self) -> Iterator[Piece]:
        tree = self._tree
        yield from self._value(self._marker())
        while tree.levels:
            level = tree.levels[-1]
            first = self._marker() if level.left is None else b""
            if first == (b"}" if level.is_object else b"]") or not tree.next():
                tree.levels.pop()
                self._types.pop()
                continue
            if level.is_object:
                self._key(first or self._marker())
                first = b""
            yield from self._value(self._types[-1] or first or self._marker())

    def _marker(self) -> bytes:
        marker = self._cursor.take(1)
        while marker == _NO_OPERATION:
            marker = self._cursor.take(1)
        return marker

    def _length(self, marker: bytes, least: int = 1) -> int:
        if marker not in _LENGTHS:
            raise Malformed("a length is no whole number")
        return self._cursor.count(_LENGTHS[marker], least)

    def _key(self, marker: bytes) -> None:
        length = self._length(marker)
        if length > _LONGEST:
            raise Malformed("a key is longer than any is")
        start = self._cursor.at
        self._tree.key(self._cursor.take(length), start)

    def _value(self, marker: bytes) -> Iterator[Piece]:
        cursor, tree = self._cursor, self._tree
        if marker in (b"S", b"H"):
            length = self._length(self._marker())
            start = cursor.at
            if length <= _LONGEST:
                yield from tree.text(cursor.take(length), start)
                return
            yield from tree.other()
            cursor.skip(length)
        elif marker in (b"{", b"["):
            yield from tree.other()
            yield from self._container(marker == b"{")
        elif marker in _PLAIN:
            yield from tree.other()
            cursor.skip(_PLAIN[marker])
        else:
            raise Malformed("it holds what is no value")

    def _container(self, is_object: bool) -> Iterator[Piece]:
        """Go into a container, or past one of numbers."""
        cursor = self._cursor
        start, of_type, count = cursor.at, b"", None
        marker = self._marker() if cursor.left else b""
        if marker == b"$":
            of_type, marker = cursor.take(1), self._marker()
            if marker != b"#":
                raise Malformed("a container has a type and no count")
        if marker == b"#":
            width = _PLAIN.get(of_type, 1)
            count = self._length(self._marker(), width + is_object)
            if not is_object and of_type in _PLAIN:
                yield from self._numbers(of_type, cursor.at, count * width)
                return
        else:
            cursor.at = start
        self._tree.open(is_object, count)
        self._types.append(of_type)

    def _numbers(self, of_type: bytes, start: int, size: int) -> Iterator[Piece]:
        self._cursor.skip(size)
        if of_type in (b"d", b"D"):
            yield from self._tree.floats(start, start + size)
        elif _PLAIN[of_type] == 1:
            yield from self._tree.blob(start, start + size)
        elif size:
            yield from self._tree.numbers(start, start + size, _PLAIN[of_type], big=True)
