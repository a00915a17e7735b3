"""The objects of PDF as they are written: numbers, strings, names, arrays, dictionaries and references.

Format: ISO 32000-2:2020 (PDF 2.0), section 7.3. What is not as it should be is passed over.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from modelguard.readers.interface import OverBudget

_TOKEN = re.compile(
    rb"[\0\t\n\f\r ]*"
    rb"(?:(?P<comment>%[^\r\n]*)|(?P<open><<|\[)|(?P<close>>>|\])|(?P<hex><[0-9A-Fa-f\s]*>)|(?P<string>\()"
    rb"|/(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*)|(?P<ref>\d{1,9}\s+\d{1,5}\s+R\b)"
    rb"|(?P<number>[+-]?(?:\d{1,18}\.?\d{0,18}|\.\d{1,18}))"
    rb"|(?P<word>[^\0\t\n\f\r ()<>\[\]{}/%]+|.))",
    re.DOTALL,
)
_IN_STRING = re.compile(rb"[^()\\]*(?:\\.[^()\\]*){0,1000}", re.DOTALL)
_ESCAPED = re.compile(rb"\\(?:([0-7]{1,3})|\r\n|(.))|\r\n?", re.DOTALL)
_SOME = re.compile(rb"[^\\\r]*(?:(?:\\(?:[0-7]{1,3}|\r\n|.)|\r\n?)[^\\\r]*){0,1000}", re.DOTALL)
"""A part of a string that cuts no escape. Python's `re` remembers each round of a repeat, so these have an end."""

_MEANING = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b""}
_HASHED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DEEPEST = 64
_MOST_PARENTHESES = 10_000
_MOST_NAMES = 10_000

_LIST_BYTES, _DICT_BYTES, _VALUE_BYTES, _NAME_BYTES = 100, 232, 70, 32
"""What Python takes for an array, a dictionary, a value beside its text, and for one more of a name that is known."""


class Name(str):
    """A name: `/Type`, without its slash."""

    __slots__ = ()


class Reference(NamedTuple):
    """A reference to an object."""

    number: int


class Word(NamedTuple):
    """A keyword or an operator."""

    text: bytes


class Parser:
    """Parses objects, and counts about how many bytes they take in memory: `most` at most in all.

    A byte of a document may be an object of sixty. What the same name or operator is it makes once.
    """

    def __init__(self, most: int) -> None:
        self._left = most
        self._known: dict[bytes, Name | Word] = {}

    def keep(self, count: int) -> None:
        """Count bytes that are kept.

        Raises:
            OverBudget: they are too many.
        """
        self._left -= count
        if self._left < 0:
            raise OverBudget("its objects take more memory than they may")

    def parsed(self, data: bytes, at: int, end: int) -> tuple[Any, int]:
        """The object that begins at an offset, and where it ends; None where there is none.

        Raises:
            OverBudget: all objects take too much.
        """
        frames: list[_Frame] = []
        while (token := _TOKEN.match(data, at, end)) is not None:
            at = token.end()
            if token["comment"]:
                continue
            if token["open"] and len(frames) < _DEEPEST:
                frames.append(_Frame(token["open"] == b"<<"))
                self.keep(_DICT_BYTES if frames[-1].is_dict else _LIST_BYTES)
                continue
            if token["close"]:
                if not frames:
                    return None, at
                value = frames.pop().value()
            else:
                value, at = self._simple(data, token, at, end)
            if isinstance(value, Word) and value.text in (b"endobj", b"stream", b"obj"):
                return (frames[0].value() if frames else None), token.start()
            if not frames:
                return value, at
            frames[-1].items.append(value)
        return (frames[0].value() if frames else None), end

    def _simple(self, data: bytes, token: re.Match[bytes], at: int, end: int) -> tuple[Any, int]:
        if token["string"] or token["hex"]:
            text, at = literal(data, at, end) if token["string"] else (from_hex(token["hex"]), at)
            self.keep(_VALUE_BYTES + len(text))
            return text, at
        if token["name"] is not None or not (token["ref"] or token["number"]):
            return self._once(token), at
        self.keep(_VALUE_BYTES)
        if token["ref"]:
            return Reference(int(token["ref"].split()[0])), at
        number = token["number"]
        return (float(number) if b"." in number else int(number)), at

    def _once(self, token: re.Match[bytes]) -> Name | Word:
        """A name or a word, which is made once."""
        written = token[0].lstrip(b"\0\t\n\f\r ")
        value = self._known.get(written)
        if value is None:
            self.keep(2 * _VALUE_BYTES + 2 * len(written))
            name = token["name"]
            if name is None:
                value = Word(token["word"])
            else:
                value = Name(_HASHED.sub(lambda two: bytes([int(two[1], 16)]), name).decode("latin-1"))
            if len(self._known) < _MOST_NAMES:
                self._known[written] = value
        self.keep(_NAME_BYTES)
        return value


class _Frame:
    """An array or a dictionary that is open."""

    __slots__ = ("is_dict", "items")

    def __init__(self, is_dict: bool) -> None:
        self.is_dict = is_dict
        self.items: list[Any] = []

    def value(self) -> Any:
        if not self.is_dict:
            return self.items
        keys = self.items[::2]
        return {
            key: value for key, value in zip(keys, self.items[1::2], strict=False) if isinstance(key, (Name, bytes))
        }


def literal(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The string whose opening parenthesis stands before an offset, and where it ends (7.3.4.2)."""
    start, open_, left = at, 1, _MOST_PARENTHESES
    while open_ and left:
        part = _IN_STRING.match(data, at, end)
        at = end if part is None else part.end()
        sign = data[at : min(at + 1, end)]
        if not sign or (sign == b"\\" and at + 1 >= end):
            return unescaped(data[start:end]), end
        if sign != b"\\":  # else there are more escapes than one part has
            open_ += 1 if sign == b"(" else -1
            left -= 1
            at += 1
    return unescaped(data[start : at - 1]), at


def unescaped(written: bytes) -> bytes:
    """What a literal string stands for."""
    if b"\\" not in written and b"\r" not in written:
        return written
    out = bytearray()
    at = 0
    while at < len(written):
        some = _SOME.match(written, at)
        if some is None or some.end() == at:  # a backslash at the end
            out += written[at:]
            break
        out += _ESCAPED.sub(_meant, some[0])
        at = some.end()
    return bytes(out)


def _meant(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return bytes([int(escape[1], 8) & 0xFF])
    if escape[2]:
        return _MEANING.get(escape[2], escape[2])
    return b"" if escape[0][:1] == b"\\" else b"\n"


def from_hex(written: bytes) -> bytes:
    """What a hexadecimal string stands for (7.3.4.3)."""
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", written)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def as_text(value: bytes) -> bytes:
    """A text string as UTF-8: UTF-16 where its mark says so, else as it stands (7.9.2.2)."""
    if value.startswith((b"\xfe\xff", b"\xff\xfe")):
        return value.decode("utf-16", "replace").encode("utf-8", "replace")
    return value.removeprefix(b"\xef\xbb\xbf")
