"""Pictures and documents that stand in a notebook in base64: which bytes are one, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from modelguard.readers.decode.base64 import decode
from modelguard.readers.documents.ends import end_of

_BEGINNINGS = (b"iVBORw0KGgo", b"/9j/", rb"\/9j\/", b"R0lGODlh", b"R0lGODdh", b"UklGR", b"JVBERi0")
"""PNG, JPEG (twice), GIF (twice), WebP and PDF."""

_RUN = re.compile(rb"(?:[A-Za-z0-9+/]+|\\[nr/])*=*")
_SHORTEST = 48


class Encoded(NamedTuple):
    """The bytes that a part of a text stands for; `told` is where the base64 ends of which nothing is left to see."""

    data: bytes
    start: int
    end: int
    told: int


def beginnings(text: bytes) -> Iterator[int]:
    """The offsets at which a picture or document may begin: a string does, or the data of a `data:` URI."""
    for first in _BEGINNINGS:
        at = text.find(first)
        while at >= 0:
            if text[at - 1 : at] == b'"' or text[max(0, at - 7) : at] == b"base64,":
                yield at
            at = text.find(first, at + len(first))


def picture(text: bytes, start: int) -> Encoded | None:
    """What begins there; None where it is no picture after all. Of one that is cut short, the base64 may hold more."""
    run = _RUN.match(text, start)
    if run is None or run.end() - start < _SHORTEST:
        return None
    data = decoded(run[0])
    end = end_of(data)
    if end is None:
        return Encoded(data, start, run.end(), start)
    if len(data) - end < 3:
        return Encoded(data, start, run.end(), run.end())
    if b"\\" in run[0]:  # a place in it is not worth a count
        return Encoded(data, start, run.end(), start)
    return Encoded(data, start, run.end(), start + end // 3 * 4)


def decoded(written: bytes) -> bytes:
    """The bytes that base64 in a JSON string stands for."""
    if b"\\" in written:
        written = written.replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\/", b"/")
    return decode(written.rstrip(b"="))
