"""Where a picture or a document ends, if it is whole."""

from __future__ import annotations

import re

_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_PNG = b"\x89PNG\r\n\x1a\n"


def end_of(data: bytes) -> int | None:
    """The offset behind it; None where it is none, or is cut short."""
    if data.startswith(_PNG):
        return _end_of_png(data)
    if data.startswith(b"\xff\xd8"):
        return _end_of_jpeg(data)
    if data.startswith((b"GIF87a", b"GIF89a")):
        at = data.rfind(b"\x3b")
        return at + 1 if at >= 0 else None
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        end = 8 + int.from_bytes(data[4:8], "little")
        return end if end <= len(data) else None
    if data.startswith(b"%PDF-"):
        at = data.rfind(b"%%EOF")
        return at + 5 if at >= 0 else None
    return None


def _end_of_png(data: bytes) -> int | None:
    at = len(_PNG)
    while at + 12 <= len(data):
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        if kind == b"IEND":
            return at if at <= len(data) else None
    return None


def _end_of_jpeg(data: bytes) -> int | None:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            return at + 2
        at += 2 if 0xD0 <= marker <= 0xD7 or marker == 0x01 else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            found = _SCAN_END.search(data, at)
            if found is None:
                return None
            at = found.start()
    return at + 2 if data[at : at + 2] == b"\xff\xd9" else None
