"""TIFF and BigTIFF, and so DNG, GeoTIFF, OME-TIFF: the texts of all directories; EXIF, GPS, XMP and IPTC in these.

Format: TIFF 6.0, section 2; https://www.awaresystems.be/imaging/tiff/bigtiff.html; Exif 3.0 (CIPA DC-008-2023), section
4.6; XMP Specification Part 3, section 1.1.1. The pictures are looked at as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from modelguard.model import Blob
from modelguard.readers.documents.exif import DIRECTORIES, TEXTS, Entry, told
from modelguard.readers.documents.iptc import datasets, resources
from modelguard.readers.documents.labelled import labelled
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.members import Ranged
from modelguard.readers.weights.flatbuffers import Buffer
from modelguard.readers.weights.key_values import Entries

_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}
_POINTERS = {4: 4, 13: 4, 16: 8, 18: 8}
"""LONG, IFD, LONG8 and IFD8 and how wide they are."""

_BYTES = {**dict.fromkeys(TEXTS, 1), **_POINTERS}
_XMP, _IPTC, _PHOTOSHOP, _SUB = 0x02BC, 0x83BB, 0x8649, 0x014A
_LENGTHS, _IMAGEJ = 0xC696, 0xC697
_MOST_DIRECTORIES = 20_000
_MOST_ENTRIES = 1_000_000
_LONGEST = 16 * 1024 * 1024


class _Directory(NamedTuple):
    """Where a directory is, and what texts in it are called."""

    at: int
    place: str


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of a picture. See `Reader`."""
    file = _File(blob, limits)
    lengths: list[int] = []
    for tag, kind, start, end, place in file.entries():
        limits.check_time()
        if tag in (_XMP, _IPTC, _PHOTOSHOP):
            yield from _block(blob, tag, start, end, limits)
        elif tag == _LENGTHS and kind == 4:
            lengths = file.numbers(4, start, end)
        elif tag == _IMAGEJ and end - start <= _LONGEST:
            limits.spend(end - start)
            yield from _of_imagej(blob, start, end, lengths, file.order)
        elif kind in TEXTS and end - start <= _LONGEST:
            limits.spend(end - start)
            yield from told(blob, Entry(tag, blob.read(start, end), start), file.order, place)


def _block(blob: Blob, tag: int, start: int, end: int, limits: Limits) -> Iterator[Piece]:
    """XMP, IPTC or Photoshop's resources, all of which have a format of their own."""
    if end - start > _LONGEST:
        yield Member(Ranged(blob, "XMP", start, end))
        yield Covered(start, end)
        return
    limits.spend(end - start)
    data = blob.read(start, end)
    if tag == _XMP:
        yield from labelled(blob, "XMP", data.rstrip(b"\0"), "XMP", (start, end))
        yield Covered(start, end)
    else:
        yield from datasets(blob, data, start) if tag == _IPTC else resources(blob, data, start)


def _of_imagej(blob: Blob, start: int, end: int, lengths: list[int], order: str) -> Iterator[Piece]:
    """What ImageJ says of a stack: a header, and texts in UTF-16 with nothing between them (its `TiffEncoder`)."""
    gathered = Entries(again=True)
    first = start
    for number, length in enumerate(lengths):
        last = min(first + length, end)
        if number and last > first:
            text = blob.read(first, last).decode(f"utf-16-{order[0]}e", "replace").encode("utf-8", "replace")
            gathered.add(text, f"TIFF ImageJ[{number - 1}]", first, last)
        first = last
    yield from gathered.told()


class _File:
    """The directories of a file; each is visited once, and no value is given twice."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        head = blob.read(0, 16)
        self.order = _ORDERS[head[:2]]
        self._is_big = int.from_bytes(head[2:4], self.order) == 43
        self._buffer = Buffer(blob)
        self._limits = limits
        self._width = 8 if self._is_big else 4
        self._first = self._number(8 if self._is_big else 4, self._width)

    def entries(self) -> Iterator[tuple[int, int, int, int, str]]:
        """Tag, type, start, end and place of each entry that may be text.

        Raises:
            Malformed: a directory is not as it should be.
        """
        waiting = [_Directory(self._first, "")]
        seen: set[int] = set()
        given: set[int] = set()
        pages = count_of_all = 0
        while waiting:
            directory = waiting.pop()
            if directory.at in seen:
                continue
            seen.add(directory.at)
            if len(seen) > _MOST_DIRECTORIES:
                raise Malformed("it has more directories than any picture has")
            if not directory.place:
                directory = _Directory(directory.at, f"TIFF {{}} (page {pages + 1})" if pages else "TIFF {}")
                pages += 1
            first, count, width = self._listed(directory.at)
            count_of_all += count
            if count_of_all > _MOST_ENTRIES:
                raise Malformed("it has more entries than any picture has")
            following = self._number(first + count * width, self._width)
            if following and directory.place.startswith("TIFF"):
                waiting.append(_Directory(following, ""))
            for at in range(first, first + count * width, width):
                tag, kind, start, end = self._entry(at)
                if tag in DIRECTORIES and kind in _POINTERS:
                    place = "" if tag == _SUB else "EXIF {}"
                    waiting += [_Directory(each, place) for each in self.numbers(_POINTERS[kind], start, end)]
                elif kind in _BYTES and start not in given and end > start:
                    given.add(start)
                    yield tag, kind, start, end, directory.place

    def _listed(self, at: int) -> tuple[int, int, int]:
        """Where the entries of a directory begin, how many there are, and how long each is."""
        if self._is_big:
            first, count, width = at + 8, self._number(at, 8), 20
        else:
            first, count, width = at + 2, self._number(at, 2), 12
        if first + count * width > self._buffer.size:
            raise Malformed("a directory is longer than the file")
        return first, count, width

    def _entry(self, at: int) -> tuple[int, int, int, int]:
        """Tag, type, and where the value stands; it stands in the entry where it is short."""
        self._limits.check_time()
        tag, kind = self._number(at, 2), self._number(at + 2, 2)
        length = self._number(at + 4, self._width) * _BYTES.get(kind, 0)
        start = at + 4 + self._width
        if length > self._width:
            start = self._number(start, self._width)
        if start + length > self._buffer.size:
            raise Malformed("a value lies outside the file")
        return tag, kind, start, start + length

    def numbers(self, width: int, start: int, end: int) -> list[int]:
        """The numbers of a value, not more than there may be directories."""
        data = self._buffer.take(start, min(end - start, width * _MOST_DIRECTORIES))
        return [int.from_bytes(data[at : at + width], self.order) for at in range(0, len(data) - width + 1, width)]

    def _number(self, at: int, width: int) -> int:
        return int.from_bytes(self._buffer.take(at, width), self.order)
