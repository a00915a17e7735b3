"""Tokens that are written in base64."""

from __future__ import annotations

import base64

_LONG = 16


def stands_for(written: bytes) -> bytes:
    """What a token is: its bytes.

    What is no base64 is itself. What is long and whose bytes are no text may be a value as it is written: it is both.
    """
    try:
        token = base64.b64decode(written, validate=True)
    except ValueError:
        return written
    if len(written) >= _LONG and not _is_text(token):
        return token + b"\n" + written
    return token


def _is_text(token: bytes) -> bool:
    if token.isascii():
        return True
    try:
        token.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
