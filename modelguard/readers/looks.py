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


def looks_like_msgpack(head: bytes) -> bool:
    """A map whose first key is a text (MessagePack's specification, section "Formats")."""
    first = 1 if head[:1] in _SHORT_MAPS else {b"\xde": 3, b"\xdf": 5}.get(head[:1], 0)
    return bool(first) and (
        0xA0 <= (head[first] if len(head) > first else 0) < 0xC0 or head[first : first + 1] in _TEXTS
    )


_SHORT_MAPS = [bytes((each,)) for each in range(0x81, 0x90)]
_TEXTS = [b"\xd9", b"\xda", b"\xdb"]


def looks_like_ubjson(head: bytes) -> bool:
    """An object or array of UBJSON, whose members begin otherwise than JSON's (https://ubjson.org)."""
    return (head[:1] == b"{" and head[1:2] in _LENGTHS) or (head[:1] == b"[" and head[1:2] in _MEMBERS)


_LENGTHS = [b"i", b"U", b"I", b"l", b"L", b"$", b"#"]
_MEMBERS = [*_LENGTHS, b"S", b"H", b"d", b"D", b"C", b"Z", b"T", b"F"]


def looks_like_hdf5(head: bytes) -> bool:
    """The signature of HDF5 behind a block of the user's own (format specification, section II.A)."""
    return any(head.startswith(b"\x89HDF\r\n\x1a\n", at) for at in (512, 1024, 2048))
