"""Avro: metadata, and the texts of every record by row and column, however blocks are compressed.

Format: https://avro.apache.org/docs/1.12.0/specification/#object-container-files. A text's length stands before it with
nothing between, and often is a letter; so what the bytes show is not enough. Rows count from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from modelguard.model import Blob, GapReason
from modelguard.readers.archives.streams import Decompressor, Unpacking, bzip2, deflate, xz, zstd
from modelguard.readers.interface import Covered, Limits, Malformed, Member, OverBudget, Piece, Problem
from modelguard.readers.kinds import is_file
from modelguard.readers.members import Held
from modelguard.readers.native import memory_bounded
from modelguard.readers.tables.avro_schema import Block, Found, Schema
from modelguard.readers.tables.cells import place
from modelguard.readers.tables.headers import is_telling, names_numbers
from modelguard.readers.tables.metadata import about
from modelguard.readers.weights.key_values import Entries

MAGIC = b"Obj\x01"
_SYNC_BYTES = 16
_LONGEST_LABEL = 32
_LONG = 1 << 20
_FILES_FROM = 64

CODECS: Mapping[bytes, Callable[[], Decompressor]] = {
    b"deflate": deflate,
    b"zstandard": zstd,
    b"bzip2": bzip2,
    b"xz": xz,
}
"""All but snappy (section "Required Codecs" and "Optional Codecs")."""


_SNAPPY = b"snappy"
_CHECKSUM_BYTES = 4
_LONGEST_HEADER = 4 * 1024 * 1024
_ENOUGH = 20_000
_LONGEST_NUMBERS = 20
"""Bytes of two whole numbers."""


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Metadata and texts of records. See `Reader`."""
    metadata, at = _metadata(blob, limits)
    for key, value in metadata.items():
        yield from about(key, value, "metadata", (0, at))
    yield Covered(0, at)
    codec = metadata.get(b"avro.codec", b"null")
    schema: Schema | None = None
    try:
        schema = Schema(metadata.get(b"avro.schema", b""), names_numbers)
    except Malformed as error:
        yield Problem(GapReason.MALFORMED, str(error))
    row, size = 0, blob.size
    at += _SYNC_BYTES
    while at < size:
        limits.member()
        rows, start, end = _part(blob, at, size, limits)
        data, stream = _unpacked(blob, start, end, codec, limits)
        yield from _told(blob, Block(data, limits), schema, (row, rows), (start, end), codec == b"null")
        if stream is not None:
            stream.check()
        if codec != b"null":
            yield Covered(start, end if stream is None else stream.packed_end)
        row += rows
        at = end + _SYNC_BYTES


def _metadata(blob: Blob, limits: Limits) -> tuple[Mapping[bytes, bytes], int]:
    """Keys and values of the header, and where they end. What stands twice under one key is joined."""
    head = Block(blob.read(0, _LONGEST_HEADER), limits)
    head.skip(len(MAGIC))
    found: dict[bytes, bytes] = {}
    while count := head.items():
        for _ in range(count):
            head.count()
            key, value = (head.data[head.skip(head.long()) : head.at] for _ in range(2))
            found[key] = found[key] + b"\n" + value if key in found else value
    return found, head.at


def _part(blob: Blob, at: int, size: int, limits: Limits) -> tuple[int, int, int]:
    """How many records a block has, and where its bytes are."""
    head = Block(blob.read(at, at + _LONGEST_NUMBERS), limits)
    rows, length = head.long(), head.long()
    start = at + head.at
    if rows < 0 or not 0 <= length <= size - start:
        raise Malformed("a block is longer than the file")
    return rows, start, start + length


def _unpacked(blob: Blob, start: int, end: int, codec: bytes, limits: Limits) -> tuple[bytes, Unpacking | None]:
    """The bytes of a block, as far as they can be unpacked; what they come from tells what is wrong behind them."""
    most = limits.budget.held_bytes
    if end - start > most:
        raise OverBudget(f"a block holds more than {most} bytes")
    if codec == b"null":
        limits.spend(end - start)
        return blob.read(start, end), None
    if codec == _SNAPPY:
        return _of_snappy(blob.read(start, max(start, end - _CHECKSUM_BYTES)), limits), None
    if codec not in CODECS:
        raise Malformed("its blocks are packed in a way that is not known")
    stream = Unpacking(blob, start, end, CODECS[codec], limits)
    data = stream.read(most + 1)
    if len(data) > most:
        raise OverBudget(f"a block holds more than {most} bytes")
    return data, stream


def _of_snappy(packed: bytes, limits: Limits) -> bytes:
    """What snappy made smaller; its length stands first, without a sign."""
    import pyarrow as pa

    size = shift = 0
    for byte in packed[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if size > limits.budget.held_bytes:
        raise OverBudget(f"a block holds more than {limits.budget.held_bytes} bytes")
    limits.spend(size)
    with memory_bounded():
        try:
            return bytes(pa.Codec("snappy").decompress(packed, size))
        except (pa.ArrowException, OSError, ValueError):
            raise Malformed("a block is damaged") from None


def _told(
    blob: Blob, block: Block, schema: Schema | None, rows: tuple[int, int], span: tuple[int, int], is_plain: bool
) -> Iterator[Piece]:
    """The texts of a block; what is not understood of one that was packed is a member."""
    gathered = Entries()
    for each in _records(block, schema, rows):
        if isinstance(each, Problem):
            yield each
        else:
            yield from _text(blob, block, each, gathered, span, is_plain)
    yield from gathered.told()
    if is_plain:
        yield Covered(span[0], span[0] + block.at)
    elif block.at < len(block.data):
        yield Member(Held(blob, f"behind row {block.row}", block.data[block.at :], *span))


def _records(block: Block, schema: Schema | None, rows: tuple[int, int]) -> Iterator[Found | Problem]:
    """The texts of one record after the other, up to what is none."""
    first, count = rows
    known = 0
    try:
        for number in range(count if schema is not None else 0):
            assert schema is not None
            known = block.at
            block.row, block.depth = first + number, 0
            block.count()
            schema.passes(block)
            if len(block.found) >= _ENOUGH:
                yield from block.found
                block.found.clear()
    except (Malformed, RecursionError) as error:
        detail = str(error) if isinstance(error, Malformed) else "its records are too deep"
        yield Problem(GapReason.MALFORMED, detail, f"behind row {block.row}")
        block.at = known
    yield from (found for found in block.found if found.end <= block.at)


def _text(
    blob: Blob, block: Block, found: Found, gathered: Entries, span: tuple[int, int], is_plain: bool
) -> Iterator[Piece]:
    data = block.data[found.start : found.end] if found.number is None else found.number.encode()
    named = partial(place, found.path, found.row)
    where = (span[0] + found.start, span[0] + found.end) if is_plain else span
    if len(data) > _LONG or (len(data) >= _FILES_FROM and is_file(data)):
        yield Member(Held(blob, named(), data, *where))
        return
    column = found.path.rpartition(".")[2]
    if len(column) <= _LONGEST_LABEL and is_telling(column):
        data = column.encode("utf-8", "replace") + b": " + data
    gathered.add(data, named, *where)
    if gathered.enough:
        yield from gathered.told()
