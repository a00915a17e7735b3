"""The bytes behind the base64 of a key, however source code, settings and logs write it down.

A body may be one line or many, with `\\n` written out, quoted and joined line by line, indented, commented out, quoted
in a mail or a diff. Each of these is read in turn; the bytes themselves tell which reading was right.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

_CHARACTERS = {"2b": "+", "2f": "/", "3d": "=", "0a": "\n", "0d": "\n"}
_CODED = re.compile(r"(?:\\u00|%)(2b|2f|3d|0a|0d)", re.IGNORECASE)
_BREAK = re.compile(r"\\{1,8}[nrt]|&#x?[0-9A-Fa-f]{1,4};|<br ?/?>")
_HEADER = re.compile(
    r"Proc-Type:\s*4,ENCRYPTED|DEK-Info:\s*[\w-]{1,30},[0-9A-Fa-f]{0,64}"
    r"|\b(?:Version|Comment|Hash|MessageID|Charset):[^\n]{0,200}?(?=\s{2}|\n|$)"
)
_HEAD = 1000
_LONE_PLUS = re.compile(r"(?<![A-Za-z0-9+/=])\+(?![A-Za-z0-9+/=])")
_OTHER = re.compile(r"[^A-Za-z0-9+/=]+")
_RUN = re.compile(r"[A-Za-z0-9+/=]+")
_QUOTED_RUN = re.compile(r"[\"'`]([A-Za-z0-9+/=]+)")
_LINE_PREFIX = re.compile(r"(?m)^[ \t]*(?:\+|//+|[#*>|]+)[ \t]*")
_START = re.compile(r"M[CDEFGHIJ]|b3BlbnNzaC1rZXkt")
_MOST_BEFORE = 200


def is_encrypted(block: str) -> bool:
    """Whether a PEM block says that its body is encrypted (RFC 1421, section 4.6.1.1)."""
    return "4,ENCRYPTED" in block


def bodies(block: str) -> Iterator[bytes]:
    """What the body of a PEM block may decode to, the likeliest first. `block` begins with `-----BEGIN`."""
    body = block.split("-----", 2)[-1].partition("-----END")[0]
    return decoded_bodies(body)


def decoded_bodies(body: str) -> Iterator[bytes]:
    """What base64 text may decode to, the likeliest first."""
    body = _CODED.sub(lambda found: _CHARACTERS[found[1].lower()], body)
    body = _BREAK.sub("\n", body)
    body = _HEADER.sub("\n", body[:_HEAD]) + body[_HEAD:]
    seen = set()
    for text in _readings(body):
        if text not in seen:
            seen.add(text)
            yield _decoded(text)


def _readings(body: str) -> Iterator[str]:
    whole = _OTHER.sub("", _LONE_PLUS.sub(" ", body))
    yield whole
    lines = body.splitlines()
    pattern = _QUOTED_RUN if any(map(_QUOTED_RUN.search, lines)) else _RUN
    yield "".join(max(pattern.findall(line), key=len, default="") for line in lines)
    yield _OTHER.sub("", _LINE_PREFIX.sub("", body))
    start = _START.search(whole, 1, _MOST_BEFORE)
    if start:
        yield whole[start.start() :]


def _decoded(text: str) -> bytes:
    text = text.partition("=")[0]
    if len(text) % 4 == 1:
        text = text[:-1]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
