"""Text beside a label, as pictures, documents and sound carry it: `Comment: …`, with the name of its place."""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import NEWLINE, Limits, Malformed, Member, Piece, Text
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


def inflated(data: bytes, limits: Limits, most: int) -> bytes:
    """What zlib made smaller (RFC 1950), up to `most` bytes, and whatever follows it as it stands.

    Raises:
        Malformed: it is damaged, ends too early, or holds more.
        OverBudget: too much comes out.
    """
    import zlib

    inflating = zlib.decompressobj()
    parts: list[bytes] = []
    try:
        while not inflating.eof:
            part = inflating.decompress(data, _STEP)
            if not part and not inflating.unconsumed_tail and not inflating.eof:
                raise Malformed("what is compressed in it ends too early")
            limits.spend(len(part))
            most -= len(part)
            if most < 0:
                raise Malformed("more is compressed in it than is looked at")
            parts.append(part)
            data = inflating.unconsumed_tail
    except zlib.error:
        raise Malformed("what is compressed in it is damaged") from None
    return b"".join(parts) + inflating.unused_data
