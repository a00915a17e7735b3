"""The wire format of protocol buffers without a schema: which fields a message has, and where they stand.

Format: https://protobuf.dev/programming-guides/encoding/. Fields are walked by ranges of a blob: what is long is passed
over by its length and never read.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
"""Wire types. 3 and 4 begin and end a group, which holds nothing itself; others there are none."""

_GROUPS = (3, 4)
_LONGEST_HEAD = 20
"""Bytes of a tag and a length, each a varint of up to ten bytes."""

_STEP = 64 * 1024
_BEHIND = 4096
_LONGEST_VARINT = 10
_MOST_GUESSED_FIELDS = 20_000
_LARGEST_GUESSED_NUMBER = 1 << 16

Field = tuple[int, int, int, int]
"""Field number, wire type, and the bytes of the blob from where to where its content stands, without tag and length."""


class Source:
    """A blob for many small looks that go forward. `end` is where it ends."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self.end = blob.size
        self._blob = blob
        self._limits = limits
        self._data = b""
        self._base = 0

    def at(self, at: int, count: int) -> tuple[bytes, int]:
        """Bytes that hold `count` of them from `at` on, or all to the end, and where in the blob these begin."""
        data, base = self._data, self._base
        place = at - base
        if place < 0 or (place + count > len(data) and base + len(data) < self.end):
            self._limits.check_time()
            before = data[max(0, place - _BEHIND) : place] if 0 <= place <= len(data) else b""
            data = before + self._blob.read(at, min(self.end, at + max(_STEP, count)))
            base = at - len(before)
            self._data, self._base = data, base
        return data, base

    def bytes(self, start: int, end: int) -> bytes:
        """The bytes of a range.

        Raises:
            Malformed: the blob has no such bytes.
        """
        place = start - self._base
        if place >= 0 and end - self._base <= len(self._data):
            return self._data[place : end - self._base]
        data = self._blob.read(start, end)
        if len(data) < end - start:
            raise Malformed("it ends too early")
        return data

    def varint(self, at: int) -> int:
        """The number that stands somewhere.

        Raises:
            Malformed: none does.
        """
        data, base = self.at(at, _LONGEST_VARINT)
        try:
            return varint(data, at - base)[0]
        except IndexError:
            raise Malformed("a number in it is cut off") from None


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends.

    Raises:
        IndexError: the data end first.
        Malformed: it is longer than ten bytes.
    """
    value = 0
    for place in range(_LONGEST_VARINT):
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise Malformed("a number in it is too long")


def fields(source: Source, start: int, end: int) -> Iterator[Field]:
    """The fields of the message that stands in a range, in order.

    Raises:
        Malformed: what stands there goes on as no message does; the fields before are told first.
    """
    at = start
    data, base = source.at(at, _LONGEST_HEAD) if start < end else (b"", 0)
    while at < end:
        place = at - base
        if place + _LONGEST_HEAD > len(data):
            data, base = source.at(at, _LONGEST_HEAD)
            place = at - base
        try:
            tag = data[place]
            place += 1
            if tag > 0x7F:
                tag, place = varint(data, place - 1)
            wire = tag & 7
            if wire == LENGTH:
                length = data[place]
                place += 1
                if length > 0x7F:
                    length, place = varint(data, place - 1)
            elif wire == VARINT and data[place] < 0x80:
                length = 1
            else:
                length = _length(data, place, wire)
        except IndexError:
            raise Malformed("a field in it is cut off") from None
        first = base + place
        at = first + length
        if at > end or not 8 <= tag <= 0xFFFFFFFF:
            raise Malformed("a field in it is longer than what holds it" if at > end else "a field in it has no number")
        yield tag >> 3, wire, first, at


def guessed(source: Source, start: int, end: int) -> list[Field] | None:
    """The fields of what may be a message: None where any of it is none."""
    found: list[Field] = []
    try:
        for field in fields(source, start, end):
            if field[1] in _GROUPS or field[0] > _LARGEST_GUESSED_NUMBER or len(found) >= _MOST_GUESSED_FIELDS:
                return None
            found.append(field)
    except Malformed:
        return None
    return found


def _length(data: bytes, place: int, wire: int) -> int:
    """Bytes of what has no length before it."""
    if wire == VARINT:
        return varint(data, place)[1] - place
    if wire == FIXED32:
        return 4
    if wire == FIXED64:
        return 8
    if wire in _GROUPS:
        return 0
    raise Malformed("a field in it is of no known type")
