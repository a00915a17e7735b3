"""Parquet: footer and indexes by our own reading, the cells of columns of text by pyarrow's, batch by batch.

Rows count from 1 over the whole file. Numbers are no text, so columns of them are not decoded, unless their name says
that they are numbers of cards or people. Where pyarrow is not installed, what the footer says is told all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Piece, Problem
from modelguard.readers.native import memory_bounded
from modelguard.readers.seeking import BlobFile
from modelguard.readers.tables.columns import Columns
from modelguard.readers.tables.headers import names_numbers, pair_in
from modelguard.readers.tables.parquet_footer import Chunk, Footer, Group

_ENCRYPTED = b"PARE"
_BUFFER_BYTES = 1024 * 1024
_BATCH_BYTES = 8 * 1024 * 1024
_MOST_ROWS = 64 * 1024
_MOST_ROWS_NESTED = 4 * 1024
"""Within lists and structs, what is written once stands in memory as often as it is meant."""

_GROUPS_BYTES = 64 * 1024 * 1024

_MOST_THRIFT = 64 * 1024 * 1024
_MOST_THRIFT_ITEMS = 4 * 1024 * 1024


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Metadata, names and bounds of columns, and cells of text. See `Reader`."""
    if blob.read(0, 4) == _ENCRYPTED:
        yield Problem(GapReason.UNREADABLE, "it is encrypted; scan what it is made from")
        return
    footer = Footer(blob, limits)
    yield from footer.pieces()
    from pyarrow.parquet import ParquetFile

    with memory_bounded():
        file = ParquetFile(
            BlobFile(blob),
            pre_buffer=False,
            buffer_size=_BUFFER_BYTES,
            read_dictionary=_repeated(footer),
            thrift_string_size_limit=_MOST_THRIFT,
            thrift_container_size_limit=_MOST_THRIFT_ITEMS,
        )
        row = first = 0
        while first < len(footer.groups):
            end = _reach(footer.groups, first)
            groups = footer.groups[first:end]
            yield from _told(file, footer, Columns(blob, limits), (first, end), row)
            yield from _pairs(file, footer, Columns(blob, limits), (first, end), row)
            row += sum(group.rows for group in groups)
            first = end


def _pairs(file: Any, footer: Footer, columns: Columns, groups: tuple[int, int], row: int) -> Iterator[Piece]:
    """Where two columns of text hold names and their values, these once more, side by side."""
    chunks = [chunk for chunk in footer.groups[groups[0]].chunks if chunk.is_text and "." not in chunk.path]
    pair = pair_in([chunk.path for chunk in chunks])
    if pair is None:
        return
    key, value = (chunks[number] for number in pair)
    for batch in file.iter_batches(
        _MOST_ROWS_NESTED, row_groups=range(*groups), columns=[key.path, value.path], use_threads=False
    ):
        arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
        yield from columns.pairs(arrays[key.path], arrays[value.path], value.path, row, value.span)
        row += batch.num_rows


def _told(file: Any, footer: Footer, columns: Columns, groups: tuple[int, int], row: int) -> Iterator[Piece]:
    """The cells of row groups from one to another, column by column; then these need not be looked at any more."""
    told = footer.groups[slice(*groups)]
    for name in dict.fromkeys(chunk.path.partition(".")[0] for group in told for chunk in group.chunks):
        chunks = [chunk for group in told for chunk in group.chunks if chunk.path.partition(".")[0] == name]
        wanted = [chunk for chunk in chunks if chunk.is_text or names_numbers(chunk.path)]
        if wanted:
            span = (min(chunk.span[0] for chunk in wanted), max(chunk.span[1] for chunk in wanted))
            yield from _cells(file, columns, groups, wanted, row, sum(group.rows for group in told), span)
        for chunk in chunks:
            if chunk in wanted or chunk.is_packed:
                yield from footer.pages(chunk)
                yield from footer.index(chunk)


def _cells(
    file: Any,
    columns: Columns,
    groups: tuple[int, int],
    chunks: Sequence[Chunk],
    row: int,
    rows: int,
    span: tuple[int, int],
) -> Iterator[Piece]:
    size = sum(chunk.bytes for chunk in chunks)
    paths = sorted({chunk.path for chunk in chunks})
    most = _MOST_ROWS_NESTED if any("." in path for path in paths) else _MOST_ROWS
    batch_rows = max(1, min(most, _BATCH_BYTES * rows // max(1, size)))
    for batch in file.iter_batches(batch_rows, row_groups=range(*groups), columns=paths, use_threads=False):
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            yield from columns.texts(array, name, row, span)
        row += batch.num_rows
    yield from columns.rest(span)


def _repeated(footer: Footer) -> list[str]:
    """The columns that are read as dictionaries of values; pyarrow cannot do that within lists and structs."""
    texts = [chunk for group in footer.groups for chunk in group.chunks if chunk.is_text and "." not in chunk.path]
    plain = {chunk.path for chunk in texts if not chunk.is_dictionary}
    return sorted({chunk.path for chunk in texts} - plain)


def _reach(groups: Sequence[Group], first: int) -> int:
    """The end of the row groups from one on that are read in one go."""
    end, size = first, 0
    while end < len(groups) and (end == first or size < _GROUPS_BYTES):
        size += sum(chunk.bytes for chunk in groups[end].chunks)
        end += 1
    return end
