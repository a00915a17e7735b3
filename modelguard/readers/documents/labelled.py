"""Text beside a label, as pictures, documents and sound carry it: `Comment: …`, with the name of its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import NEWLINE, Limits, Member, Piece, Text
from modelguard.readers.members import Held

_LONGEST = 1 << 20
_STEP = 1 << 16


def labelled(
    blob: Blob, label: str, value: bytes, name: str, span: tuple[int, int], again: bool = False
) -> Iterator[Piece]:
    """A text as `label: value`, made of the bytes `span` of the blob; a text of several lines has their numbers.

    What is very long is a member. The bytes are not covered: the caller knows whether they show anything else.
    """
    if len(value) > _LONGEST:
        yield Member(Held(blob, name, value, *span))
        return
    if not value:
        return
    text = label.encode("utf-8", "replace") + b": " + value
    lines = NEWLINE in value

    def place(offset: int) -> str:
        return f"{name}:{text.count(NEWLINE, 0, offset) + 1}" if lines else name

    yield Text(text, place, lambda first, last: span, again=again)


class Inflated(NamedTuple):
    """What came out, with whatever follows the compressed data, and whether it is all."""

    data: bytes
    is_whole: bool


def inflated(data: bytes, limits: Limits, most: int) -> Inflated:
    """What zlib made smaller (RFC 1950), up to `most` bytes.

    Raises:
        OverBudget: too much comes out in all.
    """
    import zlib

    inflating = zlib.decompressobj()
    parts: list[bytes] = []
    try:
        while not inflating.eof and most > 0:
            part = inflating.decompress(data, min(_STEP, most))
            data = inflating.unconsumed_tail
            if not part and not data:
                break
            limits.spend(len(part))
            most -= len(part)
            parts.append(part)
    except zlib.error:
        pass
    behind = inflating.unused_data.strip(b"\0\r\n ")
    return Inflated(b"".join([*parts, NEWLINE, behind] if behind else parts), inflating.eof)
