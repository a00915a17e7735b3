"""Runs of encoded characters, also over several lines: the maximal one around an offset, within a bound.

A run goes on in the next line where lines are as long as lines that were wrapped are: all but the last one alike.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
HEX = b"0123456789abcdefABCDEF"

_BREAK = rb"(?:\\r)?(?:\\n)?[\"']?[ \t]*[,+\\]?[ \t]*\r?\n[ \t>#*]*[\"']?|(?:\\r)?\\n[ \t]*"
_NEXT = re.compile(_BREAK)
_BEFORE = re.compile(rb"(?:" + _BREAK + rb")\Z")
_ENDS = (b"\n", b"\r", b'"', b"'", b"\\")
"""How a break begins that ends a line."""

_LONGEST_BREAK = 64
_SHORTEST_LINE = 16
_STEP = 4096


class Run(NamedTuple):
    """The pieces of a run: from where to where in the text."""

    pieces: tuple[tuple[int, int], ...]

    def joined(self, text: bytes) -> bytes:
        """The encoded characters without what stands between lines."""
        return b"".join(text[start:end] for start, end in self.pieces)

    def steps(self) -> tuple[tuple[int, int], ...]:
        """Where each piece begins, among the encoded characters and in the text."""
        found, length = [], 0
        for start, end in self.pieces:
            found.append((length, start))
            length += end - start
        return tuple(found)


def run_around(text: bytes, at: int, alphabet: bytes, low: int, high: int) -> Run:
    """The run that holds the character before the offset `at`, no farther than from `low` to `high`.

    A `/` that JSON writes as `\\/` belongs to it.
    """
    piece = _piece(text, at, alphabet, low, high)
    before = [piece]
    while (earlier := _line_before(text, before[-1], alphabet, low, len(before) > 1)) is not None:
        before.append(earlier)
    after = [piece]
    while (later := _line_after(text, after[-1], alphabet, high, len(after) > 1 or len(before) > 1)) is not None:
        after.append(later)
        if len(after) > 2:
            after += _alike(text, after[-2], later, alphabet, high)
    return Run(tuple(_unescaped(text, (*reversed(before), *after[1:]))))


def _piece(text: bytes, at: int, alphabet: bytes, low: int, high: int) -> tuple[int, int]:
    return _backward(text, at, alphabet, low), _forward(text, at, alphabet, high)


def _backward(text: bytes, end: int, alphabet: bytes, low: int) -> int:
    at = end
    while at > low:
        begin = max(low, at - _STEP)
        kept = len(text[begin:at].rstrip(alphabet))
        at = begin + kept
        if kept:
            if alphabet is BASE64 and text[at - 1 : at + 1] == b"\\/":
                at -= 1
                continue
            break
    is_escape = at < end and text[at - 1 : at] == b"\\" and text[at : at + 1] in (b"n", b"r", b"t")
    return at + 1 if is_escape else at


def _forward(text: bytes, at: int, alphabet: bytes, high: int) -> int:
    while at < high:
        part = text[at : min(high, at + _STEP)]
        left = len(part.lstrip(alphabet))
        at += len(part) - left
        if left:
            if alphabet is BASE64 and text[at : at + 2] == b"\\/":
                at += 2
                continue
            break
    return at


def _line_before(
    text: bytes, line: tuple[int, int], alphabet: bytes, low: int, is_middle: bool
) -> tuple[int, int] | None:
    found = _BEFORE.search(text, max(low, line[0] - _LONGEST_BREAK), line[0])
    if found is None:
        return None
    end = found.start()
    start = _backward(text, end, alphabet, low)
    size, own = end - start, line[1] - line[0]
    begins_its_line = text[start - 1 : start] in (b"", b"\n", b" ", b"\t", b'"', b"'", b"n")
    if size < _SHORTEST_LINE or size < own or (is_middle and size != own) or not begins_its_line:
        return None
    return start, end


def _line_after(
    text: bytes, line: tuple[int, int], alphabet: bytes, high: int, is_middle: bool
) -> tuple[int, int] | None:
    own = line[1] - line[0]
    found = _NEXT.match(text, line[1], min(high, line[1] + _LONGEST_BREAK))
    if found is None or own < _SHORTEST_LINE:
        return None
    start = found.end()
    end = _forward(text, start, alphabet, high)
    ends_its_line = text[end : end + 1] in (b"", b"=", b"<", *_ENDS)
    if end == start or not ends_its_line or (is_middle and end - start > own):
        return None
    return start, end


def _alike(
    text: bytes, earlier: tuple[int, int], line: tuple[int, int], alphabet: bytes, high: int
) -> list[tuple[int, int]]:
    """Behind two lines of one length, those that are as long, begin alike and are not the last: pictures have many."""
    size, between = line[1] - line[0], text[earlier[1] : line[0]]
    if earlier[1] - earlier[0] != size or between[:1] not in _ENDS:
        return []
    regex = re.compile(b"(?=%s[%s]{%d}%s)" % (re.escape(between), re.escape(alphabet), size, re.escape(between)))
    found: list[tuple[int, int]] = []
    at = line[1]
    while regex.match(text, at, high) is not None:
        at += len(between) + size
        found.append((at - size, at))
    return found


def _unescaped(text: bytes, pieces: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """The pieces without the backslashes in them."""
    if text.find(b"\\/", pieces[0][0], pieces[-1][1]) < 0:
        return list(pieces)
    found: list[tuple[int, int]] = []
    for start, end in pieces:
        while (slash := text.find(b"\\/", start, end)) >= 0:
            found.append((start, slash))
            start = slash + 1
        found.append((start, end))
    return found
