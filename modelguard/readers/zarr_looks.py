"""Questions to the first bytes of chunks of Zarr."""

from __future__ import annotations

BLOSC = (b"\x02\x01",)
"""The version of the format, and of what lz4, zlib, zstd and BloscLZ write (README_CHUNK_FORMAT.rst of c-blosc)."""

_PLAIN = 2
_RESERVED = 8
_PLAIN_AND_SHUFFLED = 5
"""Bits of the flags: one that is never set, and two that only Blosc2 sets together, for a longer header."""

_CODECS = (0, 1, 3, 4)
_LEAST_BLOSC = 16


def looks_like_blosc(head: bytes) -> bool:
    """The header of a chunk whose numbers may be: flags, width of an element, sizes (the file has the last word)."""
    if len(head) < _LEAST_BLOSC:
        return False
    flags, width = head[2], head[3]
    size, block, packed = (int.from_bytes(head[at : at + 4], "little") for at in (4, 8, 12))
    is_told = not flags & _RESERVED and flags & _PLAIN_AND_SHUFFLED != _PLAIN_AND_SHUFFLED and flags >> 5 in _CODECS
    if flags & _PLAIN and packed != size + _LEAST_BLOSC:
        return False
    return is_told and width > 0 and 0 < block <= size and _LEAST_BLOSC < packed <= size + _LEAST_BLOSC


def looks_like_string_cells(head: bytes) -> bool:
    """A count, and strings of UTF-8 with their lengths before them, as far as the head goes."""
    if head[3:8:4] != b"\0\0":  # most files leave here
        return False
    count, at = int.from_bytes(head[:4], "little"), 4
    found = has_text = False
    while count and at + 4 <= len(head):
        start = at + 4
        at = start + int.from_bytes(head[at:start], "little")
        text = head[start:at]
        if not _is_text(text, at > len(head)):
            return False
        count -= 1
        has_text = has_text or len(text) >= 8
        found = True
    return found and has_text and (at >= len(head) > _WHOLE or (count == 0 and at == len(head)))


_WHOLE = 4000
"""A head of more bytes may be only the beginning of a file."""


def _is_text(text: bytes, is_cut: bool) -> bool:
    if b"\0" in text:
        return False
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return is_cut and error.start >= len(text) - 3
    return True
