"""Archives that hold nothing but themselves: zip and gzip, by the idea of Russ Cox's "Zip Files All The Way Down" (2010).

Deflate (RFC 1951) has two orders: write the bytes that follow, and write the last so many bytes again. `P` is what
stands before the orders in the file, `S` what stands behind them; the orders write P, themselves and S. An order takes
five bytes, so that it can be written like any others. The checksum of the file stands in the file: it is affine in the
bits of the one that is written there, so the one that is right comes from 32 equations.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence

_UNIT = 5
_NAME = b"zip-archive-of-itself-only.zip"
"""With one of thirty bytes, the order to write the first header again fits."""

_LENGTHS = [*((3 + at, 257 + at, 0) for at in range(8)), (11, 265, 1), (59, 276, 3), (99, 279, 4)]
_DISTANCES = [(9, 6, 2), (17, 8, 3), (65, 12, 5), (97, 13, 5)]
"""Codes as far as they are needed: the first value of each, the code, and how many bits follow (section 3.2.5)."""


def gzip_quine() -> bytes:
    """A gzip file that unpacks to itself."""
    before = b"\x1f\x8b\x08\x08" + bytes(6) + b"self\0"
    return _right(lambda checksum, size: _file(before, struct.pack("<II", checksum, size)))


def zip_quine() -> bytes:
    """A zip archive whose only member is the archive."""

    def made(checksum: int, size: int) -> bytes:
        size = size or 1000  # at first it is not known
        packed = size - 30 - 46 - 22 - 2 * len(_NAME)
        about = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, checksum, packed, size, len(_NAME), 0)
        local = b"PK\3\4" + about + _NAME
        entry = b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + _NAME
        end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), size - 22 - len(entry), 0)
        return _file(local, entry + end)

    return _right(made)


def _file(before: bytes, behind: bytes) -> bytes:
    """`before`, orders that write the whole file, and `behind`."""
    first = len(before) + _UNIT
    last = _again(len(behind) + 4, is_last=True)
    end = last + behind
    four = [_again(4 * _UNIT), _write(4 * _UNIT)]
    orders = [
        _write(first), before, _write(first),
        _again(first),
        _write(_UNIT), _again(first),
        _write(_UNIT), _write(_UNIT),
        _write(4 * _UNIT), _again(first), _write(_UNIT), _write(_UNIT), _write(4 * _UNIT),
        _again(4 * _UNIT),
        _write(4 * _UNIT), *four, *four,
        _again(4 * _UNIT),
        _write(4 * _UNIT), _again(4 * _UNIT), _write(0), _write(0), _write(len(end)),
        _again(4 * _UNIT), _write(0), _write(0),
        _write(len(end)), end,
    ]  # fmt: skip
    return b"".join([before, *orders, last, behind])


def _write(count: int) -> bytes:
    """The order to write the `count` bytes that follow: the head of a stored block (section 3.2.4)."""
    return struct.pack("<BHH", 0, count, count ^ 0xFFFF)


def _again(count: int, is_last: bool = False) -> bytes:
    """The order to write the last `count` bytes once more: five bytes, filled with empty blocks; the last one is four."""
    lengths = [count] if count != 4 * _UNIT else [count // 2] * 2
    bits = _bits(is_last, 1) + _bits(1, 2) + "".join(_match(length, count) for length in lengths) + "0" * 7
    while len(bits) < 8 * _UNIT and not is_last:
        bits += _bits(0, 1) + _bits(1, 2) + "0" * 7
    bits += "0" * (-len(bits) % 8)
    assert len(bits) == 8 * (_UNIT - is_last)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def _match(length: int, distance: int) -> str:
    low, code, more = max(each for each in _LENGTHS if each[0] <= length)
    far, distance_code, beyond = max(each for each in _DISTANCES if each[0] <= distance)
    return f"{code - 256:07b}{_bits(length - low, more)}{distance_code:05b}{_bits(distance - far, beyond)}"


def _bits(value: int, count: int) -> str:
    """A number, its lowest bit first (section 3.1.1)."""
    return f"{value:0{count}b}"[::-1] if count else ""


def _right(made: Callable[[int, int], bytes]) -> bytes:
    """The file with the checksum that it has."""
    size = len(made(0, 0))
    base = zlib.crc32(made(0, size))
    rows = [zlib.crc32(made(1 << bit, size)) ^ base ^ (1 << bit) for bit in range(32)]
    return made(_solved(rows, base), size)


def _solved(columns: Sequence[int], wanted: int) -> int:
    """Which of these columns are `wanted` when they are added, each bit by itself."""
    pivots: dict[int, tuple[int, int]] = {}
    for number, column in enumerate(columns):
        rest, used = _reduced(column, 1 << number, pivots)
        if rest:
            pivots[rest.bit_length()] = rest, used
    rest, used = _reduced(wanted, 0, pivots)
    assert not rest, "this one has no such checksum: another name has"
    return used


def _reduced(value: int, used: int, pivots: dict[int, tuple[int, int]]) -> tuple[int, int]:
    for length in range(32, 0, -1):
        if value.bit_length() == length and length in pivots:
            value, used = value ^ pivots[length][0], used ^ pivots[length][1]
    return value, used
