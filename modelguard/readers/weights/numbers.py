"""Text that is hidden in arrays of whole numbers: one code point a number."""

from __future__ import annotations

from modelguard.readers.interface import Limits, Names, Text

MOST_LOOKED_AT = 16 * 1024 * 1024
"""Bytes of one array of whole numbers that are looked at for text without `--weights`; larger ones are weights."""

_PRINTED = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_SHORTEST = 8


def text_in(data: bytes, width: int, name: Names, start: int, limits: Limits) -> Text | None:
    """The text in an array of numbers of so many bytes, little-endian, which stands at `start`; None where is none.

    `name` is asked for the i-th number. The array should be looked at as it stands, too: not each of its bytes needs
    to be part of such text.
    """
    if not is_text_like(data, width):
        return None
    limits.spend(len(data) // width)
    return Text(
        code_points(data, width),
        name,
        lambda first, last: (start + first * width, start + last * width),
        again=True,
    )


def is_text_like(data: bytes, width: int) -> bool:
    """Whether numbers of so many bytes (little-endian) hold a run of printable ASCII that is worth a look."""
    run = b"t" + b"0" * (width - 1)
    kinds = data.translate(_KINDS)
    at = kinds.find(run * _SHORTEST)
    while at >= 0 and at % width:
        at = kinds.find(run * _SHORTEST, at + 1)
    return at >= 0


def is_text_alone(data: bytes, width: int) -> bool:
    """Whether no number needs more than a byte: then there is no text in the bytes as they stand."""
    return not any(data[place::width].strip(b"\0") for place in range(1, width))


def code_points(data: bytes, width: int) -> bytes:
    """Each number as one byte: itself where it is printable ASCII, else a line feed."""
    low = data[::width].translate(_SHOWN)
    for place in range(1, width):
        others = data[place::width]
        if others.strip(b"\0"):
            low = bytes(byte if not other else 0x0A for byte, other in zip(low, others, strict=False))
    return low


def swapped(data: bytes, width: int) -> bytes:
    """Numbers of so many bytes in the other byte order; what is left over at the end is cut off."""
    out = bytearray(len(data) - len(data) % width)
    for place in range(width):
        out[place::width] = data[width - 1 - place : len(out) : width]
    return bytes(out)


_KINDS = bytes(ord("t") if byte in _PRINTED else ord("0") if byte == 0 else ord("x") for byte in range(256))
_SHOWN = bytes(byte if byte in _PRINTED else 0x0A for byte in range(256))
