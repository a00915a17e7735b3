"""A table in UTF-16, as Excel saves "Unicode text", seen as one in UTF-8 where places in it are asked for."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from modelguard.model import Blob, Origin

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_MOST_READ = 64 * 1024 * 1024
_HEADER_BYTES = 64 * 1024
"""What follows the last offset may belong to the header."""


class Narrow:
    """The beginning of a blob in UTF-8, up to the last offset that is asked for. See `Blob`."""

    def __init__(self, origin: Origin, data: bytes) -> None:
        self.origin = origin
        self.size = len(data)
        self._data = data

    def read(self, start: int, end: int) -> bytes:
        """Bytes of the text."""
        return self._data[start:end]


def narrowed(blob: Blob, offsets: Sequence[int]) -> tuple[Narrow, list[int]] | None:
    """A blob that begins with a mark of UTF-16 and offsets in it (ascending), as they are in UTF-8; None for others."""
    encoding = _MARKS.get(blob.read(0, 2))
    if encoding is None or not offsets or offsets[-1] > _MOST_READ:
        return None
    parts: list[bytes] = []
    found: list[int] = []
    at, length = 2, 0
    for offset in offsets:
        part = blob.read(at, max(at, offset)).decode(encoding, "replace").encode()
        parts.append(part)
        at, length = max(at, offset), length + len(part)
        found.append(length)
    parts.append(blob.read(at, at + _HEADER_BYTES).decode(encoding, "replace").encode())
    return Narrow(blob.origin, b"".join(parts)), found
