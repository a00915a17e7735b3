"""The text that a PDF page shows: strings in the order in which they are drawn, through the tables of their fonts.

Format: ISO 32000-2:2020, section 9.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from modelguard.readers.documents.pdf_fonts import Font
from modelguard.readers.documents.pdf_syntax import from_hex, literal

_TOKEN = re.compile(
    rb"(?P<string>\()|(?P<hex><[0-9A-Fa-f\s]*>)|/(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*)"
    rb"|(?P<number>[+-]?(?:\d{1,18}\.?\d{0,18}|\.\d{1,18}))"
    rb"|%(?P<comment>[^\r\n]*)|(?P<word>[A-Za-z'\"][A-Za-z0-9*]*|[\[\]]|<<|>>)"
)
_ELSEWHERE = re.compile(rb"(?<![\w/(])cm(?!\w)")
_BEGIN = re.compile(rb"(?<![\w/(])BT(?!\w)")
_SPACE_FROM = -180
"""A number between strings moves what follows by thousandths of a unit: words are parted by about 250."""

_GAP = 0.12
_WIDEST = 0.8
"""Parts of the font's size: what parts two words, and what a letter takes at most where its width is not known."""

_CHECK_EVERY = 5000
_MOST_OPERANDS = 100_000


class Shown:
    """Draws the texts of content streams in a line after the other."""

    def __init__(self, fonts: Mapping[str, Font], check_time: Callable[[], None] = lambda: None) -> None:
        self._fonts = fonts
        self._check_time = check_time
        self._until_check = _CHECK_EVERY
        self._font = Font()
        self._size = 1.0
        self._parts: list[str] = []
        self._told: list[bytes] = []
        self._drawn: float | None = 0.0
        self._letters = 0
        self._row: float | None = None
        self._operands: list[object] = []

    def draw(self, content: bytes) -> None:
        """Add what a content stream shows."""
        at = 0
        while (begin := _BEGIN.search(content, at)) is not None:
            if _ELSEWHERE.search(content, at, begin.start()):
                self._line()
            at = self._block(content, begin.end())

    def text(self) -> bytes:
        """What was drawn."""
        return b"".join([*self._told, _encoded(self._parts)]).strip(b"\n")

    def _block(self, content: bytes, at: int) -> int:
        """From BT on; a string may hold the letters ET, so the block ends with the operator."""
        while (token := _TOKEN.search(content, at)) is not None:
            at = token.end()
            self._until_check -= 1
            if self._until_check < 0:
                self._until_check = _CHECK_EVERY
                self._check_time()
                self._told.append(_encoded(self._parts[:-1]))
                del self._parts[:-1]
            if token["string"]:
                string, at = literal(content, at, len(content))
                self._operands.append(string)
            elif token["hex"]:
                self._operands.append(from_hex(token["hex"]))
            elif token["name"] is not None:
                self._operands.append(token["name"].decode("latin-1"))
            elif token["number"]:
                self._operands.append(float(token["number"]))
            elif token["comment"]:
                self._parts.append(f"\n{token['comment'].decode('latin-1')}\n")
            elif token["word"] == b"ET":
                break
            elif token["word"] not in (b"[", b"]", b"<<", b">>"):
                self._operate(token["word"])
                self._operands.clear()
            if len(self._operands) > _MOST_OPERANDS:
                self._operands.clear()
        return len(content) if token is None else at

    def _operate(self, operator: bytes) -> None:
        operands = self._operands
        if operator in (b"Tj", b"TJ", b"'", b'"'):
            if operator in (b"'", b'"'):
                self._line()
            self._show()
        elif operator == b"T*":
            self._line()
        elif operator == b"Tf":
            names = [each for each in operands if isinstance(each, str)]
            self._font = self._fonts.get(names[-1], Font()) if names else Font()
            self._size = abs(self._numbers()[-1]) if self._numbers() else 1.0
        elif operator in (b"Td", b"TD") and len(self._numbers()) >= 2:
            right, up = self._numbers()[-2:]
            self._move(right, up != 0)
        elif operator == b"Tm" and len(self._numbers()) >= 6:
            row = self._numbers()[-1]
            self._move(0.0, row != self._row)
            self._row = row
        elif operator in (b"BDC", b"BMC"):
            self._marked()

    def _numbers(self) -> list[float]:
        return [each for each in self._operands if isinstance(each, float)]

    def _show(self) -> None:
        for each in self._operands:
            if isinstance(each, bytes):
                text = self._font.text(each)
                self._letters += len(text)
                self._advance(self._font.advance(each))
                self._parts.append(text)
            elif isinstance(each, float) and len(self._operands) > 1:
                self._advance(-each)
                if each < _SPACE_FROM:
                    self._parts.append(" ")

    def _advance(self, by: float | None) -> None:
        """Go on by so many thousandths of the font's size; None where nobody knows."""
        self._drawn = None if by is None or self._drawn is None else self._drawn + by * self._size / 1000

    def _move(self, right: float, down: bool) -> None:
        """Begin anew elsewhere: in another line, or farther right than what was drawn reaches."""
        if down:
            self._line()
        reach = self._letters * _WIDEST * self._size if self._drawn is None else self._drawn
        if right > reach + _GAP * self._size:
            self._parts.append(" ")
        self._restart()

    def _line(self) -> None:
        if self._parts and self._parts[-1] != "\n":
            self._parts.append("\n")
        self._restart()

    def _restart(self) -> None:
        self._drawn, self._letters = 0.0, 0

    def _marked(self) -> None:
        """What a part of the page stands for in words (14.9.4)."""
        for before, each in zip(self._operands, self._operands[1:], strict=False):
            if before == "ActualText" and isinstance(each, bytes):
                text = each.decode("utf-16", "replace") if each[:2] == b"\xfe\xff" else each.decode("latin-1")
                self._parts.append(f"\n{text}\n")


def _encoded(parts: Sequence[str]) -> bytes:
    return "".join(parts).encode("utf-8", "replace")
