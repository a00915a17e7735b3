"""RIFF: the texts of WebP pictures and WAVE sound. WebP's picture data are covered.

Format: Multimedia Programming Interface and Data Specifications 1.0 (chunks, LIST INFO); WebP Container Specification,
https://developers.google.com/speed/webp/docs/riff_container (EXIF, XMP).
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.documents.exif import exif
from modelguard.readers.documents.labelled import labelled
from modelguard.readers.interface import Covered, Limits, Malformed, Piece

_PICTURE = {b"VP8 ", b"VP8L", b"ALPH", b"ANMF"}
_LONGEST = 16 * 1024 * 1024


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of a RIFF file. See `Reader`."""
    size = blob.size
    head = blob.read(0, 12)
    end_of_all = 8 + int.from_bytes(head[4:8], "little")
    if len(head) < 12 or end_of_all > size + 1:
        raise Malformed("it is shorter than it says")
    is_picture = head[8:] == b"WEBP"
    at = 12
    while at + 8 <= min(end_of_all, size):
        limits.check_time()
        header = blob.read(at, at + 8)
        start = at + 8
        kind, end = header[:4], start + int.from_bytes(header[4:], "little")
        if end > size:
            raise Malformed("a chunk is longer than the file")
        yield from _chunk(blob, kind, start, end, limits, is_picture)
        at = end + (end - start) % 2


def _chunk(blob: Blob, kind: bytes, start: int, end: int, limits: Limits, is_picture: bool) -> Iterator[Piece]:
    if is_picture and kind in _PICTURE:
        yield Covered(start, end)
    elif kind == b"EXIF":
        marked = blob.read(start, min(end, start + 6)) == b"Exif\0\0"
        yield from exif(blob, start + 6 if marked else start, end, limits)
    elif kind in (b"XMP ", b"_PMX", b"iXML", b"bext") and end - start <= _LONGEST:
        title = {b"XMP ": "XMP", b"_PMX": "XMP"}.get(kind, kind.decode("latin-1"))
        yield from labelled(blob, title, blob.read(start, end), title, (start, end))
        yield Covered(start, end)
    elif kind == b"LIST" and blob.read(start, start + 4) == b"INFO":
        yield from _info(blob, start + 4, end, limits)


def _info(blob: Blob, at: int, end: int, limits: Limits) -> Iterator[Piece]:
    """A list of texts: artist (`IART`), comment (`ICMT`) and so on."""
    while at + 8 <= end:
        limits.check_time()
        header = blob.read(at, at + 8)
        start = at + 8
        last = start + int.from_bytes(header[4:], "little")
        if last > end:
            raise Malformed("a text is longer than the list that it is in")
        if last - start <= _LONGEST:
            title = header[:4].decode("latin-1").strip()
            yield from labelled(blob, title, blob.read(start, last).rstrip(b"\0"), f"INFO {title}", (start, last))
            yield Covered(start, last)
        at = last + (last - start) % 2
