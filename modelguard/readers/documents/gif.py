"""GIF: comments, texts and application data. The picture itself is covered.

Format: GIF89a, sections 17 to 26, and appendix F for how data are cut into blocks of up to 255 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.behind import behind
from modelguard.readers.documents.labelled import labelled
from modelguard.readers.interface import Covered, Limits, Malformed, Piece, whole

_HEADER_BYTES = 13
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_COMMENT, _TEXT, _APPLICATION = 0xFE, 0x01, 0xFF
_XMP = b"XMP DataXMP"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of a picture. See `Reader`."""
    data = whole(blob, limits)
    size = len(data)
    if size < _HEADER_BYTES:
        raise Malformed("it ends too early")
    at = _HEADER_BYTES + _table_bytes(data[10])
    while at + 1 < size:
        limits.check_time()
        sign = data[at]
        if sign == _IMAGE and at + 10 < size:
            start = at + 11 + _table_bytes(data[at + 9])
            at = _behind(data, start)
            yield Covered(start, at)
        elif sign == _EXTENSION:
            start, label = at + 2, data[at + 1]
            at = _behind(data, start)
            yield from _extension(blob, label, data, start, at)
        else:
            break
    if data[at : at + 1] != bytes([_TRAILER]):
        raise Malformed("it ends too early")
    yield from behind(blob, at + 1)


def _table_bytes(flags: int) -> int:
    """How long the colour table is that these flags tell of."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind(data: bytes, at: int) -> int:
    """Where the blocks end that begin there."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    if at >= len(data):
        raise Malformed("it ends too early")
    return at + 1


def _extension(blob: Blob, label: int, data: bytes, start: int, end: int) -> Iterator[Piece]:
    if label == _COMMENT:
        yield from labelled(blob, "comment", _joined(data, start), "comment", (start, end))
        yield Covered(start, end)
    elif label == _TEXT:
        yield from labelled(blob, "text", _joined(data, start + 1 + data[start]), "text", (start, end))
    elif label == _APPLICATION and not data.startswith(_XMP, start + 1):  # XMP stands there unblocked
        name = data[start + 1 : start + 9].decode("latin-1").strip()
        yield from labelled(
            blob, name, _joined(data, start + 1 + data[start]), f"application data {name}", (start, end)
        )
        yield Covered(start, end)


def _joined(data: bytes, at: int) -> bytes:
    """The blocks that begin there as one."""
    joined = bytearray()
    while at < len(data) and data[at]:
        joined += data[at + 1 : at + 1 + data[at]]
        at += 1 + data[at]
    return bytes(joined)
