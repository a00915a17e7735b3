"""Rows that were deleted from an SQLite database: records in the free bytes of its pages, found by their shape.

What frees a row writes four bytes over its beginning, and nothing else (section 1.6 of the format, "freeblock"): the
length, the row id, the length of the record's header and perhaps the first type. What is left is a record if as many
types as the table has columns stand there, and the values that they tell of fit in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from modelguard.readers.interface import Malformed
from modelguard.readers.tables.sqlite_pages import size_of, types_of

_TRIES, _BYTES_A_TRY = 400_000, 32
"""How often a record is looked for in one file, and in how many free bytes once more."""

_BYTES, _TIMES = 4 << 20, 32
"""How many bytes of records are told of one file, and how often as many more as there are free ones."""

_LEAST_BYTES = 8
"""Bytes of values that make a record worth telling."""

_MOST_COLUMNS = 120
_OVERWRITTEN = 4
_ZEROS = re.compile(rb"\0{6,}")
_LATEST = 9
"""Where in a row its first type stands at most."""


class Deleted:
    """Looks for deleted rows in one file; what is free is looked at as it stands, too, so this may end at any time."""

    def __init__(self) -> None:
        self._tries = _TRIES
        self._bytes = _BYTES

    def records(self, free: bytes, columns: Collection[int]) -> Iterator[tuple[bytes, int, int]]:
        """Records of so many columns in bytes that are free, and where each stands there."""
        self._tries += len(free) // _BYTES_A_TRY
        self._bytes += len(free) * _TIMES
        for count in sorted(columns):
            for found in self._of(free, count) if 0 < count <= _MOST_COLUMNS else ():
                self._bytes -= len(found[0])
                if self._bytes < 0:
                    return
                yield found

    def _of(self, free: bytes, count: int) -> Iterator[tuple[bytes, int, int]]:
        lengths = re.compile(b"[\\x%02x-\\x%02x]" % (count + 1, min(127, 2 * count + 1)))
        yield from self._damaged(free, 0, count)
        for zeros in _ZEROS.finditer(free):  # the last row of a page: what leads to it is overwritten, too
            for before in range(4):
                yield from self._damaged(free, zeros.end() - before, count, is_last=True)
        at = 0
        while (found := lengths.search(free, at)) is not None and self._tries > 0:
            at = found.start()
            end = self._end(free, at, count)
            if end:
                yield free[at:end], at, end
                yield from self._damaged(free, end, count)
            at = end or at + 1

    def _end(self, free: bytes, at: int, count: int) -> int:
        """Where a record ends whose header begins at a byte; 0 where it is none."""
        self._tries -= 1
        head = free[at : at + free[at]]
        if len(head) < free[at] or (head.isascii() and len(head) != count + 1):
            return 0
        try:
            types, _ = types_of(head)
        except Malformed:
            return 0
        size = sum([size_of(kind) for kind in types])
        end = at + len(head) + size
        is_one = len(types) == count and size >= _LEAST_BYTES and end <= len(free) and not {10, 11} & set(types)
        return end if is_one else 0

    def _damaged(self, free: bytes, start: int, count: int, is_last: bool = False) -> Iterator[tuple[bytes, int, int]]:
        """The row that begins at a byte, of which four bytes are lost; each way in which the rest may be read.

        Where its own bytes say how long it is, it goes on to the end only if it `is_last`.
        """
        self._tries -= 1
        if self._tries < 0:
            return
        size = int.from_bytes(free[start + 2 : start + 4], "big")
        for first in range(start + _OVERWRITTEN, start + _LATEST):
            types = _varints(free, first, count)
            if types:
                end = self._end(bytes([len(types) + 1]) + free[first:], 0, count)
                if end:
                    yield bytes([len(types) + 1]) + free[first : first + end - 1], start, first + end - 1
        rest = _varints(free, start + _OVERWRITTEN, count - 1)
        values = start + _OVERWRITTEN + len(rest)
        if rest or count == 1:  # of the first value nothing but its end is known
            known = sum([size_of(kind) for kind in types_of(bytes([len(rest) + 1]) + rest)[0]])
            own = start + size
            ends = {own} if own <= len(free) else set()
            if is_last or not values + _LEAST_BYTES <= own <= len(free):
                ends.add(len(free))
            for end in ends:
                if _LEAST_BYTES <= end - values >= known and any(free[values : values + 4]):
                    yield _record(rest, free[values:end], end - values - known), start, end


def _varints(data: bytes, at: int, count: int) -> bytes:
    """So many numbers that begin at an offset, as they are written; nothing where they are too many bytes."""
    first = at
    for _ in range(count):
        for _ in range(4):
            at += 1
            if at > len(data) or data[at - 1] < 0x80:
                break
        if at > len(data) or data[at - 1] >= 0x80:
            return b""
    return data[first:at] if at - first < 126 else b""


def _record(rest: bytes, values: bytes, length: int) -> bytes:
    """A record whose first value is a text of this length."""
    kind = 2 * length + 13
    written = bytes([kind & 0x7F])
    while kind := kind >> 7:
        written = bytes([kind & 0x7F | 0x80]) + written
    head = written + rest
    return bytes([len(head) + 1]) + head + values
