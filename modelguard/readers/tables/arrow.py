"""Arrow's own files: a stream of record batches, with or without a footer behind (Feather 2), and Feather 1.

Format: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc. A file is
read as the stream that it holds, so one that is cut short tells what it has; one whose footer alone has the schema is
read as the footer says. Rows count from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Piece, passage, repeated
from modelguard.readers.native import memory_bounded
from modelguard.readers.seeking import BlobFile
from modelguard.readers.tables.columns import Columns
from modelguard.readers.tables.headers import pair_in
from modelguard.readers.tables.metadata import about

_FILE = b"ARROW1"
_FEATHER_1 = b"FEA1"
_FILE_HEAD = 8
_FEATHER_1_END = 8
_MESSAGE_HEAD = 8
_MOST_AT_ONCE = 256 * 1024 * 1024
"""Bytes of one record batch: it is in memory as a whole."""

_LONGEST_MESSAGE = 1024 * 1024
_LONGEST_SCHEMA = 4 * 1024 * 1024


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Metadata, names of columns, and cells. See `Reader`."""
    import pyarrow as pa

    head = blob.read(0, _FILE_HEAD)
    with memory_bounded():
        if head.startswith(_FEATHER_1):
            yield from _feather(blob, limits)
            return
        start = _FILE_HEAD if head.startswith(_FILE) else 0
        if start and not _holds_stream(blob):
            yield from _by_footer(blob, limits)
            return
        file = BlobFile(blob, start, most=_MOST_AT_ONCE)
        options = pa.ipc.IpcReadOptions(use_threads=False)
        with pa.ipc.open_stream(file, options=options) as stream:
            yield from _schema(blob, stream.schema, (start, start + file.tell()))
            yield from _batches(blob, stream, file, start, limits)
        end = start + file.tell()
        if start and blob.size - end <= _LONGEST_SCHEMA:
            yield passage(blob.read(end, blob.size), "footer", end, blob.size, again=True)
            yield Covered(end, blob.size)


def _holds_stream(blob: Blob) -> bool:
    """Whether a message follows a file's head, as it must. Polars puts the bare schema there."""
    import pyarrow as pa

    file = BlobFile(blob, _FILE_HEAD, most=_MOST_AT_ONCE)
    try:
        with pa.ipc.open_stream(file):
            return True
    except (pa.ArrowException, OSError):
        return False


def _by_footer(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The cells of a file by its footer. Where they stand is not said, so all is looked at as it stands, too."""
    import pyarrow as pa

    span = (0, blob.size)
    columns = Columns(blob, limits)
    row = 0
    options = pa.ipc.IpcReadOptions(use_threads=False)
    with pa.ipc.open_file(BlobFile(blob, most=_MOST_AT_ONCE), options=options) as file:
        for key, value in (file.schema.metadata or {}).items():
            yield from about(key, value, "metadata", span, again=True)
        for number in range(file.num_record_batches):
            limits.member()
            batch = file.get_batch(number)
            limits.spend(batch.nbytes)
            for name, array in zip(batch.schema.names, batch.columns, strict=True):
                yield from repeated(columns.texts(array, name, row, span))
            yield from _pairs(batch, columns, row, span)
            row += batch.num_rows
    yield from repeated(columns.rest(span))


def _batches(blob: Blob, stream: Any, file: BlobFile, start: int, limits: Limits) -> Iterator[Piece]:
    """The cells of each batch, and what the message before it says."""
    columns = Columns(blob, limits)
    row = 0
    while True:
        first = start + file.tell()
        try:
            batch = stream.read_next_batch()
        except StopIteration:
            break
        span = (first, start + file.tell())
        before = min(first + _message_bytes(blob, first), span[1])
        if before - first <= _LONGEST_MESSAGE:
            yield passage(blob.read(first, before), f"message before row {row + 1}", first, before, again=True)
            before = first
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            yield from columns.texts(array, name, row, span)
        yield from _pairs(batch, columns, row, span)
        row += batch.num_rows
        yield Covered(before, span[1])
    yield from columns.rest((start, start + file.tell()))


def _pairs(batch: Any, columns: Columns, row: int, span: tuple[int, int]) -> Iterator[Piece]:
    """Where two columns of text hold names and their values, these once more, side by side."""
    pair = pair_in(batch.schema.names)
    if pair is not None:
        name, value = pair
        yield from columns.pairs(batch.column(name), batch.column(value), batch.schema.names[value], row, span)


def _message_bytes(blob: Blob, at: int) -> int:
    """How long the first message at an offset is, without its body."""
    head = blob.read(at, at + _MESSAGE_HEAD)
    has_mark = head.startswith(b"\xff\xff\xff\xff")
    length = int.from_bytes(head[4:] if has_mark else head[:4], "little")
    return length + (8 if has_mark else 4)


def _schema(blob: Blob, schema: Any, span: tuple[int, int]) -> Iterator[Piece]:
    """Names and metadata, and once more the message that holds them."""
    if span[1] - span[0] > _LONGEST_SCHEMA:
        return
    for key, value in (schema.metadata or {}).items():
        yield from about(key, value, "metadata", span)
    for number, field in enumerate(schema):
        yield passage(field.name.encode("utf-8", "replace"), f"schema, column {number + 1}", *span)
        for key, value in (field.metadata or {}).items():
            yield from about(key, value, f"schema, column {number + 1}, metadata", span)
    yield passage(blob.read(*span), "schema", *span, again=True)
    yield Covered(*span)


def _feather(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Feather 1, which pyarrow reads as a whole, as long as it does."""
    import warnings

    from pyarrow import feather

    if blob.size > _MOST_AT_ONCE:
        raise Malformed(f"a file of Feather 1 with more than {_MOST_AT_ONCE} bytes is not read")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = feather.read_table(BlobFile(blob, most=_MOST_AT_ONCE), memory_map=False, use_threads=False)
    columns = Columns(blob, limits)
    for name, column in zip(table.schema.names, table.columns, strict=True):
        row = 0
        for array in column.chunks:
            yield from columns.texts(array, name, row, (0, blob.size))
            row += len(array)
    yield from columns.rest((0, blob.size))
    end = blob.size - _FEATHER_1_END
    start = max(0, end - int.from_bytes(blob.read(end, end + 4), "little"))
    yield passage(blob.read(start, end), "schema", start, end, again=True)
    yield Covered(0, blob.size)
