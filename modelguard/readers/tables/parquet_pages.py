"""The bounds of values that stand in parquet's pages and indexes, and which of their bytes are covered by that.

Format: https://github.com/apache/parquet-format (README.md, and parquet.thrift for the numbers of fields).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Piece, Text, entries
from modelguard.readers.json_places import quoted
from modelguard.readers.tables.parquet_footer import MAGIC, Footer
from modelguard.readers.tables.parquet_groups import Chunk, Group
from modelguard.readers.tables.thrift import STRUCT, Compact, spans_in

_LONGEST_INDEX = 16 * 1024 * 1024
_PAGE_HEADER = 4 * 1024
_LONGEST_PAGE_HEADER = 1024 * 1024
_PAGE_BYTES = 3


class Pages:
    """The pages and indexes of row groups that follow each other in a file."""

    def __init__(self, blob: Blob, limits: Limits, footer: Footer, groups: Sequence[Group]) -> None:
        self._blob = blob
        self._limits = limits
        self._end = footer.start
        self._beginnings = sorted({self._end, *(at for group in groups for at in group.beginnings())})

    def index(self, chunk: Chunk) -> Iterator[Piece]:
        """The bounds of pages that a chunk's indexes hold, which are covered by that where they are as they must be."""
        for start, end in chunk.indexes:
            if not len(MAGIC) <= start <= end <= self._end or end - start > _LONGEST_INDEX:
                continue
            yield from self._whole(chunk, start, end)

    def _whole(self, chunk: Chunk, start: int, end: int) -> Iterator[Piece]:
        """What one struct says that has all of these bytes."""
        compact = Compact(self._blob.read(start, end))
        try:
            value = compact.value(STRUCT)
        except Malformed:
            return
        if compact.at == end - start:
            yield _bounds_of(compact, value, chunk.path, start)
            yield Covered(start, end)

    def pages(self, chunk: Chunk) -> Iterator[Piece]:
        """The bounds that a chunk's pages begin with. The chunk is covered if it is made of pages and nothing else."""
        at, end = chunk.span
        if not len(MAGIC) <= at < end <= self._end:
            return
        while at < end:
            self._limits.check_time()
            header = self._page_header(at, end)
            if header is None:
                return
            compact, value = header
            length = value.get(_PAGE_BYTES)
            if not isinstance(length, int) or length < 0:
                return
            yield _bounds_of(compact, value, chunk.path, at)
            at += compact.at + length
        if at == end:
            yield Covered(*chunk.span)
            yield from self._behind(chunk)

    def _behind(self, chunk: Chunk) -> Iterator[Piece]:
        """What a writer says of a chunk right behind it, once more in the footer, with the bounds of its values.

        Polars does, as `ColumnChunk.file_offset` meant it; nothing points there. Other bytes are left as they are.
        """
        start = chunk.span[1]
        following = bisect_left(self._beginnings, start)
        end = self._beginnings[following] if following < len(self._beginnings) else start
        if start < end and end - start <= _LONGEST_PAGE_HEADER:
            yield from self._whole(chunk, start, end)

    def _page_header(self, at: int, end: int) -> tuple[Compact, Any] | None:
        for length in (_PAGE_HEADER, _LONGEST_PAGE_HEADER):
            compact = Compact(self._blob.read(at, min(end, at + length)))
            try:
                return compact, compact.value(STRUCT)
            except Malformed:
                continue
        return None


def _bounds_of(compact: Compact, value: Any, path: str, start: int) -> Text:
    spans = spans_in(value)
    return entries(
        [compact.data[span.start : span.end] for span in spans],
        lambda number: f"bounds of column {quoted(path)}",
        lambda number: (start + spans[number].start, start + spans[number].end),
        again=True,
    )
