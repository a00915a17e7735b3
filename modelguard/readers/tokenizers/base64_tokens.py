"""Tokens that are written in base64."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence

BASE64 = rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
"""A pattern of what is base64 as an encoder writes it (RFC 4648, section 4)."""

_is_base64 = re.compile(BASE64).fullmatch
_LONG = 16


def stands_for(written: bytes) -> bytes:
    """What a token is: its bytes.

    What is no base64 is itself. What is long and whose bytes are no text may be a value as it is written: it is both.
    """
    if not _is_base64(written):
        return written
    token = binascii.a2b_base64(written)
    if len(written) >= _LONG and not _is_text(token):
        return token + b"\n" + written
    return token


def all_stand_for(written: Sequence[bytes]) -> list[bytes]:
    """What tokens are, all of which are base64."""
    tokens = list(map(binascii.a2b_base64, written))
    for number, token in enumerate(written):
        if len(token) >= _LONG:
            tokens[number] = stands_for(token)
    return tokens


def _is_text(token: bytes) -> bool:
    if token.isascii():
        return True
    try:
        token.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
