"""Members of a zip archive that its directory does not name, found by their own headers (APPNOTE.TXT, section 4.3.7).

An archive that was written as a stream and cut off has no directory; one from which a member was deleted may still hold
it, and so does one that stands before another.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.archives.streams import Unpacking, unpacked
from modelguard.readers.archives.zip_members import ENCRYPTED, STORED, method
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.members import Ranged

_MAGIC = b"PK\x03\x04"
_NEXT = (b"PK\x07\x08", _MAGIC, b"PK\x01\x02")
_HEADER = struct.Struct("<4s5HLLLHH")
_BYTES = _HEADER.size
_STEP = 1 << 20
_LONGEST_NAME = 4096
_NEWEST_VERSION = 63
_LENGTHS_FOLLOW = 0x8
_IN_UTF_8 = 0x800
_LENGTH_ELSEWHERE = 0xFFFFFFFF


class _Found(NamedTuple):
    """A member: its name, where its data begin, how long they are (None: nobody says), and how they were packed."""

    name: str
    start: int
    length: int | None
    packed: int
    flags: int
    size: int


def unlisted(blob: Blob, limits: Limits, ranges: Iterable[tuple[int, int]]) -> Iterator[Piece]:
    """The members in these parts of an archive, whole or as far as they go."""
    for start, end in ranges:
        at: int | None = start
        while at is not None and (at := _sought(blob, at, end, (_MAGIC,), limits)) is not None:
            found = _found(blob, at, end)
            last = None if found is None else (yield from _member(blob, found, end, limits))
            at = at + len(_MAGIC) if last is None else last


def _sought(blob: Blob, at: int, end: int, marks: Iterable[bytes], limits: Limits) -> int | None:
    """Where the first of these marks stands from an offset on."""
    while at + len(_MAGIC) < end:
        limits.check_time()
        data = blob.read(at, min(end, at + _STEP))
        places = [place for place in map(data.find, marks) if place >= 0]
        if places:
            return at + min(places)
        if len(data) < _STEP:
            return None
        at += len(data) - len(_MAGIC)
    return None


def _found(blob: Blob, at: int, end: int) -> _Found | None:
    """The member whose header stands there, if it is one."""
    header = blob.read(at, min(end, at + _BYTES))
    if len(header) < _BYTES:
        return None
    _, version, flags, packed, _, _, _, length, size, name_bytes, extra_bytes = _HEADER.unpack(header)
    start = at + _BYTES + name_bytes + extra_bytes
    if version & 0xFF > _NEWEST_VERSION or not 0 < name_bytes <= _LONGEST_NAME or start > end or flags & ENCRYPTED:
        return None
    name = blob.read(at + _BYTES, at + _BYTES + name_bytes)
    if b"\0" in name or (packed != STORED and method(packed, flags, size) is None):
        return None
    if length == _LENGTH_ELSEWHERE or (flags & _LENGTHS_FOLLOW and not length):
        return _Found(_text(name, flags), start, None, packed, flags, size)
    return _Found(_text(name, flags), start, length, packed, flags, size)


def _text(name: bytes, flags: int) -> str:
    return name.decode("utf-8" if flags & _IN_UTF_8 else "cp437", "replace")


def _member(blob: Blob, found: _Found, end: int, limits: Limits) -> Generator[Piece, None, int | None]:
    """What is in it; gives where it ends, or None where nothing comes out."""
    last = end if found.length is None else min(end, found.start + found.length)
    if found.packed == STORED:
        if found.length is None:
            last = _sought(blob, found.start, end, _NEXT, limits) or end
        if last == found.start:
            return last
        limits.member()
        yield Member(Ranged(blob, found.name, found.start, last))
        yield Covered(found.start, last)
        return last
    new = method(found.packed, found.flags, found.size)
    assert new is not None
    stream = Unpacking(blob, found.start, last, new, limits)
    try:
        yield from unpacked(blob, found.name, stream, limits, found.start, last)
    except Malformed:
        if stream.packed_end == found.start:
            return None
    if stream.has_ended:  # otherwise something else may stand where it broke off
        yield Covered(found.start, min(last, stream.packed_end))
    return max(stream.packed_end if found.length is None else last, found.start)
