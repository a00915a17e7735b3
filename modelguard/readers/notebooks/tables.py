"""Tables that a notebook shows (as pandas does, in `text/html`): cells beside their headers, which are lines away.

A text is one string, or a list of strings to be joined; tags are the same in JSON, but for quotes and ends of lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from msgspec.structs import replace

from modelguard.readers.interface import Limits, Text
from modelguard.readers.json_places import json_paths
from modelguard.readers.json_text import STRING
from modelguard.readers.notebooks.hidden import ONE, read_strings
from modelguard.readers.notebooks.places import place_name
from modelguard.readers.tables.markup import told

_HTML = re.compile(rb'"(?:text/html|html)"\s*:\s*(?:\[\s*)?(' + STRING + rb"(?:\s*,\s*" + STRING + rb"){0,100000})")
_TABLE = re.compile(rb"<table[\s>\\]")


def tables(text: bytes, plain: bytes, original: Callable[[int], int], limits: Limits) -> Iterator[Text]:
    """The cells below telling headers, with the strings that each was made of.

    `plain` is the text without escapes, `original` tells where an offset of the notebook's text is in the blob.
    """
    for found in _HTML.finditer(plain) if _TABLE.search(text) else ():
        if _TABLE.search(text, *found.span(1)):
            limits.check_time()
            strings = [each.span() for each in ONE.finditer(plain, *found.span(1))]
            yield from _told(text, strings, original, limits)


def _told(
    text: bytes, strings: Sequence[tuple[int, int]], original: Callable[[int], int], limits: Limits
) -> Iterator[Text]:
    start, end = strings[0][0], strings[-1][1]
    shown = [each.encode("utf-8", "replace") for each in read_strings(b"[" + text[start:end] + b"]")]
    if len(shown) != len(strings):
        return
    page = b"".join(shown)
    starts = list(accumulate(map(len, shown[:-1]), initial=0))

    def string(offset: int) -> tuple[int, int]:
        return strings[max(0, bisect_right(starts, offset) - 1)]

    for piece in told(page, limits):
        yield _moved(piece, text, page, string, original)


def _moved(
    piece: Text, text: bytes, page: bytes, string: Callable[[int], tuple[int, int]], original: Callable[[int], int]
) -> Text:
    """The same, told of the notebook instead of the page."""

    def name(offset: int) -> str:
        at, _ = piece.span(offset, offset + 1)
        start, _ = string(at)
        (path,) = json_paths(text, [start])
        return place_name(path, text, start, 1 + page.count(b"\n", 0, at)) or ""

    def span(first: int, last: int) -> tuple[int, int]:
        start, end = piece.span(first, last)
        return original(string(start)[0]), original(string(max(start, end - 1))[1])

    return replace(piece, name=name, span=span)
