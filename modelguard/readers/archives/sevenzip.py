"""7z archives: LZMA, LZMA2, deflate, bzip2, zstd and stored, with filters; solid ones are unpacked once, forwards.

Why not py7zr: it brings seven packages, one of them a cipher, and writes files.
"""

from __future__ import annotations

import lzma
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any

from modelguard.model import Blob, GapReason
from modelguard.readers.archives.sevenzip_header import (
    ENCODED,
    MAGIC,
    SIGNATURE_BYTES,
    Bytes,
    Coder,
    Folder,
    Header,
    Streams,
    read_header,
    read_streams,
)
from modelguard.readers.archives.streams import Decompressor, Unpacking, bzip2, deflate, zstd
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece, Problem, entries
from modelguard.readers.members import Held, Ranged, Streamed, Unpacked

_LONGEST_HEADER = 16 * 1024 * 1024
_LARGEST_DICTIONARY = 256 * 1024 * 1024
_AES = b"\x06\xf1\x07\x01"
_COPY = b"\0"
_WHOLE: Mapping[bytes, Callable[[], Decompressor]] = {
    b"\x04\x01\x08": deflate,
    b"\x04\x02\x02": bzip2,
    b"\x04\xf7\x11\x01": zstd,
}
_COMPRESSING = (lzma.FILTER_LZMA1, lzma.FILTER_LZMA2)
_FILTERS = {b"\x03\x03\x01\x03": lzma.FILTER_X86, b"\x03\x03\x05\x01": lzma.FILTER_ARM}


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The files of a 7z archive. See `Reader`."""
    header, packed = _header(blob, limits)
    yield from packed
    if header.listed:
        texts = [name.encode("utf-8", "replace") for name in header.listed]
        limits.spend(sum(map(len, texts)))
        yield entries(texts, lambda number: f"name {number}", lambda number: (0, blob.size), again=True)
    names = iter(header.names)
    starts = list(accumulate(header.streams.packed, initial=SIGNATURE_BYTES + header.streams.position))
    taken = 0
    for folder in header.streams.folders:
        first, taken = taken, taken + folder.packed_streams
        inside = [(next(names, "file"), size) for size in folder.files]
        if taken >= len(starts) or starts[taken] > blob.size:
            raise Malformed("a packed stream lies outside the file")
        try:
            yield from _folder(blob, folder, (starts[first], starts[taken]), inside, limits)
        except Malformed as error:
            reason = GapReason.UNREADABLE if any(each.method == _AES for each in folder.coders) else GapReason.MALFORMED
            yield Problem(reason, str(error), inside[0][0] if inside else None)


def _header(blob: Blob, limits: Limits) -> tuple[Header, list[Piece]]:
    """The header, unpacked as often as it is packed, and what is in the bytes that this took."""
    signature = blob.read(0, SIGNATURE_BYTES)
    if not signature.startswith(MAGIC) or len(signature) < SIGNATURE_BYTES:
        raise Malformed("it has no signature")
    start = SIGNATURE_BYTES + int.from_bytes(signature[12:20], "little")
    size = int.from_bytes(signature[20:28], "little")
    if size > _LONGEST_HEADER or start + size > blob.size:
        raise Malformed("its header lies outside the file")
    data = blob.read(start, start + size)
    packed: list[Piece] = []
    for _ in range(limits.budget.opened_depth):
        header = Bytes(data)
        kind = header.byte() if data else 0
        if kind != ENCODED:
            return (read_header(header) if kind == 1 else Header(Streams(0, (), ()), ())), packed
        streams = read_streams(header)
        if len(streams.folders) != 1 or len(streams.packed) != 1 or streams.folders[0].size > _LONGEST_HEADER:
            raise Malformed("its header is packed in an unknown way")
        first = SIGNATURE_BYTES + streams.position
        span = (first, first + streams.packed[0])
        stream = _stream(blob, streams.folders[0], span, limits)
        data = stream.read(streams.folders[0].size)
        packed += _behind(blob, stream, span, limits)
    raise Malformed("its header is packed too often")


def _folder(
    blob: Blob, folder: Folder, span: tuple[int, int], inside: Sequence[tuple[str, int]], limits: Limits
) -> Iterator[Piece]:
    """The files of a folder, one after the other."""
    if [each.method for each in folder.coders] == [_COPY]:
        at = span[0]
        for name, size in inside:
            end = max(at, min(at + size, span[1]))
            yield Member(Ranged(blob, name, at, end))
            yield Covered(at, end)
            at = end
        return
    stream = _stream(blob, folder, span, limits)
    before = 0
    for name, size in inside:
        if size <= limits.budget.held_bytes:
            yield Member(Held(blob, name, stream.read(size), *span))
        else:
            yield Member(Streamed(blob, name, _from(stream, before, size), *span, size))
            _skip(stream, size)
        before += size
    stream.check()
    yield from _behind(blob, stream, span, limits)


def _behind(blob: Blob, stream: Unpacking, span: tuple[int, int], limits: Limits) -> Iterator[Piece]:
    """What comes out of a stream behind all that the header names, and how much of the archive that is.

    LZMA need not say where it ends: then what follows may be packed or not, and is looked at as it stands.
    """
    most = limits.budget.held_bytes
    with suppress(Malformed):
        rest = stream.read(most)
        if rest:
            yield Member(Held(blob, "behind the files", rest, *span))
        if len(rest) == most:
            yield Problem(GapReason.OVER_BUDGET, f"more than {most} bytes follow its files; the rest was not looked at")
    if stream.has_ended:
        yield Covered(span[0], stream.packed_end)


def _from(stream: Unpacking, before: int, size: int) -> Callable[[], Unpacked]:
    """What opens the part of a stream that has so many bytes before it."""

    def open_() -> Unpacked:
        anew = stream.again()
        _skip(anew, before)
        return _Limited(anew, size)

    return open_


class _Limited:
    """So many bytes of a stream."""

    def __init__(self, stream: Unpacking, left: int) -> None:
        self._stream = stream
        self._left = left

    def read(self, count: int) -> bytes:
        data = self._stream.read(min(count, self._left))
        self._left -= len(data)
        return data


def _skip(stream: Unpacking, count: int) -> None:
    while count > 0 and (data := stream.read(min(count, 1 << 20))):
        count -= len(data)


def _stream(blob: Blob, folder: Folder, span: tuple[int, int], limits: Limits) -> Unpacking:
    """What comes out of a folder."""
    coders = folder.coders
    if any(each.method == _AES for each in coders):
        raise Malformed("it is encrypted; scan it before it is packed")
    if not coders or folder.packed_streams != 1 or not all(each.is_simple for each in coders):
        raise Malformed("it is packed in a way that is not known")
    if len(coders) == 1 and coders[0].method in _WHOLE:
        return Unpacking(blob, *span, _WHOLE[coders[0].method], limits)
    filters = sorted(map(_filter, coders), key=lambda each: each["id"] in _COMPRESSING)  # they stand in either order
    return Unpacking(blob, *span, lambda: _raw(filters), limits)


def _raw(filters: Sequence[Mapping[str, Any]]) -> Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=list(filters))


def _filter(coder: Coder) -> dict[str, Any]:
    """A coder in the words of Python's lzma."""
    method, properties = coder.method, coder.properties
    if method == b"\x03\x01\x01" and len(properties) == 5:
        packed, dictionary = properties[0], int.from_bytes(properties[1:], "little")
        if packed < 9 * 5 * 5 and dictionary <= _LARGEST_DICTIONARY:
            lc, rest = packed % 9, packed // 9
            own = {"lc": lc, "lp": rest % 5, "pb": rest // 5, "dict_size": max(4096, dictionary)}
            return {"id": lzma.FILTER_LZMA1, **own}
    if method == b"\x21" and len(properties) == 1:
        bits = properties[0]
        dictionary = (2 | (bits & 1)) << (bits // 2 + 11)
        if bits < 40 and dictionary <= _LARGEST_DICTIONARY:
            return {"id": lzma.FILTER_LZMA2, "dict_size": dictionary}
    if method == b"\x03" and len(properties) == 1:
        return {"id": lzma.FILTER_DELTA, "dist": properties[0] + 1}
    if method in _FILTERS:
        return {"id": _FILTERS[method]}
    raise Malformed("it is packed in a way that is not known")
