"""One compressed file: what it holds is a member with the file's own name, less the ending."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from modelguard.model import Blob
from modelguard.readers.archives.streams import Decompressor, Unpacking, bzip2, gzip, unpacked, xz, zlib, zstd
from modelguard.readers.interface import Covered, Limits, Malformed, Piece

FORMATS: Mapping[bytes, tuple[Callable[[], Decompressor], bool]] = {
    b"\x1f\x8b": (gzip, True),
    b"BZh": (bzip2, True),
    b"\xfd7zXZ\0": (xz, True),
    b"\x5d\x00\x00": (xz, False),
    b"\x28\xb5\x2f\xfd": (zstd, True),
    **{bytes((first,)) + b"\x2a\x4d\x18": (zstd, True) for first in range(0x50, 0x60)},
    b"\x78\x01": (zlib, False),
    b"\x78\x5e": (zlib, False),
    b"\x78\x9c": (zlib, False),
    b"\x78\xda": (zlib, False),
}
"""What each begins with, how it is unpacked, and whether it may follow itself."""

_LONGEST_HEADING = 128 * 1024
_GZIP_EXTRA, _GZIP_NAME, _GZIP_COMMENT = 0x04, 0x08, 0x10
"""RFC 1952, section 2.3.1."""

ENDINGS = (".gz", ".bz2", ".xz", ".lzma", ".zst", ".zstd", ".z", ".tgz", ".tbz2", ".txz")
_TARS = (".tgz", ".tbz2", ".txz")


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What is compressed. See `Reader`."""
    head = blob.read(0, 8)
    new, several = next((how for magic, how in FORMATS.items() if head.startswith(magic)), (None, False))
    if new is None:
        raise Malformed("it is compressed in no way that is known")
    size = blob.size
    stream = Unpacking(blob, 0, size, new, limits, several)
    yield from unpacked(blob, inner_name(blob.origin.path), stream, limits, 0, size)
    at = 0
    for start in stream.begun:
        shown, end = _heading(blob, start)
        if at < shown:
            yield Covered(at, shown)
        at = max(at, end)
    if at < stream.packed_end:
        yield Covered(at, stream.packed_end)


def _heading(blob: Blob, start: int) -> tuple[int, int]:
    """What may hold text where something compressed begins: names and comments of gzip, frames that zstd skips."""
    head = blob.read(start, start + _LONGEST_HEADING)
    if head.startswith(b"\x1f\x8b") and len(head) > 10 and head[3] & (_GZIP_EXTRA | _GZIP_NAME | _GZIP_COMMENT):
        at = 10
        if head[3] & _GZIP_EXTRA:
            at += 2 + int.from_bytes(head[10:12], "little")
        for flag in (_GZIP_NAME, _GZIP_COMMENT):
            if head[3] & flag:
                at = head.find(b"\0", at) + 1 or len(head)
        return start + 10, start + at
    if head[1:4] == b"\x2a\x4d\x18":
        return start + 8, start + 8 + int.from_bytes(head[4:8], "little")
    return start, start


def inner_name(path: str) -> str:
    """What the file in a compressed one is called: `train.jsonl` of `train.jsonl.gz`."""
    name = path[max(path.rfind("/"), path.rfind("!")) + 1 :]
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), "")
    stem = name[: len(name) - len(ending)]
    return f"{stem}.tar" if ending in _TARS else stem or "content"
