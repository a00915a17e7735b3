"""Parquet: footer and indexes by our own reading, the cells of columns of text by pyarrow's, batch by batch.

Rows count from 1 over the whole file. Numbers are no text, so columns of them are not decoded, unless their name says
that they are numbers of cards or people. Where pyarrow is not installed, what the footer says is told all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Piece, Problem
from modelguard.readers.native import memory_bounded
from modelguard.readers.seeking import BlobFile
from modelguard.readers.tables.columns import Columns
from modelguard.readers.tables.headers import names_numbers, pair_in
from modelguard.readers.tables.parquet_footer import Footer
from modelguard.readers.tables.parquet_groups import Chunk, Group
from modelguard.readers.tables.parquet_pages import Pages
from modelguard.readers.tables.parquet_slice import Slice

_ENCRYPTED = b"PARE"
_BUFFER_BYTES = 1024 * 1024
_BATCH_BYTES = 8 * 1024 * 1024
_MOST_ROWS = 64 * 1024
_MOST_ROWS_NESTED = 4 * 1024
"""Within lists and structs, what is written once stands in memory as often as it is meant."""

_GROUPS_BYTES = 64 * 1024 * 1024
_MOST_CHUNKS = 20_000
"""Columns of row groups that are read in one go; pyarrow makes a kilobyte of each."""

_MOST_THRIFT = 64 * 1024 * 1024
_MOST_THRIFT_ITEMS = 4 * 1024 * 1024


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Metadata, names and bounds of columns, and cells of text. See `Reader`."""
    if blob.read(0, 4) == _ENCRYPTED:
        yield Problem(GapReason.UNREADABLE, "it is encrypted; scan what it is made from")
        return
    footer = Footer(blob, limits)
    yield from footer.pieces()
    with memory_bounded():
        whole = _opened(BlobFile(blob), footer.groups.some(0, len(footer.groups))) if _is_small(footer) else None
        row = first = 0
        while groups := footer.groups.reach(first, _GROUPS_BYTES, _MOST_CHUNKS):
            file = whole or _opened(Slice(blob, footer, groups), groups)
            start = first if whole else 0
            some = _Some(file, groups, range(start, start + len(groups)), row)
            first += len(groups)
            beside = [*footer.groups.some(0, 1), *footer.groups.some(first, first + 1)]
            yield from _told(some, Pages(blob, limits, footer, [*groups, *beside]), Columns(blob, limits))
            yield from _pairs(some, Columns(blob, limits))
            row += sum(group.rows for group in groups)


class _Some(NamedTuple):
    """Row groups, which are of these numbers in a file of pyarrow's and begin with this row."""

    file: Any
    groups: Sequence[Group]
    numbers: range
    row: int


def _is_small(footer: Footer) -> bool:
    """Whether pyarrow may have all row groups at once."""
    return footer.groups.chunks + len(footer.groups) <= _MOST_CHUNKS


def _opened(file: BlobFile, groups: Sequence[Group]) -> Any:
    """A file as pyarrow reads it.

    Raises:
        ImportError: pyarrow is not installed.
    """
    from pyarrow.parquet import ParquetFile

    return ParquetFile(
        file,
        pre_buffer=False,
        buffer_size=_BUFFER_BYTES,
        read_dictionary=_repeated(groups),
        thrift_string_size_limit=_MOST_THRIFT,
        thrift_container_size_limit=_MOST_THRIFT_ITEMS,
    )


def _pairs(some: _Some, columns: Columns) -> Iterator[Piece]:
    """Where two columns of text hold names and their values, these once more, side by side."""
    chunks = [chunk for chunk in some.groups[0].chunks if chunk.is_text and "." not in chunk.path]
    pair = pair_in([chunk.path for chunk in chunks])
    if pair is None:
        return
    key, value = (chunks[number] for number in pair)
    row = some.row
    for batch in some.file.iter_batches(
        _MOST_ROWS_NESTED, row_groups=some.numbers, columns=[key.path, value.path], use_threads=False
    ):
        arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
        yield from columns.pairs(arrays[key.path], arrays[value.path], value.path, row, value.span)
        row += batch.num_rows


def _told(some: _Some, pages: Pages, columns: Columns) -> Iterator[Piece]:
    """The cells of row groups, column by column; then these need not be looked at any more."""
    named: dict[str, list[Chunk]] = {}
    for chunk in (chunk for group in some.groups for chunk in group.chunks):
        named.setdefault(chunk.path.partition(".")[0], []).append(chunk)
    for chunks in named.values():
        wanted = [chunk for chunk in chunks if chunk.is_text or names_numbers(chunk.path)]
        if wanted:
            yield from _cells(some, columns, wanted)
        for chunk in chunks:
            if chunk in wanted or chunk.is_packed:
                yield from pages.pages(chunk)
                yield from pages.index(chunk)


def _cells(some: _Some, columns: Columns, chunks: Sequence[Chunk]) -> Iterator[Piece]:
    span = (min(chunk.span[0] for chunk in chunks), max(chunk.span[1] for chunk in chunks))
    row, rows = some.row, sum(group.rows for group in some.groups)
    size = sum(chunk.bytes for chunk in chunks)
    paths = sorted({chunk.path for chunk in chunks})
    most = _MOST_ROWS_NESTED if any("." in path for path in paths) else _MOST_ROWS
    batch_rows = max(1, min(most, _BATCH_BYTES * rows // max(1, size)))
    for batch in some.file.iter_batches(batch_rows, row_groups=some.numbers, columns=paths, use_threads=False):
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            yield from columns.texts(array, name, row, span)
        row += batch.num_rows
    yield from columns.rest(span)


def _repeated(groups: Sequence[Group]) -> list[str]:
    """The columns that are read as dictionaries of values; pyarrow cannot do that within lists and structs."""
    texts = [chunk for group in groups for chunk in group.chunks if chunk.is_text and "." not in chunk.path]
    plain = {chunk.path for chunk in texts if not chunk.is_dictionary}
    return sorted({chunk.path for chunk in texts} - plain)
