"""Where the data of an HDF5 dataset stand in its file, without filters, and what lies in the file's heaps of strings.

Read here, not by the library: its filters inflate whatever they are given, and would load plugins for those they lack.
Format: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, sections III.E (global heap) and IV.A.2.l.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed
from modelguard.readers.weights.cursor import Cursor
from modelguard.readers.weights.hdf5_filters import Filter, check, undone
from modelguard.readers.weights.hdf5_headers import Sizes

LARGEST_CHUNK = 64 * 1024 * 1024
OUTSIDE = "a part of a dataset lies outside the file"
_KEPT = 256
"""Collections of strings that are remembered."""


class Piece(NamedTuple):
    """Bytes of a dataset that stand together: where in the file, and which element of the dataset is the first one.

    `mask` has a bit for each filter that was not applied; `shape` is that of the elements.
    """

    start: int
    size: int
    first: tuple[int, ...]
    shape: tuple[int, ...]
    mask: int = 0


class Unfiltered(NamedTuple):
    """A dataset's bytes: its pieces, and what they have been through. `largest` is what a piece holds, in bytes.

    `is_cut` says that some of them lie outside the file.
    """

    pieces: Sequence[Piece]
    filters: Sequence[Filter]
    largest: int
    is_cut: bool = False

    def inside(self, size: int) -> Unfiltered:
        """The same, as far as it lies in a file of so many bytes; a piece that went through filters is left whole."""
        if self.filters or all(each.start + each.size <= size for each in self.pieces):
            return self
        pieces = [each._replace(size=min(each.size, size - each.start)) for each in self.pieces if each.start < size]
        return self._replace(pieces=pieces, largest=min(self.largest, size), is_cut=True)

    def check(self) -> None:
        """Raise `Malformed` where the filters cannot be undone here."""
        if self.filters and self.largest > LARGEST_CHUNK:
            raise Malformed("a part of a dataset is larger than it may be")
        for each in self.filters:
            check(each)

    def data(self, blob: Blob, piece: Piece, limits: Limits) -> bytes:
        """The bytes of a piece.

        Raises:
            Malformed: it is not what its filters make.
        """
        if piece.size > 2 * LARGEST_CHUNK or piece.start + piece.size > blob.size:
            raise Malformed(OUTSIDE)
        data = blob.read(piece.start, piece.start + piece.size)
        for number, each in reversed(list(enumerate(self.filters))):
            if not piece.mask >> number & 1:
                data = undone(each, data, self.largest + 4)
        limits.spend(len(data))
        return data


class Strings:
    """The strings of variable length that elements of datasets point to."""

    def __init__(self, blob: Blob, sizes: Sizes) -> None:
        self.width = 4 + sizes.address + 4
        self._blob = blob
        self._base = sizes.base
        self._address_bytes = sizes.address
        self._size_bytes = sizes.length
        self._told: dict[int, int] = {}
        self._collections: dict[int, dict[int, tuple[int, int]]] = {}

    def is_new(self, start: int, end: int) -> bool:
        """Whether no string there was asked about that was as long: many elements may point to one."""
        if self._told.get(start, -1) >= end:
            return False
        self._told[start] = end
        return True

    def ranges(self, elements: bytes) -> Iterator[tuple[int, int] | None]:
        """The bytes of the file that each element points to; None where that is nothing."""
        for at in range(0, len(elements) - self.width + 1, self.width):
            length = int.from_bytes(elements[at : at + 4], "little")
            address = int.from_bytes(elements[at + 4 : at + 4 + self._address_bytes], "little")
            number = int.from_bytes(elements[at + 4 + self._address_bytes : at + self.width], "little")
            start, size = self._collection(address).get(number, (0, 0)) if length else (0, 0)
            yield (start, start + min(length, size)) if size else None

    def _collection(self, address: int) -> dict[int, tuple[int, int]]:
        known = self._collections.get(address)
        if known is None:
            if len(self._collections) >= _KEPT:
                self._collections.clear()
            known = self._collections[address] = self._read(self._base + address)
        return known

    def _read(self, at: int) -> dict[int, tuple[int, int]]:
        """Where each object of a collection stands, and how long it is."""
        found: dict[int, tuple[int, int]] = {}
        head = self._blob.read(at, at + 8 + self._size_bytes) if at < self._blob.size else b""
        if not head.startswith(b"GCOL\x01"):
            return found
        cursor = Cursor(self._blob, at, min(self._blob.size, at + int.from_bytes(head[8:], "little")))
        header = 8 + self._size_bytes
        if cursor.left >= header:
            cursor.skip(header)
        while cursor.left >= header:
            number = cursor.number(2)
            cursor.skip(6)
            size = cursor.number(self._size_bytes)
            if number == 0 or size > cursor.left:
                break
            found[number] = (cursor.at, size)
            cursor.skip(min(cursor.left, size + -size % 8))
        return found
