"""FlatBuffers: tables, vectors and strings of a blob, each looked up where it stands and never past the blob's end.

Format: https://flatbuffers.dev/internals/. Strings stand in a blob as they are, with their length before them and a
zero byte behind, so readers only need to say what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Malformed

_PAGE = 64 * 1024
_PAGES = 64


class Buffer:
    """A blob that is read here and there, a page at a time."""

    def __init__(self, blob: Blob) -> None:
        self.size = blob.size
        self._blob = blob
        self._pages: dict[int, bytes] = {}

    def take(self, start: int, count: int) -> bytes:
        """So many bytes.

        Raises:
            Malformed: they do not lie in the blob.
        """
        if not 0 <= start <= start + count <= self.size:
            raise Malformed("something lies outside the file")
        page, within = divmod(start, _PAGE)
        if within + count > _PAGE:
            return self._blob.read(start, start + count)
        if page not in self._pages:
            if len(self._pages) >= _PAGES:
                self._pages.clear()
            self._pages[page] = self._blob.read(page * _PAGE, (page + 1) * _PAGE)
        return self._pages[page][within : within + count]

    def number(self, at: int, width: int = 4) -> int:
        """An unsigned number.

        Raises:
            Malformed: see `take`.
        """
        return int.from_bytes(self.take(at, width), "little")

    def extent(self, at: int, width: int) -> tuple[int, int]:
        """Where the items of a vector stand whose count is at this place, of so many bytes each.

        Raises:
            Malformed: see `take`.
        """
        start, count = at + 4, self.number(at)
        if start + count * width > self.size:
            raise Malformed("it says that more follows than it holds")
        return start, start + count * width

    def root(self, start: int = 0) -> Table:
        """The table that a blob begins with; `start` is where the first byte of the flatbuffer is.

        Raises:
            Malformed: see `take`.
        """
        return Table(self, start + self.number(start))


class Table:
    """A table; fields count from 0."""

    def __init__(self, buffer: Buffer, at: int) -> None:
        self._buffer = buffer
        self._at = at
        self._fields = at - int.from_bytes(buffer.take(at, 4), "little", signed=True)
        self._fields_end = self._fields + buffer.number(self._fields, 2)

    def number(self, field: int, width: int = 4) -> int:
        """A number, 0 where it is not given.

        Raises:
            Malformed: see `Buffer.take`.
        """
        at = self._place(field)
        return 0 if at is None else self._buffer.number(at, width)

    def text(self, field: int) -> tuple[int, int] | None:
        """The bytes of a string, or of a vector of bytes; None where it is not given.

        Raises:
            Malformed: see `Buffer.take`.
        """
        return self._range(field, 1)

    def tables(self, field: int) -> Iterator[Table]:
        """The tables of a vector.

        Raises:
            Malformed: see `Buffer.take`.
        """
        start, end = self._range(field, 4) or (0, 0)
        for at in range(start, end, 4):
            yield Table(self._buffer, at + self._buffer.number(at))

    def texts(self, field: int) -> Iterator[tuple[int, int]]:
        """The bytes of each string of a vector.

        Raises:
            Malformed: see `Buffer.take`.
        """
        start, end = self._range(field, 4) or (0, 0)
        for at in range(start, end, 4):
            yield self._buffer.extent(at + self._buffer.number(at), 1)

    def table(self, field: int) -> Table | None:
        """A table within this one.

        Raises:
            Malformed: see `Buffer.take`.
        """
        at = self._place(field)
        return None if at is None else Table(self._buffer, at + self._buffer.number(at))

    def numbers(self, field: int, width: int) -> Sequence[int]:
        """The unsigned numbers of a vector.

        Raises:
            Malformed: see `Buffer.take`.
        """
        start, end = self._range(field, width) or (0, 0)
        data = self._buffer.take(start, end - start)
        return [int.from_bytes(data[at : at + width], "little") for at in range(0, len(data), width)]

    def _place(self, field: int) -> int | None:
        at = self._fields + 4 + 2 * field
        offset = self._buffer.number(at, 2) if at + 2 <= self._fields_end else 0
        return self._at + offset if offset else None

    def _range(self, field: int, width: int) -> tuple[int, int] | None:
        at = self._place(field)
        if at is None:
            return None
        return self._buffer.extent(at + self._buffer.number(at), width)
