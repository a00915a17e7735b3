r"""Jupyter notebooks: what their JSON text does not show as it stands.

The text itself is looked at as it is, with `places.py` for names. Beside it there are words that colour codes cut in
two (`\u001b[31m`, ECMA-48 section 8.3.117), words that tags of HTML cut in two, and pictures, documents and attachments
in base64. A notebook with none of these is not parsed at all.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from modelguard.model import Blob
from modelguard.readers.interface import NEWLINE, Covered, Limits, Malformed, Member, OverBudget, Piece, Text
from modelguard.readers.json_places import Path, json_paths
from modelguard.readers.kinds import HEAD_BYTES, kind_of
from modelguard.readers.members import Held
from modelguard.readers.notebooks.attachments import attached
from modelguard.readers.notebooks.pictures import Encoded, beginnings, picture
from modelguard.readers.notebooks.places import place_name

_ESCAPES = (rb"\u001b", rb"\u001B")
_HTML = (b'"text/html"', b'"html"')
_REST_OF_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_STRINGS = re.compile(rb'\s*:\s*(?:"|\[)|\s*,\s*"')
_CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_WITHIN_WORDS = "span|wbr|b|i|em|strong|font|code|a|u|mark|sub|sup|small|s|del|ins|tt|kbd"
_INLINE = rf"</?(?:{_WITHIN_WORDS})\b[^<>]*>"
_TAGS = re.compile(rf"({_INLINE})|</?[A-Za-z!][^<>]*>")
_CUT = re.compile(rf"[\w\"';=:/+.-](?:{_INLINE}|&[#\w]{{2,8}};)+[\w\"'&=:/+.-]")
_TELLS = re.compile(rf"<\\?/?(?:{_WITHIN_WORDS})\b|&[#\w]{{2,8}};".encode())
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_MOST_AT_ONCE = 1 << 20


class _Spot(NamedTuple):
    """Something in a notebook that is to be looked at closer: where it is, and how a string there reads."""

    at: int
    clean: Callable[[str], str] | None
    encoded: Encoded | None = None


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What the text hides. See `Reader`."""
    if blob.size > limits.budget.held_bytes:
        raise OverBudget(f"it is longer than {limits.budget.held_bytes} bytes")
    text = blob.read(0, blob.size)
    spots = sorted(_spots(text), key=lambda spot: spot.at)
    if not spots:
        return
    limits.spend(len(text))
    paths = json_paths(text, [spot.at for spot in spots])
    strings: dict[Callable[[str], str], _Strings] = {}
    for spot, path in zip(spots, paths, strict=True):
        limits.check_time()
        if spot.encoded is not None:
            yield from _member(blob, text, spot.encoded, path, limits)
        elif spot.clean is not None:
            of_sort = strings.setdefault(spot.clean, _Strings(text, spot.clean))
            yield from of_sort.take(path)
    for each in strings.values():
        yield from each.told()
    if not _is_json(text):
        raise Malformed("it is no JSON text")


def _spots(text: bytes) -> Iterator[_Spot]:
    for escape in _ESCAPES:
        for at in _in_strings(text, escape):
            yield _Spot(at, _without_codes)
    for key in _HTML:
        for at in _strings_of(text, key):
            yield _Spot(at, _without_tags)
    taken: set[int] = set()
    for at in beginnings(text):
        encoded = picture(text, at)
        if encoded is not None:
            taken.add(at)
            yield _Spot(at, None, encoded)
    for encoded in attached(text):
        if encoded.start not in taken:
            yield _Spot(encoded.start, None, encoded)


def _in_strings(text: bytes, sign: bytes) -> Iterator[int]:
    """Where a sign first stands in each string that it is in."""
    at = text.find(sign)
    while at >= 0:
        yield at
        rest = _REST_OF_STRING.match(text, at)
        at = text.find(sign, at + 1 if rest is None else max(at + 1, rest.end()))


