"""One compressed file: what it holds is a member with the file's own name, less the ending.

What a decompressor passes over is looked at as it stands: names and comments in gzip's headers, frames to be skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from modelguard.model import Blob
from modelguard.readers.archives.streams import (
    MOST_PARTS,
    Decompressor,
    Unpacking,
    bzip2,
    gzip,
    lz4,
    unpacked,
    xz,
    zlib,
    zstd,
)
from modelguard.readers.interface import Covered, Limits, Malformed, Piece
from modelguard.readers.looks import SKIPPABLE

FORMATS: Mapping[bytes, tuple[Callable[[], Decompressor], bool]] = {
    b"\x1f\x8b": (gzip, True),
    b"BZh": (bzip2, True),
    b"\xfd7zXZ\0": (xz, True),
    b"\x5d\x00\x00": (xz, False),
    b"\x28\xb5\x2f\xfd": (zstd, True),
    b"\x04\x22\x4d\x18": (lz4, True),
    b"\x78\x01": (zlib, False),
    b"\x78\x5e": (zlib, False),
    b"\x78\x9c": (zlib, False),
    b"\x78\xda": (zlib, False),
}
"""What each begins with, how it is unpacked, and whether it may follow itself."""

ENDINGS = (".gz", ".bz2", ".xz", ".lzma", ".zst", ".zstd", ".lz4", ".z", ".tgz", ".tbz2", ".txz")
_TARS = (".tgz", ".tbz2", ".txz")

_LONGEST_HEADER = 1 << 16
_GZIP_HEADER = 10
_SHORTEST = 8
"""Bytes of a field that may be a value; bgzip writes one of six into each part."""

_FEXTRA, _FNAME, _FCOMMENT = 4, 8, 16


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What is compressed. See `Reader`."""
    size = blob.size
    at = _after_skippable(blob, 0, size, limits)
    head = blob.read(at, at + 8)
    new, several = next((how for magic, how in FORMATS.items() if head.startswith(magic)), (None, False))
    if new is None:
        raise Malformed("it is compressed in no way that is known")
    stream = Unpacking(blob, at, size, new, limits, several)
    yield from unpacked(blob, inner_name(blob.origin.path), stream, limits, at, size)
    if stream.has_ended and len(stream.parts) < MOST_PARTS:
        stream.parts.append(stream.packed_end)
    for start, end in pairwise(stream.parts):
        yield Covered(_header_end(blob, start, end, new), end)


def _after_skippable(blob: Blob, at: int, size: int, limits: Limits) -> int:
    """Where the first frame is that holds anything: frames of zstd and lz4 that are passed over look the same."""
    while (head := blob.read(at, at + 8)).startswith(SKIPPABLE) and at < size:
        limits.check_time()
        at += 8 + int.from_bytes(head[4:8], "little")
    return min(at, size)


def _header_end(blob: Blob, start: int, end: int, new: Callable[[], Decompressor]) -> int:
    """Where what is unpacked begins in a part, after what the decompressor passes over."""
    if new is gzip:
        head = blob.read(start, min(end, start + _GZIP_HEADER + 2))
        flags = head[3] if len(head) > 3 else 0
        extra = int.from_bytes(head[_GZIP_HEADER:], "little") if flags & _FEXTRA else 0
        if flags & (_FNAME | _FCOMMENT) or extra >= _SHORTEST:
            return start + _gzip_header(blob.read(start, min(end, start + _LONGEST_HEADER)), flags, end - start)
    if new in (zstd, lz4) and blob.read(start, start + 4).startswith(SKIPPABLE):
        return end
    return start


def _gzip_header(head: bytes, flags: int, size: int) -> int:
    """How long a header is (RFC 1952, section 2.3); the whole part where it does not end in what is here of it."""
    at = _GZIP_HEADER
    if flags & _FEXTRA:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    for flag in (_FNAME, _FCOMMENT):
        if flags & flag:
            at = head.find(b"\0", at) + 1
            if not at:
                return size
    return min(at, size)


def inner_name(path: str) -> str:
    """What the file in a compressed one is called: `train.jsonl` of `train.jsonl.gz`."""
    name = path[max(path.rfind("/"), path.rfind("!")) + 1 :]
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), "")
    stem = name[: len(name) - len(ending)]
    return f"{stem}.tar" if ending in _TARS else stem or "content"
