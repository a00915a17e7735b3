"""Questions to the first bytes of a blob, for kinds that no magic number tells."""

from __future__ import annotations


def looks_like_tar(head: bytes) -> bool:
    """POSIX and GNU tar: `ustar` at byte 257 (POSIX.1-1988, section 10.1.1)."""
    return head[257:262] == b"ustar"


def looks_like_bzip2(head: bytes) -> bool:
    """`BZh`, a level, and the magic number of the first block or of an empty stream."""
    return head[3:4] in b"123456789" and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")


def looks_like_zlib(head: bytes) -> bool:
    """Text may begin as zlib does (RFC 1950, section 2.2), but does not go on so."""
    import zlib

    try:
        return bool(zlib.decompressobj().decompress(head, 64))
    except zlib.error:
        return False


def looks_like_safetensors(head: bytes) -> bool:
    """Eight bytes of a length below 100 MB, little-endian, and the brace that must follow them."""
    return head[8:9] == b"{" and head[4:8] == b"\0\0\0\0" and head[3] < 6


def looks_like_tflite(head: bytes) -> bool:
    """The file identifier of TFLite's schema."""
    return head[4:8] == b"TFL3"


def looks_like_hdf5(head: bytes) -> bool:
    """The signature of HDF5 behind a block of the user's own (format specification, section II.A)."""
    return any(head.startswith(b"\x89HDF\r\n\x1a\n", at) for at in (512, 1024, 2048))