def _strings_of(text: bytes, key: bytes) -> Iterator[int]:
    """The strings under a key, which has one or a list of them, as far as tags or entities may cut a word in them."""
    at = text.find(key)
    while at >= 0:
        at += len(key)
        while (before := _STRINGS.match(text, at)) is not None:
            first = before.end()
            if text[first - 1 : first] == b"[":
                first = text.find(b'"', first) + 1 or len(text)
                if text[before.end() : first - 1].strip():
                    break
            rest = _REST_OF_STRING.match(text, first)
            end = first if rest is None else rest.end()
            if _TELLS.search(text, first, end):
                yield first
            at = end + 1
        at = text.find(key, at)


def _without_codes(string: str) -> str:
    return _CODES.sub("", string)


def _without_tags(string: str) -> str:
    """The lines in which a word is cut, as they are shown; the others empty, so that lines keep their numbers."""
    lines = (line if _CUT.search(line) else "" for line in string.split("\n"))
    return "\n".join(html.unescape(_TAGS.sub(lambda tag: "" if tag[1] else " ", line)) for line in lines)


class _Strings:
    """Strings of a notebook as they read, gathered until they are worth a look."""

    def __init__(self, text: bytes, clean: Callable[[str], str]) -> None:
        self._text = text
        self._clean = clean
        self._parts: list[bytes] = []
        self._paths: list[tuple[int, Path]] = []
        self._size = 0

    def take(self, path: Path) -> Iterator[Piece]:
        """Add the string that a path leads to."""
        start, end = path.token
        try:
            written = json.loads(self._text[start:end], strict=False)
        except ValueError:
            return
        if not isinstance(written, str):
            return
        clean = self._clean(written)
        if clean == written or not clean.strip():
            return
        part = clean.encode("utf-8", "replace")
        if self._size + len(part) > _MOST_AT_ONCE:
            yield from self.told()
        self._paths.append((self._size, path))
        self._parts.append(part)
        self._size += len(part) + 1

    def told(self) -> Iterator[Text]:
        """What was gathered."""
        if not self._parts:
            return
        notebook, paths, text = self._text, self._paths, b"\n".join(self._parts)
        self._parts, self._paths, self._size = [], [], 0

        def part(offset: int) -> tuple[int, Path]:
            return next(each for each in reversed(paths) if each[0] <= offset)

        def written(offset: int) -> tuple[Path, int, int]:
            """The line of the notebook's text that an offset was made of."""
            first, path = part(offset)
            return path, *_written(notebook, path.token, text.count(NEWLINE, first, offset))

        def name(offset: int) -> str:
            path, start, _ = written(offset)
            return place_name(path, notebook, start) or ""

        def span(first: int, last: int) -> tuple[int, int]:
            return written(first)[1], written(max(first, last - 1))[2]

        yield Text(text, name, span, again=True)


def _written(text: bytes, string: tuple[int, int], number: int) -> tuple[int, int]:
    """The range of the n-th line of a JSON string, its quotes left out."""
    start, last = string[0] + 1, string[1] - 1
    for escape in _ESCAPED.finditer(text, start, last):
        if escape[0] == rb"\n":
            if not number:
                return start, escape.start()
            number -= 1
            start = escape.end()
    return start, last


def _member(blob: Blob, text: bytes, encoded: Encoded, path: Path, limits: Limits) -> Iterator[Piece]:
    keys = path.keys
    is_attached = "attachments" in keys
    if not is_attached and kind_of(encoded.data[:HEAD_BYTES]) is None:
        return
    limits.spend(len(encoded.data))
    name = place_name(path, text, encoded.start) or "base64"
    yield Member(Held(blob, name, encoded.data, encoded.start, encoded.end))
    if encoded.told > encoded.start:
        yield Covered(encoded.start, encoded.told)


def _is_json(text: bytes) -> bool:
    """Whether it is JSON, as Python's library writes it (which knows NaN)."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return False
    return True
