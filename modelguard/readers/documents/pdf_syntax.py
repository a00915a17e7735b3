"""The objects of PDF as they are written: numbers, strings, names, arrays, dictionaries and references.

Format: ISO 32000-2:2020 (PDF 2.0), section 7.3. What is not as it should be is passed over.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_TOKEN = re.compile(
    rb"[\0\t\n\f\r ]*(?:%[^\r\n]*[\0\t\n\f\r ]*)*"
    rb"(?:(?P<open><<|\[)|(?P<close>>>|\])|(?P<hex><[0-9A-Fa-f\s]*>)|(?P<string>\()"
    rb"|/(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*)|(?P<ref>\d{1,9}\s+\d{1,5}\s+R\b)"
    rb"|(?P<number>[+-]?(?:\d{1,18}\.?\d{0,18}|\.\d{1,18}))"
    rb"|(?P<word>[^\0\t\n\f\r ()<>\[\]{}/%]+|.))",
    re.DOTALL,
)
_IN_STRING = re.compile(rb"[^()\\]*(?:\\.[^()\\]*)*[()]", re.DOTALL)
_ESCAPED = re.compile(rb"\\(?:([0-7]{1,3})|\r\n|(.))|\r\n?", re.DOTALL)
_MEANING = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b""}
_HASHED = re.compile(rb"#([0-9A-Fa-f]{2})")
_DEEPEST = 64
_MOST_PARENTHESES = 10_000


class Name(str):
    """A name: `/Type`, without its slash."""

    __slots__ = ()


class Reference(NamedTuple):
    """A reference to an object."""

    number: int


class Word(NamedTuple):
    """A keyword or an operator."""

    text: bytes


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


def parsed(data: bytes, at: int, end: int) -> tuple[Any, int]:
    """The object that begins at an offset, and where it ends; None where there is none."""
    frames: list[_Frame] = []
    while (token := _TOKEN.match(data, at, end)) is not None:
        at = token.end()
        if token["open"] and len(frames) < _DEEPEST:
            frames.append(_Frame(token["open"] == b"<<"))
            continue
        if token["close"]:
            if not frames:
                return None, at
            value = frames.pop().value()
        else:
            value, at = _simple(data, token, at, end)
        if isinstance(value, Word) and value.text in (b"endobj", b"stream", b"obj"):
            return (frames[0].value() if frames else None), token.start()
        if not frames:
            return value, at
        frames[-1].items.append(value)
    return (frames[0].value() if frames else None), end


def _simple(data: bytes, token: re.Match[bytes], at: int, end: int) -> tuple[Any, int]:
    if token["string"]:
        return literal(data, at, end)
    if token["hex"]:
        return from_hex(token["hex"]), at
    if token["name"] is not None:
        return Name(_HASHED.sub(lambda two: bytes([int(two[1], 16)]), token["name"]).decode("latin-1")), at
    if token["ref"]:
        return Reference(int(token["ref"].split()[0])), at
    if token["number"]:
        number = token["number"]
        return (float(number) if b"." in number else int(number)), at
    return Word(token["word"]), at


def literal(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The string whose opening parenthesis stands before an offset, and where it ends (7.3.4.2)."""
    start, open_ = at, 1
    for _ in range(_MOST_PARENTHESES):
        part = _IN_STRING.match(data, at, end)
        if part is None:
            return unescaped(data[start:end]), end
        at = part.end()
        open_ += 1 if data[at - 1 : at] == b"(" else -1
        if not open_:
            break
    return unescaped(data[start : at - 1]), at


def unescaped(written: bytes) -> bytes:
    """What a literal string stands for."""

    def meant(escape: re.Match[bytes]) -> bytes:
        if escape[1]:
            return bytes([int(escape[1], 8) & 0xFF])
        if escape[2]:
            return _MEANING.get(escape[2], escape[2])
        return b"" if escape[0][:1] == b"\\" else b"\n"

    return _ESCAPED.sub(meant, written) if b"\\" in written or b"\r" in written else written


def from_hex(written: bytes) -> bytes:
    """What a hexadecimal string stands for (7.3.4.3)."""
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", written)
    return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def as_text(value: bytes) -> bytes:
    """A text string as UTF-8: UTF-16 where its mark says so, else as it stands (7.9.2.2)."""
    if value.startswith((b"\xfe\xff", b"\xff\xfe")):
        return value.decode("utf-16", "replace").encode("utf-8", "replace")
    return value.removeprefix(b"\xef\xbb\xbf")
