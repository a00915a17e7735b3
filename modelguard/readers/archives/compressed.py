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
    b"\x78\x01": (zlib, False),
    b"\x78\x5e": (zlib, False),
    b"\x78\x9c": (zlib, False),
    b"\x78\xda": (zlib, False),
}
"""What each begins with, how it is unpacked, and whether it may follow itself."""

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
    if stream.has_ended:
        yield Covered(0, stream.packed_end)


def inner_name(path: str) -> str:
    """What the file in a compressed one is called: `train.jsonl` of `train.jsonl.gz`."""
    name = path[max(path.rfind("/"), path.rfind("!")) + 1 :]
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), "")
    stem = name[: len(name) - len(ending)]
    return f"{stem}.tar" if ending in _TARS else stem or "content"
