"""Which objects a pack holds, and where in it each begins (gitformat-pack, pack-*.idx files, version 2)."""

from __future__ import annotations

import os
import struct

_MAGIC = b"\xfftOc\x00\x00\x00\x02"
_HEADER = len(_MAGIC) + 256 * 4
_LARGE_OFFSET = 0x80000000
_ASTRAY = 150
"""Among how many ids on either side one is looked for first: over four standard deviations in a million of them."""


class PackIndex:
    """The index of one pack, given by the pack's path, with ids of `id_bytes` bytes.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged, or of another version.
    """

    def __init__(self, pack: str, id_bytes: int) -> None:
        self._width = id_bytes
        with open(pack.removesuffix(".pack") + ".idx", "rb") as file:
            head = file.read(_HEADER)
            if len(head) < _HEADER or not head.startswith(_MAGIC):
                raise ValueError
            self._fan = (0, *struct.unpack(">256I", head[len(_MAGIC) :]))
            count = self._fan[-1]
            self._names = file.read(count * id_bytes)
            file.seek(count * 4, os.SEEK_CUR)  # checksums
            self._offsets = file.read(count * 4)
            self._large = file.read()
        if len(self._offsets) < count * 4 or list(self._fan) != sorted(self._fan):
            raise ValueError

    def ids(self) -> list[str]:
        """The ids of all objects, in hexadecimal."""
        return [self._names[at : at + self._width].hex() for at in range(0, len(self._names), self._width)]

    def find(self, wanted: bytes) -> int | None:
        """Where the object of this raw id begins."""
        width = self._width
        first, last = self._fan[wanted[0]], self._fan[wanted[0] + 1]
        # ids are spread evenly: this one is most likely where its next bytes say
        near = first + ((last - first) * (wanted[1] << 8 | wanted[2]) >> 16)
        at = self._place(wanted, max(first, near - _ASTRAY) * width, min(last, near + _ASTRAY) * width)
        if at < 0:
            at = self._place(wanted, first * width, last * width)
        if at < 0:
            return None
        at = at // width * 4
        offset = int.from_bytes(self._offsets[at : at + 4], "big")
        if offset & _LARGE_OFFSET:
            place = (offset ^ _LARGE_OFFSET) * 8
            offset = int.from_bytes(self._large[place : place + 8], "big")
        return offset

    def _place(self, wanted: bytes, low: int, high: int) -> int:
        place = self._names.find(wanted, low, high)
        while place % self._width and place >= 0:  # it lies across two ids
            place = self._names.find(wanted, place + 1, high)
        return place
