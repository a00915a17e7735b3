"""Filters of PDF streams besides deflate: LZW, runs, letters and digits for bytes; and what predictors made of rows.

Format: ISO 32000-2:2020, section 7.4; of rows, https://www.w3.org/TR/png-3/#9Filters and section 14 of TIFF 6.0.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Mapping
from typing import Any

from modelguard.readers.documents.labelled import Inflated
from modelguard.readers.documents.pdf_syntax import from_hex
from modelguard.readers.interface import Limits

_CLEAR, _END, _WIDEST = 256, 257, 12
_STEP = 64 * 1024
_LONGEST_ROW = 1 << 20


def unpacked_lzw(data: bytes, early: int, limits: Limits, most: int) -> Inflated:
    """LZW: codes of 9 to 12 bits; `early` is by how many codes too soon they become wider (7.4.4)."""
    begin = [bytes([byte]) for byte in range(256)] + [b"", b""]
    table, before = begin[:], b""
    width, held, bits, size, since = 9, 0, 0, 0, 0
    out: list[bytes] = []
    for byte in data:
        held, bits = held << 8 | byte, bits + 8
        if bits < width:
            continue
        bits -= width
        code, held = held >> bits, held & ((1 << bits) - 1)
        if code == _CLEAR:
            table, width, before = begin[:], 9, b""
            continue
        if code == _END:
            limits.spend(since)
            return Inflated(b"".join(out), True)
        if code < len(table):
            part = table[code]
        elif before and code == len(table):
            part = before + before[:1]
        else:
            break
        if before and len(table) < 1 << _WIDEST:
            table.append(before + part[:1])
            width = min(_WIDEST, max(9, (len(table) + early).bit_length()))
        out.append(part)
        before = part
        size, since = size + len(part), since + len(part)
        if since > _STEP:
            limits.spend(since)
            since = 0
            if size > most:
                break
    limits.spend(since)
    return Inflated(b"".join(out), False)


def unpacked_runs(data: bytes, limits: Limits, most: int) -> Inflated:
    """Runs of bytes: a length and so many of them, or one to be repeated (7.4.5)."""
    out = bytearray()
    at = 0
    while at < len(data) and len(out) <= most:
        length = data[at]
        if length == 128:
            limits.spend(len(out))
            return Inflated(bytes(out), True)
        if length < 128:
            out += data[at + 1 : at + 2 + length]
            at += 2 + length
        else:
            out += data[at + 1 : at + 2] * (257 - length)
            at += 2
    limits.spend(len(out))
    return Inflated(bytes(out), False)


def from_digits(data: bytes) -> Inflated:
    """Two digits a byte (7.4.2)."""
    digits, _, rest = data.partition(b">")
    return Inflated(from_hex(digits), not rest.strip())


def from_letters(data: bytes) -> Inflated:
    """Five letters for four bytes (7.4.3)."""
    digits, _, rest = data.partition(b"~>")
    try:
        return Inflated(
            base64.a85decode(digits.strip().removeprefix(b"<~"), ignorechars=b" \t\n\r\v\f\0"), not rest.strip()
        )
    except (ValueError, struct.error):
        return Inflated(b"", False)


def unpredicted(data: bytes, parameters: Mapping[Any, Any], check_time: Callable[[], None]) -> bytes:
    """Rows of bytes that were written as differences from their neighbours (7.4.4.4)."""
    predictor, columns, colors, depth = (
        value if isinstance(value := parameters.get(name, usual), int) else usual
        for name, usual in (("Predictor", 1), ("Columns", 1), ("Colors", 1), ("BitsPerComponent", 8))
    )
    width = (max(0, columns) * max(0, colors) * max(0, depth) + 7) // 8
    if predictor < 2 or not 0 < width <= _LONGEST_ROW:
        return data
    step = max(1, colors * depth // 8)
    if predictor == 2:
        rows = [_added(data[at : at + width], step) for at in range(0, len(data), width)] if depth == 8 else [data]
        return b"".join(rows)
    made: list[bytes] = []
    before = bytes(width)
    for number, at in enumerate(range(0, len(data), width + 1)):
        if number % 1000 == 0:
            check_time()
        before = _row(data[at], data[at + 1 : at + 1 + width], before, step)
        made.append(before)
        before = before.ljust(width, b"\0")
    return b"".join(made)


def _row(kind: int, row: bytes, before: bytes, step: int) -> bytes:
    if kind == 1:
        return _added(row, step)
    if kind == 2:
        return bytes([(one + other) & 0xFF for one, other in zip(row, before, strict=False)])
    if kind not in (3, 4):
        return row
    out = bytearray(row)
    for at in range(len(row)):
        left = out[at - step] if at >= step else 0
        corner = before[at - step] if at >= step else 0
        guess = (left + before[at]) // 2 if kind == 3 else _nearest(left, before[at], corner)
        out[at] = (row[at] + guess) & 0xFF
    return bytes(out)


def _nearest(left: int, above: int, corner: int) -> int:
    """Paeth's guess."""
    guess = left + above - corner
    return min((left, above, corner), key=lambda each: abs(guess - each))


def _added(row: bytes, step: int) -> bytes:
    out = bytearray(row)
    for at in range(step, len(out)):
        out[at] = (out[at] + out[at - step]) & 0xFF
    return bytes(out)
