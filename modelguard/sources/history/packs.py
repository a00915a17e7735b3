"""What packs say of objects without unpacking them: which other object each was made from, and what in it is new.

git inflates objects, and it alone says what they hold; but it does not tell what a version has in common with the one
before, and looking at that again is what takes the time. Whatever is not as it should be in a pack gives no hint.

A pack is read in pieces, not mapped: mapped pages count as memory, and a file that is cut short kills the process.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from modelguard.sources.history.delta import fresh_in
from modelguard.sources.history.repository import Repository

_BLOCK = 1 << 16
_LONGEST_DELTA = 4 * 1024
_LEAST_SAVED = 24
"""A delta is read if the object is so many times longer: following a long one takes longer than looking at it all."""

_PACK_MAGIC = (b"PACK\x00\x00\x00\x02", b"PACK\x00\x00\x00\x03")
_INDEX_MAGIC = b"\xfftOc\x00\x00\x00\x02"
_HEADER = 8 + 256 * 4
_WHOLE = (1, 2, 3, 4)
_OFFSET_DELTA, _ID_DELTA = 6, 7
_LARGE_OFFSET = 0x80000000

Spot = tuple[int, int]
"""Where an object lies: the number of its pack, and the offset in it."""


class Hint(NamedTuple):
    """Where an object lies, where the one lies that it was made from, and what in it is new (see `delta.fresh_in`)."""

    spot: Spot
    base: Spot | None = None
    fresh: list[int] | None = None


class Packs:
    """The packs of one repository; used in one thread. `loose` are the ids of objects that lie outside as well."""

    def __init__(self, repository: Repository, loose: frozenset[str] = frozenset()) -> None:
        self._packs: list[_Pack] = []
        self._loose = loose
        for folder in repository.object_folders():
            below = os.path.join(folder, "pack")
            with suppress(OSError):
                for name in sorted(os.listdir(below)):
                    if name.endswith(".pack"):
                        self._add(os.path.join(below, name), repository.id_bytes)

    def hint(self, name: str, size: int) -> Hint | None:
        """What is known of the object of this id and size.

        None where it lies in no pack, or in several places: git could read another than we do.
        """
        wanted = bytes.fromhex(name)
        spots = [
            (number, offset) for number, pack in enumerate(self._packs) if (offset := pack.find(wanted)) is not None
        ]
        if len(spots) != 1 or name in self._loose:
            return None
        number, offset = spots[0]
        pack = self._packs[number]
        try:
            kind, length, start, base = pack.entry(offset)
            if kind in _WHOLE or length > _LONGEST_DELTA or length * _LEAST_SAVED > size:
                return Hint(spots[0])
            return Hint(spots[0], (number, base), fresh_in(pack.inflated(start, length), size))
        except (OSError, ValueError, zlib.error, IndexError):  # DeltaError is a ValueError
            return None

    def close(self) -> None:
        """Let go of the files."""
        for pack in self._packs:
            pack.close()
        self._packs = []

    def _add(self, path: str, id_bytes: int) -> None:
        with suppress(OSError, ValueError, struct.error):
            self._packs.append(_Pack(path, id_bytes))


@dataclass(slots=True)
class _Pack:
    """One pack and its index (gitformat-pack, version 2)."""

    path: str
    id_bytes: int
    _descriptor: int = -1
    _size: int = 0
    _fan: tuple[int, ...] = ()
    _names: bytes = b""
    _offsets: bytes = b""
    _large: bytes = b""
    _block: bytes = b""
    _block_start: int = 0
    _block_end: int = field(default=0)

    def __post_init__(self) -> None:
        with open(self.path.removesuffix(".pack") + ".idx", "rb") as file:
            head = file.read(_HEADER)
            if len(head) < _HEADER or not head.startswith(_INDEX_MAGIC):
                raise ValueError
            self._fan = (0, *struct.unpack(">256I", head[8:]))
            count = self._fan[-1]
            self._names = file.read(count * self.id_bytes)
            file.seek(count * 4, os.SEEK_CUR)  # checksums
            self._offsets = file.read(count * 4)
            self._large = file.read()
        if len(self._offsets) < count * 4 or list(self._fan) != sorted(self._fan):
            raise ValueError
        self._descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
        self._size = os.fstat(self._descriptor).st_size
        if self._bytes(0, 8) not in _PACK_MAGIC:
            self.close()
            raise ValueError

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def find(self, wanted: bytes) -> int | None:
        """Where the object of this raw id begins."""
        names, width = self._names, self.id_bytes
        low, high = self._fan[wanted[0]] * width, self._fan[wanted[0] + 1] * width
        place = names.find(wanted, low, high)
        while place % width and place >= 0:  # it lies across two ids
            place = names.find(wanted, place + 1, high)
        if place < 0:
            return None
        at = place // width
        offset = int.from_bytes(self._offsets[at * 4 : at * 4 + 4], "big")
        if offset & _LARGE_OFFSET:
            place = (offset ^ _LARGE_OFFSET) * 8
            offset = int.from_bytes(self._large[place : place + 8], "big")
        return offset

    def entry(self, offset: int) -> tuple[int, int, int, int]:
        """What begins at `offset`: its type, the size of its content, where that begins, and where its base does."""
        head = self._bytes(offset, 32 + self.id_bytes)
        byte = head[0]
        kind, size, shift, at = byte >> 4 & 7, byte & 15, 4, 1
        while byte & 0x80:
            byte = head[at]
            size |= (byte & 0x7F) << shift
            shift += 7
            at += 1
        if kind == _OFFSET_DELTA:
            byte = head[at]
            at += 1
            back = byte & 0x7F
            while byte & 0x80:
                byte = head[at]
                back = (back + 1 << 7) | (byte & 0x7F)
                at += 1
            if not 0 < back < offset:
                raise ValueError
            return kind, size, offset + at, offset - back
        if kind == _ID_DELTA:
            base = self.find(head[at : at + self.id_bytes])
            if base is None:
                raise ValueError
            return kind, size, offset + at + self.id_bytes, base
        if kind not in _WHOLE:
            raise ValueError
        return kind, size, offset + at, 0

    def inflated(self, start: int, size: int) -> bytes:
        """`size` bytes that begin, deflated, at `start`. A stream that holds more is refused, not inflated."""
        longest = size + (size >> 12) + (size >> 14) + 64  # zlib's compressBound, and some
        content = zlib.decompressobj().decompress(self._bytes(start, longest), size + 1)
        if len(content) != size:
            raise ValueError
        return content

    def _bytes(self, start: int, count: int) -> bytes:
        """Up to `count` bytes of the pack. They are read a block at a time: objects are asked for in their order."""
        if not self._block_start <= start <= start + count <= self._block_end:
            whole = os.pread(self._descriptor, max(count, _BLOCK), start)
            if count > _BLOCK:
                return whole
            self._block, self._block_start, self._block_end = whole, start, start + len(whole)
        at = start - self._block_start
        return self._block[at : at + count]
