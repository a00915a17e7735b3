"""PDF: the text of its pages, the strings of its objects, its metadata, and what is compressed or embedded in it.

Format: ISO 32000-2:2020 (PDF 2.0). Nothing in it is ever run or followed to somewhere else. The data of pictures are
covered; pictures in JPEG are looked at as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelguard.model import Blob, GapReason
from modelguard.readers.documents.pdf_fonts import Font, font_of
from modelguard.readers.documents.pdf_streams import Object, Objects, beginnings
from modelguard.readers.documents.pdf_syntax import Reference, as_text
from modelguard.readers.documents.pdf_text import Shown
from modelguard.readers.interface import (
    NEWLINE,
    Covered,
    Limits,
    Malformed,
    Member,
    Piece,
    Problem,
    Text,
    entries,
    whole,
)
from modelguard.readers.members import Held, Ranged

_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:<<|\d+\s+\d+\s+R)")
_DEEPEST = 16
_MOST_PARENTS = 32
_LONGEST_TEXT = 1 << 20
_LONGEST_NAME = 500
_LONGEST_PAGE = 64 * 1024 * 1024
_MOST_PARTS = 1000
_NO_TEXT = ["XRef", "ObjStm"]  # a list, since a type may be anything
_JPEG = {"DCTDecode", "DCT"}
_PIXELS = {"CCITTFaxDecode", "CCF", "JBIG2Decode"}
_UNKNOWN = {*_PIXELS, "JPXDecode", "Crypt"}


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts and files in a document. See `Reader`."""
    data = whole(blob, limits)
    if _ENCRYPTED.search(data):
        yield Problem(GapReason.UNREADABLE, "it is encrypted; scan a copy made by qpdf --decrypt")
        return
    objects = Objects(data, limits)
    if not objects.all:
        raise objects.over or Malformed("it has no objects")
    fonts = _Fonts(objects)
    drawn: set[tuple[int, int]] = set()
    for each in objects.all:
        limits.check_time()
        if each.dictionary.get("Type") == "Page":
            yield from _page(objects, each, fonts, drawn)
    yield from _strings(objects.all)
    names = _names_of_files(objects)
    for each in objects.all:
        limits.check_time()
        if each.stream is not None and each.stream not in drawn:
            yield from _stream(blob, objects, each, fonts, names.get(each.number))
    if objects.over is not None:
        raise objects.over


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """`object 12`: the last one that begins before a place. See `Guide`."""
    data = blob.read(0, offsets[-1] + 1)
    found: list[str | None] = []
    objects = beginnings(data)
    following, name = next(objects, None), None
    for offset in offsets:
        while following is not None and following[1] <= offset:
            name, following = f"object {following[0]}", next(objects, None)
        found.append(name)
    return found


def _page(objects: Objects, page: Object, fonts: _Fonts, drawn: set[tuple[int, int]]) -> Iterator[Piece]:
    """What a page shows. Its streams are one text, cut anywhere (7.8.2)."""
    contents = objects.at(page.dictionary.get("Contents"))
    listed = contents if isinstance(contents, list) else [page.dictionary.get("Contents")]
    streams = [found for found in (objects.object(each) for each in listed) if found is not None and found.stream]
    name = f"page object {page.number}"
    parts: list[bytes] = []
    for each in streams:
        if each.stream is not None:
            drawn.add(each.stream)
        if sum(map(len, parts)) > _LONGEST_PAGE or len(parts) > _MOST_PARTS:
            detail = f"a page is longer than {_LONGEST_PAGE} bytes, or in more than {_MOST_PARTS} parts"
            yield Problem(GapReason.OVER_BUDGET, f"{detail}; the rest was not looked at", name)
            break
        content, is_whole = objects.content(each)
        parts.append(content)
        if not is_whole:
            yield _damaged(name)
    shown = Shown(fonts.of(page.dictionary), objects.limits.check_time)
    shown.draw(NEWLINE.join(parts))
    del parts
    spans = [each.stream for each in streams if each.stream]
    if spans:
        yield from _lines(shown.text(), name, min(spans)[0], max(spans)[1])


def _damaged(name: str) -> Problem:
    return Problem(GapReason.MALFORMED, "a stream is damaged, or written in a way that is not known", name)


