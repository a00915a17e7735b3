"""Escapes among plain characters: percent-encoding (RFC 3986, section 2.1), `\\x41`, `\\u0041` and HTML entities."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from modelguard.readers.decode.interface import Bounds, Hint, Layer

_BEFORE, _AFTER = 4096, 12 * 1024
_NAMED: Mapping[bytes, bytes] = {
    b"quot": b'"',
    b"amp": b"&",
    b"lt": b"<",
    b"gt": b">",
    b"apos": b"'",
    b"nbsp": b" ",
    b"colon": b":",
    b"commat": b"@",
    b"equals": b"=",
    b"lowbar": b"_",
    b"period": b".",
    b"sol": b"/",
}
"""The names that encoders of HTML write, and those of what holds addresses together; of others, no value is made."""

_Kind = tuple[str, "re.Pattern[bytes]", Callable[["re.Match[bytes]"], bytes]]


def _hex(found: re.Match[bytes]) -> bytes:
    return _character(int(found[1], 16))


def _byte(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)])


def _entity(found: re.Match[bytes]) -> bytes:
    decimal, digits, name = found.groups()
    if name is not None:
        return _NAMED[name.lower()]
    return _character(int(decimal) if decimal is not None else int(digits, 16))


def _character(code: int) -> bytes:
    return chr(code).encode("utf-8", "replace") if code < 0x110000 else b"?"


_KINDS: tuple[_Kind, ...] = (
    ("percent", re.compile(rb"%([0-9A-Fa-f]{2})"), _byte),
    ("\\x", re.compile(rb"\\x([0-9A-Fa-f]{2})"), _byte),
    ("\\u", re.compile(rb"\\u([0-9A-Fa-f]{4})"), _hex),
    (
        "html",
        re.compile(rb"&(?:#([0-9]{1,7})|#[xX]([0-9A-Fa-f]{1,6})|((?i:" + b"|".join(_NAMED) + rb")));"),
        _entity,
    ),
)


def read_escapes(text: bytes, hint: Hint, bounds: Bounds) -> list[Layer]:
    """The line around a hint, as far as a value may reach, once for each kind of escape that stands in it."""
    low = max(bounds.low, hint.end - _BEFORE)
    start = max(low, text.rfind(b"\n", low, hint.end) + 1)
    high = min(len(text), hint.end + _AFTER)
    newline = text.find(b"\n", hint.end, high)
    end = high if newline < 0 else newline
    nothing = Layer("", b"", start, end)
    layers = [substituted(name, text[start:end], start, escape, shown) for name, escape, shown in _KINDS]
    return [nothing, *(layer for layer in layers if layer is not None)]


def substituted(
    name: str, part: bytes, start: int, escape: re.Pattern[bytes], shown: Callable[[re.Match[bytes]], bytes]
) -> Layer | None:
    """The layer that a part of a text, which begins at `start` there, is without its escapes; None if it has none."""
    parts: list[bytes] = []
    steps: list[tuple[int, int]] = []
    length = at = 0
    for found in escape.finditer(part):
        character = shown(found)
        steps += (length, start + at), (length + found.start() - at, start + found.start())
        parts += part[at : found.start()], character
        length += found.start() - at + len(character)
        at = found.end()
    if not at:
        return None
    steps.append((length, start + at))
    parts.append(part[at:])
    return Layer(name, b"".join(parts), start, start + len(part), tuple(steps), (1, 1), escaped=True)
