"""A parquet file with some of its row groups only.

pyarrow makes a kilobyte of each column of each row group that a footer lists, so it is not asked for a million at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from modelguard.model import Blob
from modelguard.readers.seeking import BlobFile
from modelguard.readers.tables.parquet_footer import MAGIC, Footer
from modelguard.readers.tables.parquet_groups import Group

_LENGTH_IN_HEAD = 0xF
_STRUCTS = 12


class Slice(BlobFile):
    """The bytes of a file up to its footer, and a footer as that one with these row groups, which follow each other."""

    def __init__(self, blob: Blob, footer: Footer, groups: Sequence[Group]) -> None:
        super().__init__(_Sliced(blob, footer, groups))


class _Sliced:
    """See `Slice`."""

    def __init__(self, blob: Blob, footer: Footer, groups: Sequence[Group]) -> None:
        first, last = footer.around
        told = blob.read(groups[0].told_in[0], groups[-1].told_in[1])
        said = blob.read(footer.start, first) + _head(len(groups)) + told + blob.read(last, footer.end)
        self._blob = blob
        self._start = footer.start
        self._said = said + len(said).to_bytes(4, "little") + MAGIC
        self.origin = blob.origin
        self.size = footer.start + len(self._said)

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`."""
        before = self._blob.read(start, min(end, self._start)) if start < self._start else b""
        return before + self._said[max(0, start - self._start) : max(0, end - self._start)]


def _head(count: int) -> bytes:
    """The head of a list of structs, as Thrift's compact protocol writes it."""
    written = bytearray([_LENGTH_IN_HEAD << 4 | _STRUCTS])
    while count > 0x7F:
        written.append(count & 0x7F | 0x80)
        count >>= 7
    return bytes([*written, count])
