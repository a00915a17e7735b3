"""Writes messages of protocol buffers for tests, by hand: https://protobuf.dev/programming-guides/encoding/."""

from __future__ import annotations

import struct


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def text(number: int, value: str | bytes) -> bytes:
    """A field that has a length: a string, bytes, or a message."""
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def whole(number: int, value: int) -> bytes:
    """A whole number."""
    return varint(number << 3) + varint(value)


def single(number: int, value: float) -> bytes:
    """A number of four bytes."""
    return varint(number << 3 | 5) + struct.pack("<f", value)


def double(number: int, value: float) -> bytes:
    """A number of eight bytes."""
    return varint(number << 3 | 1) + struct.pack("<d", value)


def pair(number: int, key: str, value: str | bytes) -> bytes:
    """An entry of a map of texts."""
    return text(number, text(1, key) + text(2, value))
