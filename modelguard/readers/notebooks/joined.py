"""Texts of a notebook that are cut into strings elsewhere than at the ends of their lines.

A text is one string or a list of strings to be joined
(https://nbformat.readthedocs.io/en/latest/format_description.html); Jupyter cuts between lines, so that they read the
same as they stand. Others are told once more as they read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from modelguard.readers.interface import Text
from modelguard.readers.json_places import json_paths
from modelguard.readers.json_text import STRING
from modelguard.readers.notebooks.hidden import ONE, read_strings
from modelguard.readers.notebooks.places import place_name

_LIST = re.compile(
    rb'"(?:source|input|text|html|svg|text/[\w.+-]{1,40}|image/svg\+xml|application/[\w.+-]{1,60})"\s*:\s*\['
    rb"(\s*" + STRING + rb"(?:\s*,\s*" + STRING + rb"){1,100000})\s*\]"
)
_CUT = re.compile(rb'"(?<!\\[nrf]")(?<!"")\s*,\s*"(?!")')

_LONGEST = 4 * 1024 * 1024


def joined(text: bytes, plain: bytes, original: Callable[[int], int], check_time: Callable[[], None]) -> Iterator[Text]:
    """Each such text, with the strings that every part of it was made of.

    `plain` is the text without escapes, `original` tells where an offset of the notebook's text is in the blob.
    """
    for found in _LIST.finditer(plain):
        if found.end() - found.start() <= _LONGEST and _CUT.search(text, found.start(1), found.end(1)):
            check_time()
            strings = [each.span() for each in ONE.finditer(plain, found.start(1), found.end(1))]
            shown = [
                each.encode("utf-8", "replace") for each in read_strings(b"[" + text[slice(*found.span(1))] + b"]")
            ]
            if len(shown) == len(strings):
                yield _told(text, shown, strings, original)


def _told(
    text: bytes, shown: Sequence[bytes], strings: Sequence[tuple[int, int]], original: Callable[[int], int]
) -> Text:
    whole = b"".join(shown)
    starts = list(accumulate(map(len, shown[:-1]), initial=0))

    def string(offset: int) -> tuple[int, int]:
        return strings[max(0, bisect_right(starts, offset) - 1)]

    def name(offset: int) -> str:
        start, _ = string(offset)
        (path,) = json_paths(text, [start])
        return place_name(path, text, start, 1 + whole.count(b"\n", 0, max(0, offset))) or ""

    def span(first: int, last: int) -> tuple[int, int]:
        return original(string(first)[0]), original(string(max(first, last - 1))[1])

    return Text(whole, name, span, again=True)
