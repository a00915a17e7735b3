"""Deltas as git writes them (gitformat-pack(5)), made from a list of copies and inserts."""

from __future__ import annotations

from collections.abc import Sequence

Step = tuple[int, int] | bytes
"""A copy, as start and length in the base, or the bytes to insert."""


def delta_of(base: bytes, steps: Sequence[Step]) -> tuple[bytes, bytes]:
    """The delta, and what it makes of `base`."""
    result = b"".join(step if isinstance(step, bytes) else base[step[0] : sum(step)] for step in steps)
    body = b"".join(_inserts(step) if isinstance(step, bytes) else _copies(*step) for step in steps)
    return _number(len(base)) + _number(len(result)) + body, result


def _inserts(data: bytes) -> bytes:
    return b"".join(bytes([len(data[at : at + 127])]) + data[at : at + 127] for at in range(0, len(data), 127))


def _copies(start: int, length: int) -> bytes:
    return b"".join(_copy(at, min(0x10000, start + length - at)) for at in range(start, start + length, 0x10000))


def _copy(start: int, length: int) -> bytes:
    told = start.to_bytes(4, "little") + (length & 0xFFFF).to_bytes(3, "little")
    code = 0x80 | sum(1 << bit for bit, byte in enumerate(told) if byte)
    return bytes([code]) + bytes(byte for byte in told if byte)


def _number(value: int) -> bytes:
    told = bytearray()
    while value > 0x7F:
        told.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(told) + bytes([value])
