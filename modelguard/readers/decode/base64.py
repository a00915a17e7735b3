"""Base64 (RFC 4648, sections 4 and 5: both alphabets), wrapped or not, and what is compressed within."""

from __future__ import annotations

import binascii
from collections.abc import Iterator

from modelguard.readers.decode.compressed import inflated, is_zlib
from modelguard.readers.decode.interface import AROUND, Bounds, Hint, Layer, is_text
from modelguard.readers.decode.runs import BASE64, Run, run_around

_STANDARD = bytes.maketrans(b"-_", b"+/")
_NEAR = 32
_BREAKS = b"\r\n \t"
_GZIP, _GZIP_HINT = b"H4sI", 20
_ZLIB, _ZLIB_HINT = b"e", 23


def read_base64(text: bytes, hint: Hint, bounds: Bounds) -> list[Layer]:
    """What is encoded around a hint; every way of cutting it into groups of four is tried that gives text there."""
    end, reach = hint.end, bounds.budget.encoded_bytes // 2
    before = _plain(text[max(0, end - _NEAR) : end])
    before = before[len(before.rstrip(BASE64)) :]
    after = _plain(text[end : end + _NEAR])
    after = after[: len(after) - len(after.lstrip(BASE64))]
    if not any(True for _ in _beginnings(before + after, len(before))):  # as in most pictures
        return []
    run = run_around(text, end, BASE64, max(bounds.low, end - reach), min(len(text), end + reach))
    joined = run.joined(text)
    return [_layer(text, run, joined, first, bounds) for first in _beginnings(joined, _offset(run, end))]


def _plain(part: bytes) -> bytes:
    """Without what may stand where a line was wrapped."""
    return part.replace(b"\\n", b"").replace(b"\\/", b"/").translate(None, _BREAKS)


def _offset(run: Run, end: int) -> int:
    length = 0
    for start, stop in run.pieces:
        if start <= end <= stop:
            return length + end - start
        length += stop - start
    return length


def _beginnings(joined: bytes, at: int) -> Iterator[int]:
    """Where a group may begin so that there is text around the offset `at`, or something compressed before it."""
    if joined.startswith(_GZIP, max(0, at - _GZIP_HINT)):
        yield max(0, at - _GZIP_HINT)
    elif joined.startswith(_ZLIB, max(0, at - _ZLIB_HINT)) and is_zlib(decode(joined[at - _ZLIB_HINT : at])):
        yield at - _ZLIB_HINT
    for first in range(4):
        group = first + max(0, (at - 8 - first) // 4) * 4
        decoded = decode(joined[group : at + 4 * AROUND // 3 + 1])
        mark = max(0, (at - group) * 3 // 4 - 2)
        if is_text(decoded[mark : mark + 2 + AROUND]):
            yield first


def decode(encoded: bytes) -> bytes:
    """The bytes that whole characters stand for; a last character that tells nothing is left out."""
    size = len(encoded) // 4 * 4 + (0 if len(encoded) % 4 < 2 else len(encoded) % 4)
    return binascii.a2b_base64(encoded[:size].translate(_STANDARD) + b"=" * (-size % 4))


def _layer(text: bytes, run: Run, joined: bytes, first: int, bounds: Bounds) -> Layer:
    decoded = decode(joined[first:])
    start, end = run.pieces[0][0], run.pieces[-1][1]
    while text[end : end + 1] == b"=":
        end += 1
    within = inflated(decoded, bounds.most)
    if within is not None:
        name, content, cut = within
        return Layer(f"base64 → {name}", content, start, end, cut=cut)
    return Layer("base64", decoded, start, end, run.steps(), (4, 3), first)
