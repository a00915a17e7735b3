"""Where in an HDF5 file the bytes of an object's attributes stand, and those of a dataset that is kept in its header.

Asked where the library would follow pointers to strings: it believes whatever length stands beside one.
Format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, sections IV.A.1 (headers), IV.A.2.i (data
layout), IV.A.2.m (attributes) and IV.A.2.q (continuation).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Malformed
from modelguard.readers.weights.cursor import Cursor

_LAYOUT, _ATTRIBUTE, _CONTINUATION = 0x08, 0x0C, 0x10
_SHARED = 0x02
_MOST_BLOCKS = 4096
_HEADER = 1024
"""Bytes that most headers have at most."""


class Sizes(NamedTuple):
    """Where addresses count from, and how many bytes an address and a length have."""

    base: int
    address: int
    length: int


class Kept(NamedTuple):
    """What an object keeps in its header: of attributes, where the name begins, the value begins, and it ends.

    `data` are the bytes of its data, if they are there.
    """

    attributes: dict[bytes, tuple[int, int, int]]
    data: tuple[int, int] | None


def kept_in_header(blob: Blob, address: int, sizes: Sizes) -> Kept:
    """What the object at an address keeps in its header. What lies in heaps of attributes is not found.

    Raises:
        Malformed: there is no such header.
    """
    attributes: dict[bytes, tuple[int, int, int]] = {}
    data = None
    for kind, start, end in _messages(blob, sizes.base + address, sizes):
        if kind == _ATTRIBUTE:
            name, at, first = _attribute(Cursor(blob, start, end))
            attributes.setdefault(name, (at, first, end))
        elif kind == _LAYOUT:
            version, of_class, *size = blob.read(start, start + 4)
            if version in (3, 4) and of_class == 0:
                data = (start + 4, min(end, start + 4 + int.from_bytes(bytes(size), "little")))
    return Kept(attributes, data)


def _attribute(cursor: Cursor) -> tuple[bytes, int, int]:
    """The name of an attribute, where that begins, and where its value does."""
    version = cursor.number(1)
    cursor.skip(1)
    lengths = [cursor.number(2) for _ in range(3)]
    if version == 3:
        cursor.skip(1)
    padding = 8 if version == 1 else 1
    at = cursor.at
    name = cursor.take(lengths[0])
    cursor.skip(-lengths[0] % padding)
    for length in lengths[1:]:
        cursor.skip(length + -length % padding)
    return name.split(b"\0")[0], at, cursor.at


def _messages(blob: Blob, at: int, sizes: Sizes) -> Iterator[tuple[int, int, int]]:
    """The kind of each message of a header, and its bytes."""
    cursor = Cursor(blob, at, step=_HEADER)
    new = cursor.take(4) == b"OHDR"
    ordered = False
    if new:
        cursor.skip(1)
        flags = cursor.number(1)
        ordered = bool(flags & 0x04)
        cursor.skip((16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0))
        size = cursor.number(1 << (flags & 3))
    else:
        cursor.skip(4)
        size = cursor.number(4)
        cursor.skip(4)
    blocks = [(cursor.at, cursor.at + size)]
    seen = {cursor.at}
    for start, end in blocks:
        cursor = Cursor(blob, start, min(end, blob.size), step=_HEADER)
        least = (4 if new else 8) + (2 if ordered else 0)
        while cursor.left >= least:
            kind = cursor.number(1 if new else 2)
            length, flags = cursor.number(2), cursor.number(1)
            cursor.skip((2 if ordered else 0) if new else 3)
            first = cursor.at
            cursor.skip(length)
            if kind == _CONTINUATION:
                _add_block(Cursor(blob, first, cursor.at), sizes, new, blocks, seen)
            elif not flags & _SHARED:
                yield kind, first, cursor.at


def _add_block(cursor: Cursor, sizes: Sizes, new: bool, blocks: list[tuple[int, int]], seen: set[int]) -> None:
    start, size = sizes.base + cursor.number(sizes.address), cursor.number(sizes.length)
    if start in seen or len(blocks) >= _MOST_BLOCKS:
        raise Malformed("the header of an object goes on where it was before")
    seen.add(start)
    blocks.append((start + 4, start + size - 4) if new else (start, start + size))
