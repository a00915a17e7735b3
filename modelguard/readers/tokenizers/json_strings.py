"""The strings of a part of a JSON text that holds little else, such as a vocabulary, faster than a parser gives them.

Such a part is cut at its quotes: what stands between two strings may be numbers, commas, colons, brackets and blanks.
Where anything else is there, or the part ends, it is over; so it does not matter whether the text is JSON at all
(RFC 8259). Whatever is over is for others to look at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.tokenizers.tokens import Tokens

_STEP = 1 << 20
_QUOTE = b'"'
_ESCAPED = ((b"\\\\", b"\0\1"), (b'\\"', b"\0\2"))
"""Escapes that get in the way of cutting, and what of the same length stands for them; no JSON text holds a NUL."""

_BLANKS = b" \t\r\n"
_DIGITS = b"0123456789"
_ALIKE = bytes.maketrans(_DIGITS, b"0" * 10)
_LONG = b"0" * 8
"""An id has up to seven digits. Longer numbers may say something, and are left to others."""


_FEW = 256


class Shape(NamedTuple):
    """What may stand between the strings: `usual` are its bytes, `over` is where it ends, with `"` for each string.

    `sudden` is what ends it though all of its bytes are usual, without blanks. Strings are given so that the next one
    stands behind an `opening`.
    """

    usual: bytes
    over: re.Pattern[bytes]
    sudden: tuple[bytes, ...] = ()
    opening: bytes = b""


_NUMBERS = _DIGITS + b"+-.eE"

NUMBERED = Shape(
    _NUMBERS + b":," + _BLANKS,
    re.compile(rb'[^0-9+.eE:, \t\r\n"-]|[^.0-9]\d{8}|"[ \t\r\n]*:[ \t\r\n]*"'),
    sudden=(b'":"',),
)
"""The members of an object, all of them numbers: `"a": 0, "b": 1`."""

LISTED = Shape(b"," + _BLANKS, re.compile(rb'[^, \t\r\n"]'))
"""The members of an array of strings: `"a b", "c d"`."""

GROUPED = Shape(
    _NUMBERS + b",[]" + _BLANKS,
    re.compile(rb'\][ \t\r\n]*\]|\[[ \t\r\n]*\[|[^0-9+.eE,\[\] \t\r\n"-]|[^.0-9]\d{8}'),
    sudden=(b"]]", b"[["),
    opening=b"[",
)
"""The members of an array of arrays: `["a", -1.5], ["b", -2.5]`, or `["a", "b"], ["c", "d"]`."""

RECORDS = Shape(_DIGITS + b"null:,{}" + _BLANKS, re.compile(rb'[^0-9nul:,{} \t\r\n"]|\d{8}'), opening=b"{")
"""The members of an array of objects: `{"rank": 0, "token_bytes": "AA==", "token_str": null}`."""


class Strings:
    """Some of the strings, as they read. They were made of the bytes of the blob from `start` to `end`.

    `cut` are the bytes between quotes: first what stands before the first string, then that string, and so on.
    """

    def __init__(self, tokens: Tokens, start: int, cut: Sequence[bytes]) -> None:
        self.tokens = tokens
        self.count = len(cut) // 2
        self.start = start
        self.end = start + len(_QUOTE.join(cut))
        self._cut = cut

    def span(self, number: int) -> tuple[int, int]:
        """The bytes of the blob that a string is, without its quotes."""
        start = self._starts[2 * number + 1]
        return start, start + len(self._cut[2 * number + 1])

    def after(self, number: int) -> bytes:
        """What stands behind a string, up to the next one."""
        return self._cut[2 * number + 2]

    @property
    def objects(self) -> int:
        """How many objects they are in, where they are in some."""
        return b"".join(self._cut[2:-1:2]).count(b"{") + 1

    @property
    def keys(self) -> set[str]:
        """The names of members of objects."""
        between = self._cut[2::2]
        return {text for text, behind in zip(self.tokens.all, between, strict=True) if b":" in behind}

    @cached_property
    def records(self) -> list[int]:
        """Which object each string is in, counted from 0, where the first one is in the first object."""
        return list(accumulate((each.count(b"{") for each in self._cut[2:-1:2]), initial=0))

    def in_pairs(self) -> bool:
        """Whether each two strings are an array of their own."""
        between = _QUOTE.join(self._cut[2:-1:2]).translate(None, _BLANKS)
        return between == (b',"],["' * self.count)[: len(between)]

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate((len(each) + 1 for each in self._cut), initial=self.start))


def strings(blob: Blob, start: int, shape: Shape) -> Iterator[Strings]:
    """The strings from `start` on, a MiB at a time, as long as it goes on as `shape` says."""
    at, over = start, False
    while not over:
        block = blob.read(at, at + _STEP)
        found, over = _some(block, at, shape, len(block) < _STEP)
        if found is None:
            return
        yield found
        at = found.end


def _some(block: bytes, at: int, shape: Shape, is_last: bool) -> tuple[Strings | None, bool]:
    """The strings of a block, up to the last one of which the end is known; and whether there are no more."""
    over = is_last
    if b"\0" in block:
        block, over = block[: block.index(b"\0")], True
    for escape, standing_in in _ESCAPED if b"\\" in block else ():
        block = block.replace(escape, standing_in)
    cut = block.split(_QUOTE)
    if len(cut) % 2 == 0:  # it ends within a string
        cut.pop()
    elif not over:
        del cut[-2:]
    while not over and cut and shape.opening not in cut[-1]:
        del cut[-2:]
    end = _end(cut[::2], shape)
    if end is not None:
        number, kept = end
        cut, over = [*cut[: 2 * number], cut[2 * number][:kept]], True
    tokens = _read(cut[1::2])
    return (None, True) if tokens is None else (Strings(tokens, at, cut), over)


def _end(between: Sequence[bytes], shape: Shape) -> tuple[int, int] | None:
    """Where it is over: the number of what stands between, and how much of that still belongs to it."""
    low, high = 0, len(between)
    while high - low > _FEW:  # as a rule nothing is over, and searching takes ten times as long as this
        middle = (low + high) // 2
        half = _QUOTE.join(between[low:middle])
        if _is_usual(half, shape):
            low = middle
        else:
            high = middle
    text = _QUOTE.join(between[low:])
    found = shape.over.search(text)
    if found is None:
        return None
    number = text.count(_QUOTE, 0, found.start())
    return low + number, found.start() - (text.rfind(_QUOTE, 0, found.start()) + 1)


def _is_usual(text: bytes, shape: Shape) -> bool:
    """Whether it is certain that nothing in a text is over."""
    if text.translate(None, shape.usual + _QUOTE):
        return False
    alike = text.translate(_ALIKE)
    for _ in range(3) if b"." in alike else ():  # fractions may be long
        alike = alike.replace(b"." + _LONG, b".")
    if _LONG in alike:
        return False
    tight = text.translate(None, _BLANKS) if shape.sudden else b""
    return not any(sudden in tight for sudden in shape.sudden)


def _read(written: Sequence[bytes]) -> Tokens | None:
    """Strings without their escapes; None where one of them is no string of JSON, or there are none."""
    if not written:
        return None
    text = b"\n".join(written)
    if b"\\" not in text and text.count(b"\n") == len(written) - 1:
        for (_, standing_in), character in zip(_ESCAPED, b'\\"', strict=True):
            text = text.replace(standing_in, bytes([character]))
        return Tokens(text.decode("utf-8", "surrogateescape"))
    text = b'","'.join(written)
    for escape, standing_in in _ESCAPED:
        text = text.replace(standing_in, escape)
    try:
        return Tokens.of(json.loads(f'["{text.decode("utf-8", "surrogateescape")}"]', strict=False))
    except ValueError:
        return None