def _resources(objects: Objects, dictionary: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """The resources of a page, or of what it is part of (7.7.3.4)."""
    for _ in range(_MOST_PARENTS):
        if "Resources" in dictionary:
            return objects.dictionary(dictionary["Resources"])
        dictionary = objects.dictionary(dictionary.get("Parent"))
    return {}


class _Fonts:
    """The fonts of a document, each read once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._read: dict[Reference, Font] = {}

    def of(self, owner: Mapping[Any, Any]) -> dict[str, Font]:
        """The fonts that a page or form may use, by the names that it has for them."""
        fonts = self._objects.dictionary(_resources(self._objects, owner).get("Font"))
        return {str(name): self._font(each) for name, each in fonts.items()}

    def _font(self, font: Any) -> Font:
        if not isinstance(font, Reference):
            return font_of(self._objects, self._objects.dictionary(font))
        if font not in self._read:
            self._read[font] = font_of(self._objects, self._objects.dictionary(font))
        return self._read[font]


def _names_of_files(objects: Objects) -> dict[int, str]:
    """What files in the document are called, by the numbers of their streams (7.11.4)."""
    names: dict[int, str] = {}
    for each in objects.all:
        called = objects.at(each.dictionary.get("UF", each.dictionary.get("F")))
        if isinstance(called, bytes) and "EF" in each.dictionary:
            for stream in objects.dictionary(each.dictionary["EF"]).values():
                if isinstance(stream, Reference):
                    names[stream.number] = as_text(called)[:_LONGEST_NAME].decode("utf-8", "replace")
    return names


def _stream(blob: Blob, objects: Objects, each: Object, fonts: _Fonts, called: str | None) -> Iterator[Piece]:
    """What is in a stream that is no page's. A file in the document may have a name."""
    assert each.stream is not None
    filters = objects.filters(each)
    if each.dictionary.get("Type") in _NO_TEXT or not filters:
        return
    name = f"object {each.number}"
    if _is_picture(each, filters):
        if objects.data.find(b"endstream", *each.stream) < 0:
            if filters[0] in _JPEG:
                yield Member(Ranged(blob, name, *each.stream))
            yield Covered(*each.stream)
        return
    if filters[-1] in _UNKNOWN:
        return
    content, is_whole = objects.content(each)
    if not is_whole:
        yield _damaged(name)
    if each.dictionary.get("Subtype") == "Form":
        shown = Shown(fonts.of(each.dictionary), objects.limits.check_time)
        shown.draw(content)
        yield from _lines(shown.text(), f"form {name}", *each.stream)
        return
    yield Member(Held(blob, called or name, content, *each.stream))
    if is_whole:
        yield Covered(*each.stream)


def _is_picture(each: Object, filters: Sequence[str]) -> bool:
    """Whether a stream holds nothing but pixels, or one picture in JPEG."""
    if each.dictionary.get("Type", "XObject") != "XObject" or each.dictionary.get("Subtype") != "Image":
        return False
    return filters[0] in _JPEG or not set(filters) & (_JPEG | _UNKNOWN - _PIXELS)


def _strings(objects: Sequence[Object]) -> Iterator[Piece]:
    """The strings of objects, each beside its key: an object is looked at alone."""
    texts: list[bytes] = []
    owners: list[Object] = []
    size = 0
    for each in objects:
        text = NEWLINE.join(_lines_of(each.value, "", 0))[:_LONGEST_TEXT]
        if text:
            texts.append(text)
            owners.append(each)
            size += len(text)
        if texts and (size > _LONGEST_TEXT or each is objects[-1]):
            yield _told(texts, owners)
            texts, owners, size = [], [], 0


def _told(texts: Sequence[bytes], owners: Sequence[Object]) -> Text:
    return entries(texts, lambda i: f"object {owners[i].number}", lambda i: owners[i].span, again=True)


def _lines_of(value: Any, key: str, depth: int) -> Iterator[bytes]:
    if depth > _DEEPEST:
        return
    if isinstance(value, bytes) and value:
        text = as_text(value)
        yield f"{key}: ".encode() + text if key else text
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _lines_of(each, str(name) if isinstance(name, str) else "", depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _lines_of(each, key, depth + 1)


def _lines(text: bytes, name: str, start: int, end: int) -> Iterator[Piece]:
    """A text in parts that end with lines; most of it also stands in the file where nothing is compressed."""
    at = 0
    while at < len(text):
        last = at + _LONGEST_TEXT
        if last < len(text):
            last = text.rfind(NEWLINE, at, last) + 1 or last
        yield Text(text[at:last], lambda offset: name, lambda first, last: (start, end), again=True)
        at = last
