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
from modelguard.readers.json_places import Path
from modelguard.readers.notebooks.places import place_name

_STRING = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_LIST = re.compile(rb"\[\s*" + _STRING + rb"(?:\s*,\s*" + _STRING + rb")*\s*\]", re.DOTALL)
_REST = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*"(?:\s*,\s*' + _STRING + rb")*", re.DOTALL)
_QUOTE_OR_ESCAPE = re.compile(rb'\\.|"', re.DOTALL)

_ESCAPE = re.compile(rb"\\u001[bB]")
_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")

_WITHIN_WORDS = "span|wbr|b|i|em|strong|font|code|a|u|mark|sub|sup|small|s|del|ins|tt|kbd"
_BESIDE = r"[\w\"';=:/+.-]"
_INLINE = rf"</?(?:{_WITHIN_WORDS})\b[^<>]{{0,400}}>"
_CUT = re.compile(rf"{_BESIDE}(?:{_INLINE}|&[#\w]{{2,8}};){{1,4}}{_BESIDE}|&\#")
_TAGS = re.compile(rf"({_INLINE})|</?[A-Za-z!][^<>]*>")
_TAG = re.compile(rf"<(?<={_BESIDE}<)\\?/?(?:{_WITHIN_WORDS})\b".encode())
_ENTITY = re.compile(rf"&(?:\#|(?<={_BESIDE}&)\w{{2,8}};{_BESIDE})".encode())

_MOST_AT_ONCE = 1 << 20


class Sign(NamedTuple):
    """What shows that a text does not read as it is written, how it reads, and the key that it must be under."""

    pattern: re.Pattern[bytes]
    reads: Callable[[str], str]
    under: Sequence[str] = ()


def _without_codes(text: str) -> str:
    return _CODES.sub("", text)


def _without_tags(text: str) -> str:
    """The lines in which a word is cut, as they are shown; the others empty, so that lines keep their numbers."""
    lines = (line if _CUT.search(line) else "" for line in text.split("\n"))
    return "\n".join(html.unescape(_TAGS.sub(lambda tag: "" if tag[1] else " ", line)) for line in lines)


_IN_HTML = ("text/html", "html")
SIGNS = (Sign(_ESCAPE, _without_codes), Sign(_TAG, _without_tags, _IN_HTML), Sign(_ENTITY, _without_tags, _IN_HTML))


def signs_in(text: bytes) -> Iterator[tuple[int, Sign]]:
    """Where a sign first stands in each string, or in what is left of a list of them."""
    has_html = b'html"' in text
    for sign in SIGNS:
        found = sign.pattern.search(text) if has_html or not sign.under else None
        while found is not None:
            yield found.start(), sign
            rest = _REST.match(text, found.start())
            found = sign.pattern.search(text, found.end() if rest is None else rest.end())


class _Part(NamedTuple):
    """A text of the notebook: where it stands among those that are gathered, and in the notebook."""

    at: int
    path: Path
    start: int
    end: int
    by_item: bool


class Gathered:
    """Texts as they read, gathered until they are worth a look. `original` tells where an offset is in the blob."""

    def __init__(self, text: bytes, original: Callable[[int], int]) -> None:
        self._text = text
        self._original = original
        self._shown: list[bytes] = []
        self._parts: list[_Part] = []
        self._size = 0
        self._taken: set[tuple[int, Callable[[str], str]]] = set()

    def take(self, path: Path, sign: Sign) -> Iterator[Text]:
        """Add the text that a path leads into."""
        if sign.under and not any(step.key in sign.under for step in path.steps):
            return
        start, end, written = self._written(path)
        if (start, sign.reads) in self._taken or not written:
            return
        self._taken.add((start, sign.reads))
        by_item = any(step.key == "traceback" for step in path.steps)
        text = ("\n" if by_item else "").join(written)
        reads = sign.reads(text)
        if reads == text or not reads.strip():
            return
        shown = reads.encode("utf-8", "replace")
        if self._size + len(shown) > _MOST_AT_ONCE:
            yield from self.told()
        self._parts.append(_Part(self._size, path, start, end, by_item))
        self._shown.append(shown)
        self._size += len(shown) + 1

    def told(self) -> Iterator[Text]:
        """What was gathered."""
        if not self._shown:
            return
        notebook, original, parts, text = self._text, self._original, self._parts, NEWLINE.join(self._shown)
        starts = [part.at for part in parts]
        self._shown, self._parts, self._size = [], [], 0

        def line(offset: int) -> tuple[_Part, int]:
            part = parts[bisect_right(starts, offset) - 1]
            return part, text.count(NEWLINE, part.at, offset)

        def name(offset: int) -> str:
            part, number = line(offset)
            return place_name(part.path, notebook, part.start, number + 1) or ""

        def span(first: int, last: int) -> tuple[int, int]:
            start, _ = _written_line(notebook, *line(first))
            _, end = _written_line(notebook, *line(max(first, last - 1)))
            return original(start), original(end)

        yield Text(text, name, span, again=True)

    def _written(self, path: Path) -> tuple[int, int, Sequence[str]]:
        """The range of the list of strings, or of the string, that a path leads into, and these strings."""
        ranges = [path.token]
        if path.steps and path.steps[-1].key is None:
            found = _LIST.match(self._text, path.begins[-1])
            ranges = [found.span() if found else path.token]
        ((start, end),) = ranges
        strings = _read(self._text[start:end])
        return start, end, [strings] if isinstance(strings, str) else strings


def _read(written: bytes) -> str | list[str]:
    """Strings as JSON has them; none where it is no JSON."""
    try:
        return msgspec.json.decode(written, type=str | list[str])
    except (msgspec.DecodeError, UnicodeError):
        pass
    try:
        read = json.loads(written, strict=False)
    except (ValueError, RecursionError):
        return []
    if isinstance(read, list):
        return [each for each in read if isinstance(each, str)]
    return read if isinstance(read, str) else []


def _written_line(text: bytes, part: _Part, number: int) -> tuple[int, int]:
    """The range of the n-th line of a text, from 0, without the quotes at its ends."""
    first = start = part.start
    in_string = False
    for sign in _QUOTE_OR_ESCAPE.finditer(text, part.start, part.end):
        if sign[0] == b'"':
            in_string = not in_string
            start = sign.end() if in_string and start == first else start
            ends = part.by_item and not in_string
        else:
            ends = sign[0] == rb"\n"
        if ends and not number:
            return start, sign.start()
        if ends:
            number -= 1
            first = start = sign.end()
    return start, part.end - (not text.endswith(b"]", part.start, part.end))
