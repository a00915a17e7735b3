"""Where objects lie in packs, and what is deflated there: an object itself, or what makes it from another.

Reading them here saves passing everything through a pipe, and tells what a version has in common with the one that it
was made from. Whatever is not as it should be in a pack is git's to tell.

A pack is read in pieces, not mapped: mapped pages count as memory, and a file that is cut short kills the process.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import NamedTuple, cast

from zlib_ng import zlib_ng

from modelguard.sources.history.pack_index import PackIndex
from modelguard.sources.history.repository import Repository

_BLOCK = 1 << 13

_PACK_MAGIC = (b"PACK\x00\x00\x00\x02", b"PACK\x00\x00\x00\x03")
_WHOLE = (1, 2, 3, 4)
_OFFSET_DELTA, _ID_DELTA = 6, 7
_NotDeflated = cast("type[Exception]", zlib_ng.error)

Spot = tuple[int, int]
"""Where an object lies: the number of its pack, and the offset in it."""


class Entry(NamedTuple):
    """Where an object lies, where that lies which it is made from (None: it is whole), and what is deflated there.

    The latter is `length` bytes, and begins at `start`: the object, or the delta that makes it.
    """

    spot: Spot
    base: Spot | None
    start: int
    length: int


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

    def entry(self, name: str) -> Entry | None:
        """What is known of the object of this id.

        None where it lies in no pack, or in several places: git could read another than we do.
        """
        if name in self._loose:
            return None
        wanted = bytes.fromhex(name)
        found: tuple[int, int] | None = None
        for number, pack in enumerate(self._packs):
            offset = pack.index.find(wanted)
            if offset is not None:
                if found is not None:
                    return None
                found = number, offset
        if found is None:
            return None
        return self.entry_at(found)

    def entry_at(self, spot: Spot) -> Entry | None:
        """What lies at a place, as something else there is made from it; None where that is no object."""
        number, offset = spot
        try:
            length, start, base = self._packs[number].entry(offset)
        except (OSError, ValueError, IndexError):
            return None
        return Entry(spot, None if base is None else (number, base), start, length)

    def inflated(self, entry: Entry) -> bytes | None:
        """What is deflated in an entry; None where that is not what it should be."""
        try:
            return self._packs[entry.spot[0]].inflated(entry.start, entry.length)
        except (OSError, ValueError, _NotDeflated):
            return None

    def close(self) -> None:
        """Let go of the files."""
        for pack in self._packs:
            pack.close()
        self._packs = []

    def _add(self, path: str, id_bytes: int) -> None:
        with suppress(OSError, ValueError):
            self._packs.append(_Pack(path, id_bytes))


class _Pack:
    """One pack (gitformat-pack) and its index."""

    def __init__(self, path: str, id_bytes: int) -> None:
        self.path = path
        self.id_bytes = id_bytes
        self.index = PackIndex(path, id_bytes)
        self._block = b""
        self._block_start = self._block_end = 0
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0))
        if self._bytes(0, 8) not in _PACK_MAGIC:
            self.close()
            raise ValueError

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def entry(self, offset: int) -> tuple[int, int, int | None]:
        """What begins at `offset`: the size of its content, where that begins, and where its base does, if it has one.

        Raises:
            ValueError, IndexError: that is no object.
        """
        head = self._bytes(offset, 32 + self.id_bytes)
        byte = head[0]
        kind, size, shift, at = byte >> 4 & 7, byte & 15, 4, 1
        while byte & 0x80:
            byte = head[at]
            size |= (byte & 0x7F) << shift
            shift += 7
            at += 1
        if kind in _WHOLE:
            return size, offset + at, None
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
            return size, offset + at, offset - back
        if kind == _ID_DELTA:
            base = self.index.find(head[at : at + self.id_bytes])
            if base is None:
                raise ValueError
            return size, offset + at + self.id_bytes, base
        raise ValueError

    def inflated(self, start: int, size: int) -> bytes:
        """`size` bytes that begin, deflated, at `start`. A stream that holds more is refused, not inflated.

        Raises:
            OSError, ValueError, zlib_ng.error: the stream holds anything else, or cannot be read.
        """
        longest = size + (size >> 12) + (size >> 14) + 64  # zlib's compressBound, and some
        for likely in (min(longest, _BLOCK // 2 + (size >> 2)), longest):
            stream = zlib_ng.decompressobj()
            content = stream.decompress(self._bytes(start, likely), size + 1)
            if stream.eof and len(content) == size:
                return content
        raise ValueError

    def _bytes(self, start: int, count: int) -> bytes:
        """Up to `count` bytes of the pack. They are read a block at a time: what is asked for next is often beside."""
        if not self._block_start <= start <= start + count <= self._block_end:
            whole = os.pread(self._descriptor, max(count, _BLOCK), start)
            if count > _BLOCK:
                return whole
            self._block, self._block_start, self._block_end = whole, start, start + len(whole)
        at = start - self._block_start
        return self._block[at : at + count]
