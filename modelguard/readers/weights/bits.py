"""Bytes and bits of numbers put back in order, which stand there by their places: all first ones, all second ones."""

from __future__ import annotations

_AT_ONCE = 64 * 1024
"""Numbers whose bits are held at once, each as a byte."""


def unshuffled(data: bytes, element: int) -> bytes:
    """Numbers of so many bytes; what is no whole one at the end stands as it is."""
    count = len(data) // max(1, element)
    if element < 2 or count < 2:
        return data
    out = bytearray(data)
    for place in range(element):
        out[place : count * element : element] = data[place * count : (place + 1) * count]
    return bytes(out)


def unshuffled_bits(data: bytes, element: int) -> bytes:
    """Numbers of so many bytes, as bitshuffle has them; what is no group of eight at the end stands as it is."""
    import numpy as np

    groups = len(data) // (8 * element)
    if not groups:
        return data
    rows = np.frombuffer(data, np.uint8, groups * 8 * element).reshape(8 * element, groups)
    step = max(1, _AT_ONCE // (8 * element))
    parts = []
    for at in range(0, groups, step):
        bits = np.unpackbits(rows[:, at : at + step], axis=1, bitorder="little")
        parts.append(np.packbits(bits.T, axis=1, bitorder="little").tobytes())
    return b"".join((*parts, data[groups * 8 * element :]))


def unpacked_bits(data: bytes, width: int, least: int, element: int, is_big: bool, count: int) -> bytes:
    """So many numbers of `element` bytes, each written in `width` bits as what it is more than the least."""
    import numpy as np

    kind = np.dtype(f"{'>' if is_big else '<'}u{1 << (element - 1).bit_length()}")
    base = np.uint64(least & 0xFFFFFFFFFFFFFFFF)
    powers = np.uint64(1) << np.arange(width - 1, -1, -1, dtype=np.uint64)
    parts = []
    for first in range(0, count, _AT_ONCE // 8):
        some = min(_AT_ONCE // 8, count - first)
        packed = np.frombuffer(data[first * width // 8 :][: (some * width + 7) // 8], np.uint8)
        bits = np.unpackbits(packed)[: some * width]
        bits = bits[: len(bits) // max(1, width) * width].reshape(-1 if width else some, width)
        numbers = (bits * powers).sum(axis=1, dtype=np.uint64) + base
        parts.append(numbers.astype(kind).tobytes())
    return b"".join(parts)
