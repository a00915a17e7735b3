"""Flatbuffers by hand: tables whose fields are eight bytes wide, each value behind what leads to it."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Mapping, Sequence
from typing import Any

Fields = Mapping[int, Any]


def flatbuffer(root: Fields, head: bytes = b"TFL3") -> bytes:
    """Tables (field → value), lists of them, texts and bytes, arrays, numbers; offsets point forwards.

    `head` is what stands behind the place of the root.
    """
    out = bytearray(b"\0\0\0\0" + head)
    known: dict[int, int] = {}

    def put(value: Any) -> int:
        out.extend(b"\0" * (-len(out) % 8))
        if isinstance(value, (str, bytes)):
            data = value.encode() if isinstance(value, str) else value
            at = len(out)
            out.extend(struct.pack("<I", len(data)) + data + b"\0")
            return at
        if isinstance(value, array):
            at = len(out) + 4  # so that the items stand at a multiple of eight
            out.extend(b"\0\0\0\0" + struct.pack("<I", len(value)) + value.tobytes())
            return at
        if isinstance(value, Sequence):
            at = len(out)
            out.extend(struct.pack("<I", len(value)) + b"\0\0\0\0" * len(value))
            for number, each in enumerate(value):
                link(at + 4 + 4 * number, put(each))
            return at
        if id(value) not in known:
            known[id(value)] = table(value)
        return known[id(value)]

    def link(at: int, target: int) -> None:
        out[at : at + 4] = struct.pack("<I", target - at)

    def table(fields: Fields) -> int:
        last = max(fields, default=-1) + 1
        start = len(out)
        out.extend(struct.pack("<HH", 4 + 2 * last, 4 + 8 * last) + b"\0\0" * last)
        out.extend(b"\0" * (-len(out) % 4))
        at = len(out)
        out.extend(struct.pack("<i", at - start) + b"\0" * 8 * last)
        for field, value in fields.items():
            out[start + 4 + 2 * field : start + 6 + 2 * field] = struct.pack("<H", 4 + 8 * field)
            place = at + 4 + 8 * field
            if isinstance(value, int):
                out[place : place + 8] = struct.pack("<Q", value)
            else:
                link(place, put(value))
        return at

    out[0:4] = struct.pack("<I", put(root))
    return bytes(out)
