"""What the filters of an HDF5 dataset made of a chunk, undone: by our own code, the standard library, zstd and lz4.

The library's own are not asked: they make as much as a file says, and those that it lacks are plugins. Numbers:
https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md. What HDF5 itself has is in its
`H5Znbit.c` and `H5Zscaleoffset.c`.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from modelguard.model import GapReason
from modelguard.readers.interface import Malformed
from modelguard.readers.weights.bits import unpacked_bits, unshuffled, unshuffled_bits
from modelguard.readers.weights.blosc import unpacked_blosc, unpacked_lz4

_DEFLATE, _SHUFFLE, _FLETCHER, _NBIT, _SCALE, _BZIP2 = 1, 2, 3, 5, 6, 307
_LZF, _BLOSC, _LZ4, _BITSHUFFLE, _ZSTD = 32000, 32001, 32004, 32008, 32015
_NAMES = {4: "szip", 32002: "lzo", 32013: "zfp", 32017: "sz", 32026: "blosc2"}
_SCALE_HEAD = 21
_INTEGERS = 2
_BLOCK = 8192
"""Bytes that bitshuffle puts in a block where nobody says."""


class Filter(NamedTuple):
    """A filter of a dataset, and the numbers that it was told."""

    number: int
    said: tuple[int, ...]


class Undone(Malformed):
    """A filter that cannot be undone."""

    reason = GapReason.UNREADABLE


def check(applied: Filter) -> None:
    """Raise `Malformed` where a filter cannot be undone here."""
    is_known = applied.number in _UNDOING or applied.number in (_SHUFFLE, _FLETCHER)
    if applied.number == _NBIT:
        is_known = applied.said[1:2] == (1,)  # each number takes all its bits
    if applied.number == _SCALE:
        is_known = len(applied.said) > 4 and applied.said[0] == _INTEGERS and 0 < applied.said[4] <= 8
    if not is_known:
        name = _NAMES.get(applied.number, str(applied.number))
        raise Undone(f"a dataset has filter {name}, which is not undone here; scan a copy made by h5repack -f NONE")


def undone(applied: Filter, data: bytes, most: int) -> bytes:
    """What was there before a filter was applied, of `most` bytes at most.

    Raises:
        Malformed: it is damaged, or more comes out.
        ImportError: the library for it is not installed.
    """
    if applied.number == _FLETCHER:
        return data[:-4]
    if applied.number == _SHUFFLE:
        return unshuffled(data, applied.said[0] if applied.said else 1)
    undo = _UNDOING.get(applied.number)
    if undo is None:
        return data
    try:
        out = undo(data, applied.said, most)
    except (Malformed, ImportError):
        raise
    except Exception:  # each library has its own; some say what they read
        raise Malformed("what is compressed in it is damaged") from None
    if len(out) > most:
        raise Malformed("more comes out of a dataset than it says")
    return out


def _inflated(data: bytes, said: tuple[int, ...], most: int) -> bytes:
    return zlib.decompressobj().decompress(data, most + 1)


def _unpacked_bzip2(data: bytes, said: tuple[int, ...], most: int) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, most + 1)


def _unpacked_zstd(data: bytes, said: tuple[int, ...], most: int) -> bytes:
    from modelguard.readers.archives.streams import zstd

    return zstd().decompress(data, most + 1)


def _unpacked_blocks(data: bytes, said: tuple[int, ...], most: int) -> bytes:
    """Blocks of lz4, each behind its length; those as long as they were are not packed."""
    return b"".join(block for block, _ in _blocks(data, most, unpacked_lz4, keeps=True))


def _blocks(data: bytes, most: int, unpack: Callable[[bytes, int], bytes], keeps: bool, unit: int = 1) -> Any:
    """The blocks of lz4's filter and of bitshuffle, and where each ends: all lengths are big-endian."""
    left, size = int.from_bytes(data[:8], "big"), int.from_bytes(data[8:12], "big")
    if left > most or not size:
        raise Malformed("more comes out of a dataset than it says")
    at = 12
    while left >= unit:
        length = int.from_bytes(data[at : at + 4], "big")
        plain = min(size, left - left % unit)
        packed = data[at + 4 : at + 4 + length]
        if not length or len(packed) < length:
            raise Malformed("what is compressed in it ends too early")
        at += 4 + length
        left -= plain
        yield (packed if keeps and length == plain else unpack(packed, plain)), at


def _unpacked_lzf(data: bytes, said: tuple[int, ...], most: int) -> bytes:
    """LZF, as Marc Lehmann's LibLZF writes it: runs of up to 32 bytes, and copies of up to 264 from before."""
    out = bytearray()
    at = 0
    while at + 1 < len(data) and len(out) <= most:
        control = data[at]
        at += 1
        if control < 32:
            out += data[at : at + 1 + control]
            at += 1 + control
            continue
        length = control >> 5
        if length == 7:
            length += data[at]
            at += 1
        back = ((control & 31) << 8 | int.from_bytes(data[at : at + 1], "little")) + 1
        at += 1
        if back > len(out):
            raise Malformed("what is compressed in it is damaged")
        run = out[len(out) - back :][: length + 2]
        out += (run * ((length + 2) // len(run) + 1))[: length + 2]
    return bytes(out)


def _unpacked_bitshuffle(data: bytes, said: tuple[int, ...], most: int) -> bytes:
    """Bitshuffle's blocks of bits: https://github.com/kiyo-masui/bitshuffle, `src/bshuf_h5filter.c`."""
    element = max(1, said[2])
    packed_by = said[4] if len(said) > 4 else 0
    unit = 8 * element
    if not packed_by:
        size = (said[3] if len(said) > 3 else 0) * element or max(128 * element, _BLOCK // unit * unit)
        whole = len(data) - len(data) % unit
        parts = [unshuffled_bits(data[at : min(whole, at + size)], element) for at in range(0, whole, size)]
        return b"".join((*parts, data[whole:]))
    unpack = unpacked_lz4 if packed_by == 2 else lambda block, size: _unpacked_zstd(block, said, size)
    parts, at = [], 12
    for block, end in _blocks(data, most, unpack, keeps=False, unit=unit):
        parts.append(unshuffled_bits(block, element))
        at = end
    return b"".join((*parts, data[at:]))


def _unscaled(data: bytes, said: tuple[int, ...], most: int) -> bytes:
    """Whole numbers as differences from the least of them, each in as many bits as it needs."""
    element, is_big = said[4], len(said) > 6 and said[6] == 1
    width = int.from_bytes(data[:4], "little")
    least = int.from_bytes(data[5:13], "little", signed=True)
    body = data[_SCALE_HEAD:]
    if width >= 8 * element:
        return body[:most]
    return unpacked_bits(body, width, least, element, is_big, min(said[2], most // element))


_UNDOING: Mapping[int, Callable[[bytes, tuple[int, ...], int], bytes]] = {
    _DEFLATE: _inflated,
    _SCALE: _unscaled,
    _BZIP2: _unpacked_bzip2,
    _LZF: _unpacked_lzf,
    _BLOSC: lambda data, said, most: unpacked_blosc(data, most),
    _LZ4: _unpacked_blocks,
    _BITSHUFFLE: _unpacked_bitshuffle,
    _ZSTD: _unpacked_zstd,
}
