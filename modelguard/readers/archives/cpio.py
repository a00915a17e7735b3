"""Archives of `cpio`, as in RPM packages and initial ramdisks: with numbers in hexadecimal (newc, crc) or octal (odc).

Format: cpio(5) of FreeBSD; for newc also `Documentation/driver-api/early-userspace/buffer-format.rst` of Linux.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.behind import behind, behind_zeros
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.members import Ranged

_LAST = "TRAILER!!!"
_LONGEST_NAME = 4096
_MAGIC_BYTES = 6


class _Dialect(NamedTuple):
    """How headers are written: how long, with numbers to what base, where the sizes stand, padded to what."""

    length: int
    base: int
    size: slice
    name: slice
    padded: int


_NEW = _Dialect(110, 16, slice(54, 62), slice(94, 102), 4)
_OLD = _Dialect(76, 8, slice(65, 76), slice(59, 65), 1)
_DIALECTS = {b"070701": _NEW, b"070702": _NEW, b"070707": _OLD}


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The members of an archive, and of those that follow it. See `Reader`."""
    at = 0
    while True:
        limits.check_time()
        dialect = _DIALECTS.get(blob.read(at, at + _MAGIC_BYTES))
        if dialect is None:
            raise Malformed("a header in it is none")
        header = blob.read(at, at + dialect.length)
        try:
            size, name_bytes = int(header[dialect.size], dialect.base), int(header[dialect.name], dialect.base)
        except ValueError:
            raise Malformed("a header in it is none") from None
        if not 0 < name_bytes <= _LONGEST_NAME or size < 0:
            raise Malformed("a header in it is none")
        named = at + dialect.length
        name = blob.read(named, named + name_bytes).rstrip(b"\0").decode("utf-8", "replace")
        start = _padded(named + name_bytes, dialect)
        end = start + size
        if len(blob.read(max(start, end - 1), end)) < min(1, size):
            raise Malformed("a member is longer than the archive")
        if size and name != _LAST:
            yield Member(Ranged(blob, name, start, end))
            yield Covered(start, end)
        at = _padded(end, dialect)
        if name == _LAST:
            next_at = behind_zeros(blob, at)
            if next_at is None:
                return
            at = next_at
            if blob.read(at, at + _MAGIC_BYTES) not in _DIALECTS:
                yield from behind(blob, at)
                return


def _padded(at: int, dialect: _Dialect) -> int:
    return at + -at % dialect.padded
