"""EXIF: the texts in the directories of a camera or a picture tool.

Format: Exif 3.0 (CIPA DC-008-2023), section 4.6, on top of TIFF 6.0, section 2. A directory is a list of entries of
12 bytes: tag, type, count, and the value or where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from modelguard.model import Blob, GapReason
from modelguard.readers.documents.labelled import labelled
from modelguard.readers.interface import Covered, Limits, Piece, Problem

_ENTRY_BYTES = 12
TEXTS = (1, 2, 7, 129)
"""Types that may be text: BYTE, ASCII, UNDEFINED, UTF-8."""

_MOST_DIRECTORIES = 32
_MOST_ENTRIES = 1000
_LONGEST = 16 * 1024 * 1024
DIRECTORIES = {0x8769, 0x8825, 0xA005, 0x014A}
"""Exif, GPS, interoperability, and further pictures (SubIFDs)."""

_USER_COMMENT = 0x9286
_XMP = 0x02BC
_UNICODE = b"UNICODE\0"
_WITH_CHARSET = {_USER_COMMENT, 0x001B, 0x001C}
"""User comment, GPS method and GPS area begin with eight bytes that say how they are written."""

TITLES = {
    0x010D: "DocumentName",
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x0132: "DateTime",
    0x013B: "Artist",
    0x013C: "HostComputer",
    0x02BC: "XMP",
    0x8298: "Copyright",
    0xA480: "GDAL_METADATA",
    0x9286: "UserComment",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
    0xA420: "ImageUniqueID",
    0xA430: "CameraOwnerName",
    0xA431: "BodySerialNumber",
    0xA435: "LensSerialNumber",
    0xA436: "ImageTitle",
    0xA437: "Photographer",
    0xA438: "ImageEditor",
}
_UTF_16 = range(0x9C9B, 0x9CA0)


_LATIN = re.compile(rb"[!-~]{8}")
"""What should be UTF-16 and holds such a run may be something else as well."""


class Entry(NamedTuple):
    """A tag and the bytes of its value, which begin at `at`."""

    tag: int
    value: bytes
    at: int


def exif(blob: Blob, start: int, end: int, limits: Limits) -> Iterator[Piece]:
    """The texts in the bytes of a blob from `start` to `end`, which begin with `II` or `MM`."""
    data = blob.read(start, min(end, start + _LONGEST))
    limits.spend(len(data))
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(data[:4])
    if order is None:
        yield Problem(GapReason.MALFORMED, "its EXIF does not say how its numbers are written", "EXIF")
        return
    for entry in _entries(data, order == "little"):
        yield from told(blob, Entry(entry.tag, entry.value, start + entry.at), order, "EXIF {}")


def told(blob: Blob, entry: Entry, order: str, place: str) -> Iterator[Piece]:
    """An entry that is text. `order` is that of the numbers around it; its place is called as `place` says."""
    name = TITLES.get(entry.tag, f"0x{entry.tag:04X}")
    text = _text(entry, order)
    span = entry.at, entry.at + len(entry.value)
    if text is not None:
        hides = _is_wide(entry) and _LATIN.search(entry.value.removeprefix(_UNICODE))
        yield from labelled(blob, name, text, place.format(name), span, again=bool(hides))
        if not hides:
            yield Covered(*span)


def _entries(data: bytes, is_little: bool) -> Iterator[Entry]:
    """All entries that hold text, of all directories."""
    order = "little" if is_little else "big"

    def number(at: int, width: int) -> int:
        return int.from_bytes(data[at : at + width], order)  # type: ignore[arg-type]  # mypy sees any string

    left = 2 * len(data)  # values may lie upon each other
    waiting = [number(4, 4)]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        directory = waiting.pop()
        if directory in seen or not 8 <= directory < len(data) - 2:
            continue
        seen.add(directory)
        count = min(number(directory, 2), _MOST_ENTRIES, (len(data) - directory - 2) // _ENTRY_BYTES)
        first = directory + 2
        for at in range(first, first + count * _ENTRY_BYTES, _ENTRY_BYTES):
            tag, kind, length = number(at, 2), number(at + 2, 2), number(at + 4, 4)
            if tag in DIRECTORIES:
                waiting.append(number(at + 8, 4))
            elif kind in TEXTS:
                value = at + 8 if length <= 4 else number(at + 8, 4)
                if value + length <= len(data) and length <= left:
                    left -= length
                    yield Entry(tag, data[value : value + length], value)
        waiting.append(number(first + count * _ENTRY_BYTES, 4))


def _is_wide(entry: Entry) -> bool:
    return entry.tag in _UTF_16 or (entry.tag in _WITH_CHARSET and entry.value.startswith(_UNICODE))


def _text(entry: Entry, order: str) -> bytes | None:
    """A value as UTF-8, or as it stands; None where it is no text."""
    tag, value, _ = entry
    if tag in _UTF_16:
        return value.decode("utf-16-le", "replace").rstrip("\0").encode()
    if tag in _WITH_CHARSET:
        charset, value = value[:8], value[8:]
        if charset == _UNICODE:
            return _wide(value, order)
        return value.strip(b"\0 ")
    if tag == _XMP or _is_text(value):
        return value.strip(b"\0")
    return None


def _wide(value: bytes, order: str) -> bytes:
    """UTF-16 in the order of the numbers, or as its own mark says, since many writers never heard of the first."""
    if value[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return value.decode("utf-16", "replace").rstrip("\0").encode()
    zeros = value[::2].count(0), value[1::2].count(0)
    if zeros[0] != zeros[1]:
        order = "big" if zeros[0] > zeros[1] else "little"
    return value.decode(f"utf-16-{order[0]}e", "replace").rstrip("\0").encode()


def _is_text(value: bytes) -> bool:
    shown = value.rstrip(b"\0")
    return len(shown) >= 4 and not any(byte < 32 and byte not in b"\t\n\r" for byte in shown[:4096])
