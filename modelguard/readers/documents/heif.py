"""HEIC and AVIF: the items EXIF and XMP of a picture in boxes.

Format: ISO/IEC 14496-12, sections 8.11.3 (`iloc`) and 8.11.6 (`iinf`); ISO/IEC 23008-12, annex A (Exif and XMP).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.documents.exif import exif
from modelguard.readers.documents.labelled import labelled
from modelguard.readers.interface import Covered, Limits, Malformed, Piece
from modelguard.readers.weights.cursor import Cursor

_MOST_ITEMS = 10_000
_LONGEST_XMP = 16 * 1024 * 1024
_XMP = b"application/rdf+xml"
_WANTED = (b"iinf", b"iloc", b"idat")


class _Item(NamedTuple):
    """Where an item is: in the file, or in the box `idat`."""

    in_box: bool
    extents: tuple[tuple[int, int], ...]


def items(blob: Blob, start: int, end: int, limits: Limits) -> Iterator[Piece]:
    """The texts of the items that a `meta` box tells of; its boxes stand from `start` to `end`.

    Raises:
        Malformed: a box or an item is not where it should be.
    """
    boxes = _boxes(blob, start, end, limits)
    if b"iinf" not in boxes or b"iloc" not in boxes:
        return
    kinds = _kinds(Cursor(blob, *boxes[b"iinf"], "big"), limits)
    places = _places(Cursor(blob, *boxes[b"iloc"], "big"), limits)
    for number, kind in kinds.items():
        item = places.get(number)
        if item is None or len(item.extents) != 1:
            continue
        base = boxes.get(b"idat", (0, 0))[0] if item.in_box else 0
        first, last = (base + each for each in item.extents[0])
        if last > blob.size:
            raise Malformed("an item lies outside the file")
        yield from _told(blob, kind, first, last, limits)


def _told(blob: Blob, kind: bytes, start: int, end: int, limits: Limits) -> Iterator[Piece]:
    if kind == b"Exif":
        header = start + 4 + int.from_bytes(blob.read(start, start + 4), "big")
        if header < end:
            yield from exif(blob, header, end, limits)
    elif end - start <= _LONGEST_XMP:
        limits.spend(end - start)
        yield from labelled(blob, "XMP", blob.read(start, end), "XMP", (start, end))
        yield Covered(start, end)


def _boxes(blob: Blob, start: int, end: int, limits: Limits) -> Mapping[bytes, tuple[int, int]]:
    """What stands in the boxes that are wanted, the first of each."""
    found: dict[bytes, tuple[int, int]] = {}
    cursor = Cursor(blob, start, end, "big")
    while cursor.left >= 8:
        limits.check_time()
        at = cursor.at
        length, name = cursor.number(4), cursor.take(4)
        length = cursor.number(8) if length == 1 else length or end - at
        if not cursor.at - at <= length <= end - at:
            raise Malformed("a box is longer than what it is in")
        if name in _WANTED:
            found.setdefault(name, (cursor.at, at + length))
        cursor.skip(at + length - cursor.at)
    return found


def _kinds(cursor: Cursor, limits: Limits) -> Mapping[int, bytes]:
    """The items that are EXIF or XMP."""
    found: dict[int, bytes] = {}
    version = cursor.number(4) >> 24
    for _ in range(min(cursor.number(4 if version else 2), _MOST_ITEMS)):
        limits.check_time()
        at = cursor.at
        end = at + max(8, cursor.number(4))
        cursor.skip(4)
        version = cursor.number(4) >> 24
        if version >= 2:
            number = cursor.number(4 if version > 2 else 2)
            cursor.skip(2)
            kind = cursor.take(4)
            if kind == b"Exif" or (kind == b"mime" and _XMP in cursor.take(min(cursor.left, max(0, end - cursor.at)))):
                found[number] = kind
        if cursor.at > end:
            raise Malformed("a box is shorter than what is in it")
        cursor.skip(end - cursor.at)
    return found


def _places(cursor: Cursor, limits: Limits) -> Mapping[int, _Item]:
    """Where each item is."""
    found: dict[int, _Item] = {}
    version = cursor.number(4) >> 24
    sizes = cursor.number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(min(cursor.number(2 if version < 2 else 4), _MOST_ITEMS)):
        limits.check_time()
        number = cursor.number(2 if version < 2 else 4)
        in_box = bool(version) and cursor.number(2) & 15 == 1
        cursor.skip(2)
        begin = cursor.number(base)
        extents = []
        for _ in range(cursor.number(2) if offset + length else 0):
            cursor.skip(index if version else 0)
            first = begin + cursor.number(offset)
            extents.append((first, first + cursor.number(length)))
        found[number] = _Item(in_box, tuple(extents[:2]))
    return found
