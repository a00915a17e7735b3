"""A text as the lines that a plugin sees: whole where they are short, without what is binary."""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_LINE = 8192
"""Bytes of a line that a plugin gets at once. Some of the library's patterns take time that grows with the square of
the line's length, so a longer line is handed out in pieces."""

SHARED = 2048
"""Bytes that two neighbouring pieces of a long line share: a value up to this long is whole in one of them."""

_SHORTEST_RUN = 6
_RUNS = re.compile(rb"[\t\x20-\x7e]{%d,}" % _SHORTEST_RUN)


def lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Each line or piece of one, with its offset in `text`."""
    start = 0
    while start < len(text):
        newline = text.find(b"\n", start)
        end = len(text) if newline < 0 else newline
        line = text[start:end].rstrip()
        if b"\0" in line:
            for run in _RUNS.finditer(line):
                yield from _pieces(start + run.start(), run[0])
        elif line:
            yield from _pieces(start, line)
        start = end + 1


def _pieces(start: int, line: bytes) -> Iterator[tuple[int, bytes]]:
    """A line of any length as pieces that overlap and do not cut a character of UTF-8 in two."""
    first = 0
    while len(line) - first > LONGEST_LINE:
        last = _between_characters(line, first + LONGEST_LINE)
        yield start + first, line[first:last]
        first = _between_characters(line, last - SHARED)
    yield start + first, line[first:]


def _between_characters(line: bytes, at: int) -> int:
    """`at`, or up to three bytes before it where that would be inside a character."""
    for back in range(4):
        if line[at - back] & 0xC0 != 0x80:
            return at - back
    return at


def decoded(line: bytes) -> tuple[str, str]:
    """The line as text, and the encoding that made it one."""
    try:
        return line.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return line.decode("latin-1"), "latin-1"
