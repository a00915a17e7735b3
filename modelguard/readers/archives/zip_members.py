"""One member of a zip archive: where its data stand, and what comes out of them (APPNOTE.TXT, sections 4.3, 4.4)."""

from __future__ import annotations

import lzma
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from modelguard.model import Blob, GapReason
from modelguard.readers.archives.streams import Decompressor, Unpacking, bzip2, deflate, unpacked, xz, zstd
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece, Problem
from modelguard.readers.members import Ranged

ENCRYPTED = 0x1
STORED = 0
_ENDS_WITH_MARK = 0x2
_IN_UTF_8 = 0x800
_LOCAL_HEADER_BYTES = 30
_LZMA = 14
_LZMA_HEAD_BYTES = 4
_LZMA_PROPERTIES = 5


class _Lzma:
    """LZMA as zip has it (section 5.8.8): a version and a length, then as `.lzma` files, but without the size."""

    def __init__(self, size: int | None) -> None:
        self._inner = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=128 * 1024 * 1024)
        self._size = b"\xff" * 8 if size is None else size.to_bytes(8, "little")
        self._head = b""
        self._is_begun = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._is_begun or self._inner.needs_input

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if not self._is_begun:
            self._head += data
            properties = _LZMA_HEAD_BYTES + _LZMA_PROPERTIES
            if len(self._head) < properties:
                return b""
            self._is_begun = True
            data = self._head[_LZMA_HEAD_BYTES:properties] + self._size + self._head[properties:]
        return self._inner.decompress(data, max_length)


METHODS: Mapping[int, Callable[[], Decompressor]] = {8: deflate, 12: bzip2, 93: zstd, 95: xz}
"""Section 4.4.5, as far as anybody writes them; `method` knows LZMA as well."""


def method(number: int, flags: int, size: int) -> Callable[[], Decompressor] | None:
    """What unpacks a member that has been compressed so; `size` is how much will come out."""
    if number == _LZMA:
        return lambda: _Lzma(None if flags & _ENDS_WITH_MARK else size)
    return METHODS.get(number)


class Local(NamedTuple):
    """Where a member's header and data stand, and whether that header says no more than the directory does."""

    header: int
    start: int
    end: int
    is_told: bool


def local_header(blob: Blob, info: zipfile.ZipInfo) -> Local:
    """Where the data of a member stand in the archive: its local header says how long that header is (4.3.7).

    Raises:
        Malformed: there is no such header there.
    """
    at = info.header_offset
    name = info.orig_filename.encode("utf-8" if info.flag_bits & _IN_UTF_8 else "cp437", "replace")
    header = blob.read(at, at + _LOCAL_HEADER_BYTES + len(name) + len(info.extra)) if at >= 0 else b""
    if len(header) < _LOCAL_HEADER_BYTES or not header.startswith(b"PK\x03\x04"):
        raise Malformed("a member is not where the directory says")
    names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    start = at + _LOCAL_HEADER_BYTES + names
    is_told = len(header) == start - at and header[_LOCAL_HEADER_BYTES:] == name + info.extra
    return Local(at, start, start + info.compress_size, is_told)


def member(blob: Blob, info: zipfile.ZipInfo, limits: Limits) -> Iterator[Piece]:
    """A member that the directory names."""
    name = info.filename
    try:
        local = local_header(blob, info)
        if local.end > blob.size:
            raise Malformed("a member is longer than the archive")
        covered = Covered(local.header if local.is_told else local.start, local.end)
        if info.flag_bits & ENCRYPTED:
            yield from _locked(blob, info, local, limits)
        elif info.compress_type == STORED:
            yield Member(Ranged(blob, name, local.start, local.end))
            yield covered
        elif (new := method(info.compress_type, info.flag_bits, info.file_size)) is None:
            yield Problem(GapReason.UNREADABLE, f"a member has compression method {info.compress_type}", name)
        else:
            stream = Unpacking(blob, local.start, local.end, new, limits)
            yield from unpacked(blob, name, stream, limits, local.start, local.end)
            if stream.has_ended:  # the directory may say that more belongs to it
                yield Covered(covered.start, stream.packed_end)
    except Malformed as error:
        yield Problem(GapReason.MALFORMED, str(error), name)


def _locked(blob: Blob, info: zipfile.ZipInfo, local: Local, limits: Limits) -> Iterator[Piece]:
    """A member that says that it is encrypted. Anybody can say so, and loaders of models do not ask: it is tried."""
    yield Problem(GapReason.UNREADABLE, "a member is encrypted; scan it before it is packed", info.filename)
    new = method(info.compress_type, info.flag_bits, info.file_size)
    if info.compress_type == STORED:
        yield Member(Ranged(blob, info.filename, local.start, local.end))
        yield Covered(local.start, local.end)
    elif new is not None:
        stream = Unpacking(blob, local.start, local.end, new, limits)
        with suppress(Malformed):
            yield from unpacked(blob, info.filename, stream, limits, local.start, local.end)
            if stream.has_ended:
                yield Covered(local.start, stream.packed_end)


def held(blob: Blob, info: zipfile.ZipInfo, limits: Limits, most: int) -> bytes:
    """The first `most` bytes of a member, for readers that must look into one before the others.

    Raises:
        Malformed: it cannot be unpacked.
    """
    local = local_header(blob, info)
    if info.compress_type == STORED:
        return blob.read(local.start, min(local.end, local.start + most))
    new = method(info.compress_type, info.flag_bits, info.file_size)
    if new is None:
        raise Malformed(f"a member has compression method {info.compress_type}")
    return Unpacking(blob, local.start, local.end, new, limits).read(most)
