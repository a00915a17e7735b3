"""Office documents: paragraphs whose words are cut into runs of text.

A document is a zip archive, and its parts come here as members. Formats: ECMA-376 part 1 (`w:p` and `w:t`, `si` and
`t`, `a:p` and `a:t`), and OpenDocument 1.3 part 3 (`text:p`, `text:span`). The XML is looked at as it stands; no entity
that it declares is ever resolved.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, Text, whole
from modelguard.readers.tables.markup import told

_PARAGRAPH = re.compile(rb"<(?:(?P<word>(?:w|a|text):p|text:h)|(?P<string>(?:\w{1,8}:)?si))(?=[\s>])[^<>]*(?<!/)>")
_CLOSING = re.compile(rb"</(?:(?:w|a|text):p|text:h|(?:\w{1,8}:)?si)>")
_RUN = re.compile(rb"<(?:\w{1,8}:)?(?:t|delText|instrText)(?=[\s>])[^<>]*(?<!/)>([^<]*)<")
_SPACE = re.compile(rb"<(?:w:(?:tab|br|cr)|a:br|text:(?:tab|line-break|s))(?=[\s/>])[^<>]*>")
_TOKEN = re.compile(_RUN.pattern.replace(b"([^<]*)<", b"([^<]*)(?=<)") + b"|(" + _SPACE.pattern + b")")
_TAG = re.compile(rb"<[^<>]*>")
_OPEN_DOCUMENT = re.compile(rb"<text:[ph]")
_SAID_TWICE = re.compile(
    rb'office:string-value="(?P<value>[^"<>]{1,65536})"(?:\s[^<>]{0,200})?><text:p(?:\s[^<>]{0,200})?>(?P=value)</text:p>'
)
"""A cell of a sheet whose value is an attribute as well as the paragraph that shows it."""

_MOST_AT_ONCE = 1 << 20


class _Paragraph(NamedTuple):
    """Where a paragraph or a string of a workbook begins, what it is, and which one."""

    start: int
    what: str
    number: int


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The paragraphs that do not read as they are written, and cells below telling headers. See `Reader`."""
    xml = whole(blob, limits)
    for twice in _SAID_TWICE.finditer(xml):
        yield Covered(*twice.span("value"))
    parts: list[bytes] = []
    starts: list[tuple[int, _Paragraph, int]] = []
    length = 0
    for paragraph, end in _paragraphs(xml):
        limits.check_time()
        shown = _shown(xml, paragraph.start, end)
        if shown is None:
            continue
        if length and length + len(shown) > _MOST_AT_ONCE:
            yield _text(parts, starts)
            parts, starts, length = [], [], 0
        starts.append((length, paragraph, end))
        parts.append(shown)
        length += len(shown) + 1
    if parts:
        yield _text(parts, starts)
    yield from told(xml, limits)


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """`paragraph 4`, `shared string 7`, from 1. See `Guide`."""
    xml = blob.read(0, offsets[-1] + 1)
    found: list[str | None] = []
    last: _Paragraph | None = None
    paragraphs = _beginnings(xml)
    following = next(paragraphs, None)
    for offset in offsets:
        while following is not None and following.start <= offset:
            last, following = following, next(paragraphs, None)
        found.append(None if last is None else f"{last.what} {last.number}")
    return found


def _beginnings(xml: bytes) -> Iterator[_Paragraph]:
    counts = {"paragraph": 0, "shared string": 0}
    for opening in _PARAGRAPH.finditer(xml):
        what = "paragraph" if opening["word"] else "shared string"
        counts[what] += 1
        yield _Paragraph(opening.start(), what, counts[what])


def _paragraphs(xml: bytes) -> Iterator[tuple[_Paragraph, int]]:
    """Each with its end: the next closing tag, or where the next one begins, whatever comes first."""
    before: _Paragraph | None = None
    for paragraph in _beginnings(xml):
        if before is not None:
            yield before, _end(xml, before.start, paragraph.start)
        before = paragraph
    if before is not None:
        yield before, _end(xml, before.start, len(xml))


def _end(xml: bytes, start: int, most: int) -> int:
    closing = _CLOSING.search(xml, start, most)
    return most if closing is None else closing.end()


def _shown(xml: bytes, start: int, end: int) -> bytes | None:
    """A paragraph as it reads; None where it reads as it is written."""
    if _OPEN_DOCUMENT.match(xml, start):
        inner = xml[start:end]
        runs = _TAG.sub(b"", _SPACE.sub(b" ", inner))
        cut = inner.count(b"<") > 2
    else:
        tokens = list(_TOKEN.finditer(xml, start, end))
        runs = b"".join(b" " if token[2] else token[1] for token in tokens)
        cut = len(tokens) > 1
    if not runs.strip() or not (cut or b"&" in runs):
        return None
    return html.unescape(runs.decode("utf-8", "replace")).encode("utf-8", "replace")


def _text(parts: list[bytes], starts: list[tuple[int, _Paragraph, int]]) -> Text:
    def paragraph(offset: int) -> tuple[int, _Paragraph, int]:
        return next(each for each in reversed(starts) if each[0] <= offset)

    def name(offset: int) -> str:
        _, found, _ = paragraph(offset)
        return f"{found.what} {found.number}"

    def span(first: int, last: int) -> tuple[int, int]:
        return paragraph(first)[1].start, paragraph(max(first, last - 1))[2]

    return Text(b"\n".join(parts), name, span, again=True)
