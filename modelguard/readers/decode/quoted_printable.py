"""Quoted-printable (RFC 2045, section 6.7): `=3D` for `=`, and lines that end with `=` go on in the next one."""

from __future__ import annotations

import re

from modelguard.readers.decode.escapes import substituted
from modelguard.readers.decode.interface import Bounds, Hint, Layer

_ESCAPE = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]*\r?\n)")
_BEFORE = 4096


def read_quoted_printable(text: bytes, hint: Hint, bounds: Bounds) -> list[Layer]:
    """What follows a hint, and the lines before it: a mail says it in its header, and is written so to its end."""
    low = max(bounds.low, hint.end - _BEFORE)
    start = max(low, text.rfind(b"\n", low, hint.end) + 1)
    part = text[start : hint.end + bounds.budget.encoded_bytes]
    layer = substituted("quoted-printable", part, start, _ESCAPE, _shown)
    return [Layer("", b"", start, start + len(part)) if layer is None else layer]


def _shown(found: re.Match[bytes]) -> bytes:
    return b"" if found[1] is None else bytes([int(found[1], 16)])
