"""Matroska and WebM: title, tags, names of tracks and chapters, attached files. Picture and sound as they stand.

Format: RFC 8794 (EBML), sections 4 and 5; RFC 9559 (Matroska), section 5. A text has no end mark, and what follows it
may begin with a letter, so the bytes alone do not show where it ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.documents.labelled import labelled
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Ranged

MAGIC = b"\x1a\x45\xdf\xa3"
_MASTERS = {
    0x18538067,  # Segment
    0x1549A966,  # Info
    0x1254C367,  # Tags
    0x7373,  # Tag
    0x67C8,  # SimpleTag
    0x1654AE6B,  # Tracks
    0xAE,  # TrackEntry
    0x1043A770,  # Chapters
    0x45B9,  # EditionEntry
    0xB6,  # ChapterAtom
    0x80,  # ChapterDisplay
    0x1941A469,  # Attachments
    0x61A7,  # AttachedFile
}
_TAG_NAME, _TAG_STRING = 0x45A3, 0x4487
_TEXTS = {
    0x7BA9: "title",
    0x4D80: "muxing application",
    0x5741: "writing application",
    0x7384: "file name",
    _TAG_NAME: "name of a tag",
    0x536E: "name of a track",
    0x85: "chapter",
    0x466E: "name of a file",
    0x467E: "description of a file",
}
_FILES = {0x465C: "attached file", 0x4485: "bytes of a tag"}
_DEEPEST = 16
_MOST_ELEMENTS = 1_000_000
_LONGEST_NAME = 30
"""A longer one is told alone, since it may be a value itself."""

_LONGEST = 16 * 1024 * 1024
_HEADER_BYTES = 12


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of a film. See `Reader`."""
    yield from _Film(blob, limits).elements(0, blob.size, 0)


class _Film:
    """Walks through elements within elements. The name of a tag stands before its text."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob = blob
        self._limits = limits
        self._left = _MOST_ELEMENTS
        self._tag = ""

    def elements(self, at: int, end: int, depth: int) -> Iterator[Piece]:
        """The texts from one byte to another.

        Raises:
            Malformed: an element is longer than what it is in, or there are too many.
        """
        while at < end:
            self._left -= 1
            if self._left < 0 or depth > _DEEPEST:
                raise Malformed("it has more elements than any film has")
            self._limits.check_time()
            number, start, last = self._element(at, end)
            if number in _MASTERS:
                yield from self.elements(start, last, depth + 1)
            elif number in _FILES:
                self._limits.member()
                yield Member(Ranged(self._blob, _FILES[number], start, last))
                yield Covered(start, last)
            elif (number in _TEXTS or number == _TAG_STRING) and last - start <= _LONGEST:
                yield from self._text(number, start, last)
            at = last

    def _text(self, number: int, start: int, end: int) -> Iterator[Piece]:
        self._limits.spend(end - start)
        text = self._blob.read(start, end).rstrip(b"\0")
        label = _TEXTS.get(number, self._tag)
        name = f"tag {quoted(self._tag)}" if number == _TAG_STRING else label
        if number == _TAG_NAME:
            self._tag = text.decode("utf-8", "replace") if len(text) <= _LONGEST_NAME else "with a long name"
        yield from labelled(self._blob, label, text, name, (start, end))
        yield Covered(start, end)

    def _element(self, at: int, end: int) -> tuple[int, int, int]:
        """Its number, and where what is in it begins and ends; of unknown size it ends where its parent does."""
        head = self._blob.read(at, min(end, at + _HEADER_BYTES))
        width = _width(head[:1])
        size_width = _width(head[width : width + 1])
        if len(head) < width + size_width or width > 4:
            raise Malformed("an element is cut short")
        bits = 7 * size_width
        size = int.from_bytes(head[width : width + size_width], "big") & (1 << bits) - 1
        start = at + width + size_width
        last = end if size == (1 << bits) - 1 else start + size
        if last > end:
            raise Malformed("an element is longer than what it is in")
        return int.from_bytes(head[:width], "big"), start, last


def _width(first: bytes) -> int:
    """How many bytes a number has, as the zeros before its first bit say."""
    if not first or not first[0]:
        raise Malformed("an element is cut short")
    return 9 - first[0].bit_length()
