"""JPEG: comments, EXIF, XMP and IPTC. The picture itself is covered where the segments around it are sound.

Format: ITU-T T.81, annex B; XMP Specification Part 3, section 1.1.3; IPTC-IIM 4.2 in Photoshop's image resources.
What stands behind the end of the picture is looked at as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.behind import behind
from modelguard.readers.documents.exif import exif
from modelguard.readers.documents.iptc import resources
from modelguard.readers.documents.labelled import labelled
from modelguard.readers.interface import Covered, Limits, Malformed, Piece

_STEP = 1 << 20
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SCAN, _END, _COMMENT, _APP1, _APP13 = 0xDA, 0xD9, 0xFE, 0xE1, 0xED
_ALONE = {0x01, *range(0xD0, 0xD8)}
_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_MORE_XMP = b"http://ns.adobe.com/xmp/extension/\0"
_MORE_XMP_BYTES = len(_MORE_XMP) + 32 + 8
_PHOTOSHOP = b"Photoshop 3.0\0"
_MOST_XMP = 64 * 1024 * 1024


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of a picture. See `Reader`."""
    size = blob.size
    at = 2
    more: list[tuple[int, int]] = []
    while True:
        limits.check_time()
        head = blob.read(at, at + 4)
        if len(head) < 2 or head[0] != 0xFF:
            raise Malformed("a segment does not begin where it should")
        marker = head[1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _END:
            break
        if marker in _ALONE:
            at += 2
            continue
        start, end = at + 4, at + 2 + int.from_bytes(head[2:4], "big")
        if len(head) < 4 or end < start or end > size:
            raise Malformed("a segment is longer than the file")
        yield from _segment(blob, marker, start, end, limits, more)
        at = end
        if marker == _SCAN:
            at = _scan_end(blob, end, size)
            yield Covered(end, at)
    yield from _long_xmp(blob, more, limits)
    yield from behind(blob, at + 2)


def _scan_end(blob: Blob, start: int, size: int) -> int:
    """Where the marker is that ends the data of a scan (B.1.1.5: a byte 255 in it is followed by 0)."""
    at = start
    while at < size:
        data = blob.read(at, at + _STEP)
        found = _MARKER.search(data)
        if found is not None:
            return at + found.start()
        at += max(1, len(data) - 1)
        if len(data) < 2:
            break
    raise Malformed("the picture ends too early")


def _segment(
    blob: Blob, marker: int, start: int, end: int, limits: Limits, more: list[tuple[int, int]]
) -> Iterator[Piece]:
    data = blob.read(start, end)
    if marker == _COMMENT:
        yield from labelled(blob, "comment", data.rstrip(b"\0"), "comment", (start, end))
        yield Covered(start, end)
    elif marker == _APP1 and data.startswith(_EXIF):
        yield from exif(blob, start + len(_EXIF), end, limits)
    elif marker == _APP1 and data.startswith(_XMP):
        yield from labelled(blob, "XMP", data[len(_XMP) :], "XMP", (start, end))
        yield Covered(start, end)
    elif marker == _APP1 and data.startswith(_MORE_XMP) and len(data) > _MORE_XMP_BYTES:
        more.append((start + _MORE_XMP_BYTES, end))
    elif marker == _APP13 and data.startswith(_PHOTOSHOP):
        yield from resources(blob, data[len(_PHOTOSHOP) :], start + len(_PHOTOSHOP))


def _long_xmp(blob: Blob, parts: list[tuple[int, int]], limits: Limits) -> Iterator[Piece]:
    """XMP that is longer than a segment, in the order in which it was written."""
    size = sum(end - start for start, end in parts)
    if not parts or size > _MOST_XMP:
        return
    limits.spend(size)
    text = b"".join(blob.read(start, end) for start, end in parts)
    yield from labelled(blob, "XMP", text, "XMP", (parts[0][0], parts[-1][1]))
    for start, end in parts:
        yield Covered(start, end)
