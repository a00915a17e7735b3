"""Lines and columns of a blob: where a byte offset is, in the numbers that an editor shows.

Counting is put off until there is something to place: a clean blob pays nothing.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

from modelguard.model import Blob, Place

_CHUNK = 4 * 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_CONTINUATION = bytes(range(0x80, 0xC0))
_BOMS = ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"))
_BOMS_16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def cursor_of(blob: Blob) -> Blob:
    """The same blob for reading elsewhere in it, where reading one that is a stream would move it."""
    cursor: Callable[[], Blob] | None = getattr(blob, "cursor", None)
    return blob if cursor is None else cursor()


class Lines:
    """Places in one blob, given in ascending order of their start for the best speed.

    Lines end with a line feed. Columns count characters: UTF-8 where the line is UTF-8, bytes otherwise, and UTF-16 or
    UTF-32 where the blob is that. A line longer than 1 MiB has no column.
    """

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._counted = 0
        self._line = 1
        head = blob.read(0, 8)
        self._codec, self._width = _encoding(head)
        self._counted_there: Callable[[int], tuple[int, int]] | None = getattr(blob, "line_feeds_before", None)

    def place(self, start: int, end: int, inner: str | None = None) -> Place:
        """The place of the bytes from `start` to `end`, the end excluded."""
        start -= start % self._width  # big-endian text is found at the second byte of a character
        end -= end % self._width
        line, column = self._position(start)
        end_line, end_column = self._position(end)
        return Place(start, end, line, column, end_line, end_column, inner)

    def line_of(self, offset: int) -> int:
        """The line that the byte at `offset` is on."""
        return self._line_of(offset - offset % self._width)

    def _position(self, offset: int) -> tuple[int, int | None]:
        return self._line_of(offset), self._column_of(offset)

    def _line_of(self, offset: int) -> int:
        if offset < self._counted:
            self._counted, self._line = 0, 1
        if self._counted_there is not None and self._width == 1:
            at, count = self._counted_there(offset)
            if at > self._counted:
                self._counted, self._line = at, count + 1
        while self._counted < offset:
            stop = min(offset, self._counted + _CHUNK)
            self._line += self._newlines(self._blob.read(self._counted, stop))
            self._counted = stop
        return self._line

    def _newlines(self, data: bytes) -> int:
        if self._width == 1:
            return data.count(b"\n")
        return data.decode(self._codec, "replace").count("\n")

    def _column_of(self, offset: int) -> int | None:
        low = max(0, offset - _LONGEST_LINE)
        before = self._blob.read(low, offset)
        if self._width > 1:
            text = before.decode(self._codec, "replace").lstrip("\ufeff")
            return len(text) - (text.rfind("\n") + 1) + 1
        newline = before.rfind(b"\n")
        if newline < 0 and low > 0:
            return None
        line = before[newline + 1 :]
        if offset == len(line) and line.startswith(codecs.BOM_UTF8):
            line = line[len(codecs.BOM_UTF8) :]
        return _characters(line) + 1


def _encoding(head: bytes) -> tuple[str, int]:
    """The codec and the bytes a code unit, from the byte order mark or from NUL bytes where ASCII would have none."""
    for bom, codec in (*_BOMS, *_BOMS_16):
        if head.startswith(bom):
            return codec, 4 if "32" in codec else 2
    for width in (2, 4):
        zeros = bytes(8 // width)
        for codec, at in ((f"utf-{width * 8}-le", 0), (f"utf-{width * 8}-be", width - 1)):
            others = [head[place::width] for place in range(width) if place != at]
            if len(head) == 8 and 0 not in head[at::width] and all(other == zeros for other in others):
                return codec, width
    return "utf-8", 1


def _characters(line: bytes) -> int:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return len(line)
    return len(line.translate(None, _CONTINUATION))
