"""Pictures and documents that stand in a notebook in base64: which bytes are one, and where it ends."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import NamedTuple

from modelguard.readers.decode.base64 import decode
from modelguard.readers.documents.ends import end_of

_PNG = b"iVBORw0KGgo"
_OTHERS = (b"/9j", b"R0lGOD", b"UklGR", b"JVBERi0")
"""JPEG, GIF, WebP and PDF."""

LETTERS = (string.ascii_letters + string.digits + "+/").encode()
_RUN = re.compile(rb"[A-Za-z0-9+/\\]*")
_NO_ESCAPE = re.compile(rb"\\(?![nr/])")
_END = re.compile(rb"=*(?:\\n)?")
_LINES = re.compile(rb'(?:[A-Za-z0-9+/]+=*\\n"\s{0,64},\s{0,64}"){1,200000}[A-Za-z0-9+/]*=*(?:\\n)?')
_BETWEEN = re.compile(rb'"\s*,\s*"')
"""What stands between the lines of one that is a list of strings."""

_KEY = re.compile(rb'"\s{0,64}:|[.-]')
"""What follows a picture in one string that ends with a line, as matplotlib leaves it, is the next key and no line."""

_SHORTEST = 48


class Encoded(NamedTuple):
    """The bytes that a part of a text stands for; `told` is where the base64 ends of which nothing is left to see."""

    data: bytes
    start: int
    end: int
    told: int

    def moved(self, start: int) -> Encoded:
        """The same at another place."""
        by = start - self.start
        return Encoded(self.data, start, self.end + by, self.told + by)


def pictures(text: bytes) -> Iterator[Encoded]:
    """All pictures and documents in a text, in no order: strings, and the data of `data:` URIs."""
    at = 0
    for each in _beginning(text, _PNG, 0, len(text)):  # PNG first: where these are, nothing else is looked for
        yield each
        yield from _others(text, at, each.start)
        at = each.end
    yield from _others(text, at, len(text))


def _others(text: bytes, start: int, end: int) -> Iterator[Encoded]:
    for first in _OTHERS:
        yield from _beginning(text, first, start, end)


def _beginning(text: bytes, first: bytes, start: int, end: int) -> Iterator[Encoded]:
    at = text.find(first, start, end)
    while at >= 0:
        encoded = None
        if text[at - 1 : at] == b"\\":
            at -= 1
        if text[at - 1 : at] == b'"' or text[max(0, at - 7) : at] == b"base64,":
            encoded = _picture(text, at)
        if encoded is not None:
            yield encoded
        at = text.find(first, at + 1 + len(first) if encoded is None else encoded.end, end)


def _picture(text: bytes, start: int) -> Encoded | None:
    """What begins there; None where it is no picture after all. Of one that is cut short, the base64 may hold more."""
    written = _run(text, start)
    if len(written) < _SHORTEST:
        return None
    last = start + len(written)
    data = decoded(written)
    end = end_of(data)
    if end is None:
        return Encoded(data, start, last, start)
    if len(data) - end < 3:
        return Encoded(data, start, last, last)
    if b"\\" in written:  # a place in it is not worth a count
        return Encoded(data, start, last, start)
    return Encoded(data, start, last, start + end // 3 * 4)


def _run(text: bytes, start: int) -> bytes:
    """The base64 that begins there: in most notebooks that is all of the string."""
    if text[start - 1 : start] != b'"':
        return _letters(text, start)
    lines = _LINES.match(text, start)
    if lines is not None and not _KEY.match(text, lines.end()):
        return lines[0]
    quote = text.find(b'"', start)
    written = text[start : quote if quote >= 0 else len(text)]
    if written.removesuffix(rb"\n").rstrip(b"=").translate(None, LETTERS):
        return _letters(text, start)
    return written


def _letters(text: bytes, start: int) -> bytes:
    """Letters, with ends of lines and slashes as JSON may have them, and what pads them."""
    run = _RUN.match(text, start)
    if run is None:
        return b""
    other = _NO_ESCAPE.search(run[0])
    last = run.end() if other is None else start + other.start()
    end = _END.match(text, last)
    return text[start : last if end is None else end.end()]


def decoded(written: bytes) -> bytes:
    """The bytes that base64 in a JSON string stands for."""
    if b'"' in written:
        written = _BETWEEN.sub(b"", written)
    if b"\\" in written:
        written = written.replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\/", b"/")
    return decode(written.rstrip(b"="))
