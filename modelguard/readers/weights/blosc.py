"""Chunks of Blosc, and blocks of lz4.

Format: https://github.com/Blosc/c-blosc/blob/main/README_CHUNK_FORMAT.rst; of BloscLZ, `blosc/blosclz.c` there.
"""

from __future__ import annotations

import zlib

from modelguard.readers.interface import Malformed
from modelguard.readers.weights.bits import unshuffled, unshuffled_bits

_HEAD = 16
_SHUFFLED, _PLAIN, _BITS, _UNSPLIT = 1, 2, 4, 16
_MOST_SPLITS = 16
_LEAST_OF_SPLIT = 128
_FAR = 8191


def unpacked_lz4(data: bytes, size: int) -> bytes:
    """A block of lz4 that holds so many bytes.

    Raises:
        ImportError: no library for it is installed.
    """
    import lz4.block

    out: bytes = lz4.block.decompress(data, uncompressed_size=size)
    return out


def unpacked_blosc(data: bytes, most: int) -> bytes:
    """What is in a chunk.

    Raises:
        Malformed: it is damaged, packed in a way that is not known, or holds more than `most` bytes.
    """
    flags, element = data[2], max(1, data[3])
    size, block = int.from_bytes(data[4:8], "little"), int.from_bytes(data[8:12], "little")
    if size > most:
        raise Malformed("more comes out of a dataset than it says")
    if flags & _PLAIN:
        return data[_HEAD : _HEAD + size]
    parts: list[bytes] = []
    if not block or size // block * 4 > len(data):
        raise Malformed("what is compressed in it is damaged")
    for number, first in enumerate(range(0, size, block)):
        at = int.from_bytes(data[_HEAD + 4 * number :][:4], "little")
        wanted = min(block, size - first)
        is_split = not flags & _UNSPLIT and element <= _MOST_SPLITS and wanted == block
        count = element if is_split and block // element >= _LEAST_OF_SPLIT else 1
        plain = _block(data, at, wanted, count, flags >> 5)
        if flags & _BITS:  # only where that makes whole groups of eight
            plain = plain if len(plain) // element % 8 else unshuffled_bits(plain, element)
        elif flags & _SHUFFLED:
            plain = unshuffled(plain, element)
        parts.append(plain)
    return b"".join(parts)


def _block(data: bytes, at: int, size: int, count: int, packed_by: int) -> bytes:
    """A block, which is packed in so many parts."""
    parts: list[bytes] = []
    for _ in range(count):
        length = int.from_bytes(data[at : at + 4], "little")
        packed = data[at + 4 : at + 4 + length]
        at += 4 + length
        parts.append(packed if length == size // count else _part(packed, size // count, packed_by))
    return b"".join(parts)


def _part(packed: bytes, size: int, packed_by: int) -> bytes:
    if packed_by == 0:
        return _unpacked_blosclz(packed, size)
    if packed_by == 1:
        return unpacked_lz4(packed, size)
    if packed_by == 3:
        return zlib.decompressobj().decompress(packed, size)
    if packed_by == 4:
        from modelguard.readers.archives.streams import zstd

        return zstd().decompress(packed, size)
    raise Malformed("a dataset is packed by snappy, which is not undone here; scan a copy made by h5repack -f NONE")


def _unpacked_blosclz(data: bytes, size: int) -> bytes:
    """BloscLZ: runs of up to 32 bytes, and copies from up to 73727 bytes before."""
    out = bytearray()
    control, at = data[0] & 31, 1
    while True:
        if control < 32:
            out += data[at : at + control + 1]
            at += control + 1
        else:
            length, back = (control >> 5) - 1, (control & 31) << 8
            if length == 6:
                while True:
                    more = data[at]
                    at += 1
                    length += more
                    if more != 255:
                        break
            low = data[at]
            at += 1
            back += low
            if back == _FAR:
                back += data[at] << 8 | data[at + 1]
                at += 2
            back, length = back + 1, length + 3
            if back > len(out) or len(out) + length > size:
                raise Malformed("what is compressed in it is damaged")
            run = out[len(out) - back :][:length]
            out += (run * (length // len(run) + 1))[:length]
        if at >= len(data) or len(out) >= size:
            return bytes(out[:size])
        control = data[at]
        at += 1
