r"""Texts of a notebook whose words are cut: by colour codes (`\u001b[31m`, ECMA-48 section 8.3.117) or by tags of HTML.

A text is one string, or a list of them; it is told as it reads, with the lines that a person counts.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from modelguard.readers.interface import NEWLINE, Text
from modelguard.readers.json_places import json_paths
from modelguard.readers.json_text import STRING
from modelguard.readers.notebooks.places import place_name

_REST = re.compile(rb'[^"]*"(?:\s*,\s*' + STRING + rb"){0,10000}")
ONE = re.compile(STRING)
_ESCAPED = re.compile(rb"\\.", re.DOTALL)

ESCAPE = re.compile(rb"\\u001[bB]")
_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")

_WITHIN_WORDS = "span|wbr|b|i|em|strong|font|code|a|u|mark|sub|sup|small|s|del|ins|tt|kbd"
_BESIDE = r"[\w\"';=:/+.-]"
_INLINE = rf"</?(?:{_WITHIN_WORDS})\b[^<>]{{0,400}}>"
_CUT = re.compile(rf"{_BESIDE}(?:{_INLINE}|&[#\w]{{2,8}};){{1,4}}{_BESIDE}|&\#")
_TAGS = re.compile(rf"({_INLINE})|</?[A-Za-z!][^<>]*>")
_TAG = re.compile(rf"<(?<={_BESIDE}<)\\?/?(?:{_WITHIN_WORDS})\b".encode())
_ENTITY = re.compile(rf"&(?:\#|(?<={_BESIDE}&)\w{{2,8}};{_BESIDE})".encode())

_MOST_AT_ONCE = 1 << 20


def _without_codes(text: str) -> str:
    return _CODES.sub("", text)


def _without_tags(text: str) -> str:
    """The lines in which a word is cut, as they are shown; the others empty, so that lines keep their numbers."""
    lines = (line if _CUT.search(line) else "" for line in text.split("\n"))
    return "\n".join(html.unescape(_TAGS.sub(lambda tag: "" if tag[1] else " ", line)) for line in lines)


def hidden(text: bytes, plain: bytes, original: Callable[[int], int], check_time: Callable[[], None]) -> Iterator[Text]:
    """The strings of a notebook that do not read as they are written, with what follows them in a list of strings.

    `plain` is the text without escapes, `original` tells where an offset of the text is in the blob.
    """
    signs: list[tuple[Sequence[re.Pattern[bytes]], Callable[[str], str]]] = [((ESCAPE,), _without_codes)]
    if b'html"' in text:
        signs.append(((_TAG, _ENTITY), _without_tags))
    for patterns, reads in signs:
        gathered = _Gathered(text, plain, original)
        for start, end in _strings(plain, patterns):
            check_time()
            if gathered.size > _MOST_AT_ONCE:
                yield gathered.told()
                gathered = _Gathered(text, plain, original)
            gathered.take(start, end, reads)
        if gathered.size:
            yield gathered.told()


def _strings(text: bytes, patterns: Sequence[re.Pattern[bytes]]) -> Iterator[tuple[int, int]]:
    """The ranges of strings that hold one of these, quotes and all."""
    following = [pattern.search(text) for pattern in patterns]
    while any(following):
        at = min(found.start() for found in following if found)
        rest = _REST.match(text, at)
        if rest is None:  # no string ends from here on: to look for that again at each sign would take forever
            return
        start, end = text.rfind(b'"', 0, at), rest.end()
        if start >= 0:
            yield start, end
        following = [
            pattern.search(text, end) if found and found.start() < end else found
            for pattern, found in zip(patterns, following, strict=True)
        ]


class _Part(NamedTuple):
    """Strings of the notebook: where they stand among those that are gathered, and in the notebook."""

    at: int
    start: int
    end: int
    shown: Sequence[bytes]


class _Gathered:
    """Strings as they read, gathered until they are worth a look. Ways to places are looked for when one is asked."""

    def __init__(self, text: bytes, plain: bytes, original: Callable[[int], int]) -> None:
        self.size = 0
        self._text = text
        self._plain = plain
        self._original = original
        self._parts: list[_Part] = []

    def take(self, start: int, end: int, reads: Callable[[str], str]) -> None:
        """Add the strings from `start` to `end`."""
        written = read_strings(b"[" + self._text[start:end] + b"]")
        shown = [reads(each) for each in written]
        if shown != written and any(each.strip() for each in shown):
            lines = [each.removesuffix("\n").encode("utf-8", "replace") for each in shown]
            self._parts.append(_Part(self.size, start, end, lines))
            self.size += sum(map(len, lines)) + len(lines)

    def told(self) -> Text:
        """What was gathered."""
        text = NEWLINE.join([line for part in self._parts for line in part.shown])
        starts = [part.at for part in self._parts]

        def written(offset: int) -> tuple[int, int]:
            """The line of the notebook's text that an offset was made of."""
            part = self._parts[bisect_right(starts, offset) - 1]
            at = part.at
            for shown, string in zip(part.shown, ONE.finditer(self._plain, part.start, part.end), strict=False):
                if offset <= at + len(shown):
                    return _line(self._text, string.span(), shown.count(NEWLINE, 0, max(0, offset - at)))
                at += len(shown) + 1
            return part.start, part.end

        def name(offset: int) -> str:
            start, _ = written(offset)
            (path,) = json_paths(self._text, [start])
            return place_name(path, self._text, start) or ""

        def span(first: int, last: int) -> tuple[int, int]:
            return self._original(written(first)[0]), self._original(written(max(first, last - 1))[1])

        return Text(text, name, span, again=True)


def read_strings(written: bytes) -> list[str]:
    """A list of strings as JSON has it; none where it is no JSON."""
    try:
        return msgspec.json.decode(written, type=list[str])
    except (msgspec.DecodeError, UnicodeError):
        pass
    try:
        read = json.loads(written, strict=False)
    except (ValueError, RecursionError):
        return []
    return [each for each in read if isinstance(each, str)]


def _line(text: bytes, string: tuple[int, int], number: int) -> tuple[int, int]:
    """The range of the n-th line of a JSON string, from 0, without quotes and ends of lines."""
    start, last = string[0] + 1, string[1] - 1
    for escape in _ESCAPED.finditer(text, start, last):
        if escape[0] == rb"\n":
            if not number:
                return start, escape.start()
            number -= 1
            start = escape.end()
    return start, last
