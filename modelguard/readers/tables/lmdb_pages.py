"""Pages of an LMDB file: trees of them, nodes in these, and values that have pages of their own.

Format: `libraries/liblmdb/mdb.c` of OpenLDAP, version 1 of the data (`MDB_page`, `MDB_node`, `MDB_db`, `MDB_meta`), as
machines of 64 bits with the low byte first write it. No library is asked: it maps the file, and believes it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed

_HEADER_BYTES = 16
_DB_BYTES = 48
_NODE_BYTES = 8
_META_BYTES = _HEADER_BYTES + 24 + 2 * _DB_BYTES + 16
_MAGIC = 0xBEEFC0DE
_BRANCH, _LEAF, _OVERFLOW, _LEAF2 = 0x01, 0x02, 0x04, 0x20
_BIG, _SUB, _DUPLICATES = 0x01, 0x02, 0x04
_NO_ROOT = (1 << 64) - 1
_LARGEST_PAGE = 1 << 16

_PAGE = struct.Struct("<QHHHH")
_NODE = struct.Struct("<HHHH")
_DB = struct.Struct("<IHHQQQQQ")


class Db(NamedTuple):
    """A database in the file: the page that its tree grows from (None: it is empty), and what its keys are."""

    root: int | None
    flags: int

    @property
    def has_numbers(self) -> bool:
        """Whether keys are whole numbers of the machine (`MDB_INTEGERKEY`)."""
        return bool(self.flags & 0x08)


class Value(NamedTuple):
    """A value, which stands in the file from `start` to `end`; from `begin` on there is nothing else that is told.

    `data` are its bytes, where they stand in a page with others.
    """

    begin: int
    start: int
    end: int
    data: bytes | None


class Node(NamedTuple):
    """A key, and what stands under it: a value, a page of values, or a database (or tree of values).

    The key with its header and what leads to the value stand in the file from `begin` to `end`.
    """

    key: bytes
    begin: int
    end: int
    held: Value | tuple[Value, ...] | Db


class Pages:
    """The pages of a file. Each is given once, so trees that grow into themselves end.

    Raises `Malformed` where no meta page is sound.
    """

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob = blob
        self._limits = limits
        self.size, self.main = _newest(blob)
        self._count = -(-blob.size // self.size)
        self._seen = bytearray(self._count // 8 + 1)

    def tree(self, db: Db) -> Iterator[tuple[Sequence[Node], Sequence[Value]]]:
        """The leaves of a tree, from left to right: their nodes, or the values in one that holds nothing else.

        Raises:
            Malformed: a page is not as it should be.
        """
        waiting = [] if db.root is None else [db.root]
        while waiting:
            number = waiting.pop()
            if not self._is_new(number):
                continue
            self._limits.check_time()
            data = self._blob.read(number * self.size, (number + 1) * self.size)
            kind = _kind(data, number)
            if kind & _LEAF2:
                yield (), tuple(_fixed(data, number * self.size))
            elif kind & _LEAF:
                yield tuple(self._leaf(data, number * self.size)), ()
            elif kind & _BRANCH:
                waiting.extend(reversed(list(_children(data))))
            else:
                raise Malformed("a page of a tree is of no kind that is known")

    def _is_new(self, number: int) -> bool:
        if not 1 < number < self._count:
            raise Malformed("a page lies outside the file")
        byte, bit = divmod(number, 8)
        if self._seen[byte] >> bit & 1:
            return False
        self._seen[byte] |= 1 << bit
        return True

    def _leaf(self, data: bytes, base: int) -> Iterator[Node]:
        """The nodes of a leaf, in the order of their keys."""
        left = len(data)
        for at in _pointers(data):
            low, high, flags, key_bytes = _NODE.unpack_from(data, at)
            size, start = low | high << 16, at + _NODE_BYTES + key_bytes
            end = start + (8 if flags & _BIG else size)
            left -= end - at
            if end > len(data) or left < 0:
                raise Malformed("a value is longer than its page")
            held = self._held(flags, data[start:end], base + start, size)
            if held is not None:
                is_value = isinstance(held, Value) and not flags & _BIG
                yield Node(data[at + _NODE_BYTES : start], base + at, base + (start if is_value else end), held)

    def _held(self, flags: int, data: bytes, start: int, size: int) -> Value | tuple[Value, ...] | Db | None:
        if flags & _BIG:
            return self._apart(int.from_bytes(data, "little"), size)
        if flags & _SUB:
            return _db(data)
        if flags & _DUPLICATES:
            return tuple(_values(data, start))
        return Value(start, start, start + size, data)

    def _apart(self, number: int, size: int) -> Value | None:
        """A value that has pages of its own; None where another node has it as well."""
        if not self._is_new(number):
            return None
        begin = number * self.size
        start = begin + _HEADER_BYTES
        if not _kind(self._blob.read(begin, start), number) & _OVERFLOW or start + size > self._blob.size:
            raise Malformed("a value does not lie where its node says")
        return Value(begin, start, start + size, None)


def _newest(blob: Blob) -> tuple[int, Db]:
    """The size of pages and the main database, of the meta page that was written last."""
    found = [meta for meta in (_meta(blob, at) for at in (0, _size_in(blob.read(0, _META_BYTES)))) if meta is not None]
    if not found:
        raise Malformed("neither of its meta pages is sound")
    _, size, main = max(found, key=lambda each: each[0])
    return size, main


def _size_in(head: bytes) -> int:
    return int.from_bytes(head[40:44], "little")


def _meta(blob: Blob, at: int) -> tuple[int, int, Db] | None:
    """The transaction of a meta page, the size of pages, and the main database."""
    head = blob.read(at, at + _META_BYTES)
    size = _size_in(head)
    if len(head) < _META_BYTES or struct.unpack_from("<II", head, _HEADER_BYTES) != (_MAGIC, 1):
        return None
    if not 256 <= size <= _LARGEST_PAGE or size & (size - 1):
        return None
    transaction = int.from_bytes(head[_META_BYTES - 8 : _META_BYTES], "little")
    return transaction, size, _db(head[88 : 88 + _DB_BYTES])


def _db(data: bytes) -> Db:
    if len(data) != _DB_BYTES:
        raise Malformed("a database within it is cut short")
    _, flags, _, _, _, _, _, root = _DB.unpack(data)
    return Db(None if root == _NO_ROOT else root, flags)


def _kind(data: bytes, number: int) -> int:
    if len(data) < _HEADER_BYTES:
        raise Malformed("a page is cut short")
    named, _, flags, _, _ = _PAGE.unpack_from(data)
    if named != number:
        raise Malformed("a page has the number of another one")
    return int(flags)


def _pointers(data: bytes) -> Sequence[int]:
    """Where the nodes of a page begin, each once."""
    if len(data) < _HEADER_BYTES:
        raise Malformed("a page is cut short")
    end = _PAGE.unpack_from(data)[3]
    if not _HEADER_BYTES <= end <= len(data) or end % 2:
        raise Malformed("a page says that it holds more than it does")
    pointers = dict.fromkeys(struct.unpack_from(f"<{(end - _HEADER_BYTES) // 2}H", data, _HEADER_BYTES))
    if any(not end <= at <= len(data) - _NODE_BYTES for at in pointers):
        raise Malformed("a node lies outside its page")
    return tuple(pointers)


def _children(data: bytes) -> Iterator[int]:
    for at in _pointers(data):
        low, high, flags, _ = _NODE.unpack_from(data, at)
        yield low | high << 16 | flags << 32


def _fixed(data: bytes, base: int) -> Iterator[Value]:
    """The values of a page in which all are of one length, and nothing stands between them."""
    _, width, _, end, _ = _PAGE.unpack_from(data)
    last = _HEADER_BYTES + max(0, end - _HEADER_BYTES) // 2 * width
    if not width or last > len(data):
        raise Malformed("a page says that it holds more than it does")
    for at in range(_HEADER_BYTES, last, width):
        yield Value(base + at, base + at, base + at + width, data[at : at + width])


def _values(data: bytes, base: int) -> Iterator[Value]:
    """The values of a page within a page: they are the keys of its nodes."""
    if len(data) < _HEADER_BYTES:
        raise Malformed("a page is cut short")
    if _PAGE.unpack_from(data)[2] & _LEAF2:
        yield from _fixed(data, base)
        return
    left = len(data)
    for at in _pointers(data):
        start = at + _NODE_BYTES
        end = start + _NODE.unpack_from(data, at)[3]
        left -= end - at
        if end > len(data) or left < 0:
            raise Malformed("a value is longer than its page")
        yield Value(base + at, base + start, base + end, data[start:end])
