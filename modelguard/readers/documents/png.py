"""PNG: text chunks, EXIF and XMP. The picture itself is covered where its checksums say that it is whole.

Format: PNG (Third Edition), https://www.w3.org/TR/png-3/, sections 5.3 and 11.3. What stands behind the last chunk is
looked at as it stands, and so is any chunk that is not as it should be.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from modelguard.model import Blob, GapReason
from modelguard.readers.behind import behind
from modelguard.readers.documents.exif import exif
from modelguard.readers.documents.labelled import inflated, labelled
from modelguard.readers.interface import Covered, Limits, Malformed, OverBudget, Piece, Problem
from modelguard.readers.json_places import quoted

_SIGNATURE_BYTES = 8
_HEADER_BYTES = 8
_CHECKSUM_BYTES = 4
_STEP = 1 << 20
_PIXELS = {b"IDAT", b"fdAT"}
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of a picture. See `Reader`."""
    size = blob.size
    at = _SIGNATURE_BYTES
    while True:
        limits.check_time()
        header = blob.read(at, at + _HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            raise Malformed("it ends too early")
        start = at + _HEADER_BYTES
        kind, end = header[4:], start + int.from_bytes(header[:4], "big")
        at = end + _CHECKSUM_BYTES
        if at > size:
            raise Malformed("a chunk is longer than the file")
        if kind in _PIXELS:
            if _is_whole(blob, kind, start, end):
                yield Covered(start, end)
        elif kind in _TEXTS:
            yield from _text(blob, kind, start, end, limits)
        elif kind == b"eXIf":
            yield from exif(blob, start, end, limits)
        elif kind == b"iCCP":
            yield from _profile(blob, start, end, limits)
        elif kind == b"IEND":
            yield from behind(blob, at)
            return


def _is_whole(blob: Blob, kind: bytes, start: int, end: int) -> bool:
    checksum = zlib.crc32(kind)
    for at in range(start, end, _STEP):
        checksum = zlib.crc32(blob.read(at, min(end, at + _STEP)), checksum)
    return checksum.to_bytes(_CHECKSUM_BYTES, "big") == blob.read(end, end + _CHECKSUM_BYTES)


def _text(blob: Blob, kind: bytes, start: int, end: int, limits: Limits) -> Iterator[Piece]:
    """A keyword and a text (section 11.3.3)."""
    if end - start > limits.budget.held_bytes:
        raise OverBudget("a text in it is too long")
    keyword, _, value = blob.read(start, end).partition(b"\0")
    label = keyword.decode("latin-1")
    name = f"text chunk {quoted(label)}"
    is_compressed = kind == b"zTXt"
    if is_compressed:
        value = value[1:]
    elif kind == b"iTXt":
        is_compressed = value[:1] == b"\1"
        language, _, translated = value[2:].partition(b"\0")
        title, _, value = translated.partition(b"\0")
        yield from labelled(blob, "title", title, f"{name}, translated keyword", (start, end))
        yield from labelled(blob, "language", language, f"{name}, language", (start, end))
    if not is_compressed:
        yield from labelled(blob, label, value, name, (start, end))
        yield Covered(start, end)
    else:
        yield from _inflated(blob, label, value, name, (start, end), limits)


def _inflated(
    blob: Blob, label: str, value: bytes, name: str, span: tuple[int, int], limits: Limits
) -> Iterator[Piece]:
    content, is_whole = inflated(value, limits, limits.budget.held_bytes)
    yield from labelled(blob, label, content, name, span)
    if is_whole:
        yield Covered(*span)
    else:
        yield Problem(GapReason.MALFORMED, "what is compressed in it is damaged or too long", name)


def _profile(blob: Blob, start: int, end: int, limits: Limits) -> Iterator[Piece]:
    """The name of a colour profile and what is in it (section 11.3.2.3)."""
    title, _, rest = blob.read(start, min(end, start + _STEP)).partition(b"\0")
    label = title.decode("latin-1")
    yield from labelled(blob, "profile", title, "colour profile", (start, end))
    yield from _inflated(blob, label, rest[1:], f"colour profile {quoted(label)}", (start, end), limits)
