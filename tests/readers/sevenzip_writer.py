"""Writes 7z archives for tests: one folder, any chain of simple coders, the header as it is or packed."""

from __future__ import annotations

import lzma
import struct
import zlib
from collections.abc import Sequence
from typing import Any

COPY = ((b"\0", b""),)
LZMA2 = ((b"\x21", b"\x08"),)
AES = ((b"\x06\xf1\x07\x01", b"\0"),)
_FILTERS: list[dict[str, Any]] = [{"id": lzma.FILTER_LZMA2, "dict_size": 64 * 1024}]


def number(value: int) -> bytes:
    for more in range(8):
        if value < 1 << (7 * (more + 1)):
            mask = (0xFF00 >> more) & 0xFF
            return bytes([mask | (value >> (8 * more))]) + value.to_bytes(9, "little")[:more]
    return b"\xff" + value.to_bytes(8, "little")


def _streams(position: int, packed: int, coders: Sequence[tuple[bytes, bytes]], sizes: Sequence[int]) -> bytes:
    out = b"\x06" + number(position) + number(1) + b"\x09" + number(packed) + b"\0"
    out += b"\x07\x0b" + number(1) + b"\0" + number(len(coders))
    for method, properties in coders:
        out += bytes([len(method) | (0x20 if properties else 0)]) + method
        out += number(len(properties)) + properties if properties else b""
    out += b"".join(number(place) + number(place + 1) for place in range(len(coders) - 1))
    out += b"\x0c" + number(sum(sizes)) * len(coders) + b"\0"
    out += b"\x08\x0d" + number(len(sizes)) + b"\x09" + b"".join(map(number, sizes[:-1])) + b"\0"
    return out + b"\0"


def sevenzip(
    *members: tuple[str, bytes], coders: Sequence[tuple[bytes, bytes]] = LZMA2, packed_header: bool = False
) -> bytes:
    """An archive of these members; one without bytes has no stream."""
    full = [data for _, data in members if data]
    body = b"".join(full)
    packed = lzma.compress(body, lzma.FORMAT_RAW, filters=_FILTERS) if coders == LZMA2 else body
    names = b"".join(name.encode("utf-16-le") + b"\0\0" for name, _ in members)
    empty = int("".join("0" if data else "1" for _, data in members).ljust(-(-len(members) // 8) * 8, "0"), 2)
    bits = empty.to_bytes(-(-len(members) // 8), "big")
    header = b"\x01\x04" + _streams(0, len(packed), coders, [len(data) for data in full])
    header += b"\x05" + number(len(members)) + b"\x0e" + number(len(bits)) + bits
    header += b"\x11" + number(len(names) + 1) + b"\0" + names + b"\0\0"
    if packed_header:
        squeezed = lzma.compress(header, lzma.FORMAT_RAW, filters=_FILTERS)
        header, size = b"\x17" + _streams(len(packed), len(squeezed), LZMA2, [len(header)]), len(packed)
        packed += squeezed
        assert len(packed) > size
    place = struct.pack("<QQI", len(packed), len(header), zlib.crc32(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", zlib.crc32(place)) + place + packed + header
