"""The fonts of PDF: what the codes in a string mean, and how far they go.

Format: ISO 32000-2:2020, sections 9.6 and 9.7 (fonts), 9.10.3 (ToUnicode tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modelguard.readers.documents.pdf_streams import Objects
from modelguard.readers.documents.pdf_syntax import from_hex

_TABLE = re.compile(rb"begin(bfchar|bfrange)")
_CODES = re.compile(rb"begincodespacerange\s*<([0-9A-Fa-f\s]+)>")
_OPERAND = re.compile(rb"<([0-9A-Fa-f\s]*)>|([\[\]])")
_MOST_CODES = 70_000


class Font(NamedTuple):
    """How many bytes a character has, and what each code means and how far it goes, where that is known.

    Widths are in thousandths of the font's size; `other` is that of codes which are not listed.
    """

    width: int = 1
    meanings: Mapping[int, str] = {}
    widths: Mapping[int, float] = {}
    other: float | None = None

    def text(self, string: bytes) -> str:
        """What a string shows."""
        if not self.meanings:
            return string.decode("latin-1")
        return "".join(self.meanings.get(code, chr(code) if code < 256 else "\ufffd") for code in self._codes(string))

    def advance(self, string: bytes) -> float | None:
        """How far a string goes; None where that is not known."""
        steps = [self.widths.get(code, self.other) for code in self._codes(string)]
        known = [step for step in steps if step is not None]
        return sum(known) if len(known) == len(steps) else None

    def _codes(self, string: bytes) -> Iterator[int]:
        width = self.width
        return (int.from_bytes(string[at : at + width], "big") for at in range(0, len(string), width))


def font_of(objects: Objects, font: Mapping[Any, Any]) -> Font:
    """A font by its dictionary."""
    objects.limits.check_time()
    table = objects.object(font.get("ToUnicode"))
    known = by_table(b"" if table is None else objects.content(table).data)
    below = objects.at(font.get("DescendantFonts"))
    if font.get("Subtype") == "Type0":
        return _composite(objects, known, objects.dictionary(below[0] if isinstance(below, list) and below else None))
    known = known._replace(width=1)  # whatever its table says (9.6.1)
    first, widths = objects.at(font.get("FirstChar")), objects.at(font.get("Widths"))
    if not (isinstance(first, int) and isinstance(widths, list)) or "FontMatrix" in font:
        return known
    listed = {first + number: float(width) for number, width in enumerate(widths) if isinstance(width, (int, float))}
    return known._replace(widths=listed)


def _composite(objects: Objects, font: Font, below: Mapping[Any, Any]) -> Font:
    """The widths of a font of many characters: `first [width width]`, or `first last width` (9.7.4.3)."""
    widths: dict[int, float] = {}
    other = objects.at(below.get("DW"))
    listed = objects.at(below.get("W"))
    items = [objects.at(each) for each in listed] if isinstance(listed, list) else []
    at, left = 0, _MOST_CODES
    while at + 1 < len(items) and left > 0:
        first, second = items[at], items[at + 1]
        if isinstance(first, int) and isinstance(second, list):
            widths.update((first + i, float(each)) for i, each in enumerate(second) if isinstance(each, (int, float)))
            at += 2
            continue
        width = items[at + 2] if at + 2 < len(items) else None
        if isinstance(first, int) and isinstance(second, int) and isinstance(width, (int, float)):
            codes = range(first, min(second + 1, first + left))
            left -= len(codes)
            widths.update((code, float(width)) for code in codes)
        at += 3
    width = 2 if not font.meanings else font.width
    return Font(width, font.meanings, widths, float(other) if isinstance(other, (int, float)) else 1000.0)


def by_table(table: bytes) -> Font:
    """A font by its ToUnicode table."""
    meanings: dict[int, str] = {}
    codes = _CODES.search(table)
    width = min(4, max(1, len(from_hex(codes[1])))) if codes else 1
    left = _MOST_CODES
    for kind, start, end in _tables(table):
        operands = [each[2] or from_hex(each[1]) for each in _OPERAND.finditer(table, start, end)]
        if kind == b"bfchar":
            for code, meaning in zip(operands[::2], operands[1::2], strict=False):
                meanings[int.from_bytes(code, "big")] = _utf16(meaning)
        else:
            left = _ranges(operands, meanings, left)
    return Font(width, meanings)


def _tables(table: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The lists of a table, each up to the word that ends it; one that does not end is none, and is the last."""
    at = 0
    while (begin := _TABLE.search(table, at)) is not None:
        end = table.find(b"end" + begin[1], begin.end())
        if end < 0:
            return
        yield begin[1], begin.end(), end
        at = end


def _ranges(operands: list[bytes], meanings: dict[int, str], left: int) -> int:
    """Add ranges of codes, `left` codes of those that are given by their ends; returns how many are left."""
    at = 0
    while at + 2 < len(operands) and left > 0:
        low, high = (int.from_bytes(each, "big") for each in operands[at : at + 2])
        first = operands[at + 2]
        at += 3
        if first == b"[":
            while at < len(operands) and operands[at] != b"]":
                meanings[low] = _utf16(operands[at])
                low, at = low + 1, at + 1
            at += 1
            continue
        codes = range(low, min(high + 1, low + left))
        left -= len(codes)
        for code in codes:
            last = int.from_bytes(first[-2:], "big") + code - low
            meanings[code] = _utf16(first[:-2] + (last & 0xFFFF).to_bytes(2, "big"))
    return left


def _utf16(written: bytes) -> str:
    return (written if len(written) > 1 else b"\0" + written).decode("utf-16-be", "replace")
