"""Checksums that tokens end with, and bytes that base64 must come to."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from urllib.parse import unquote

from modelguard.detectors.checks.reading import Reading

_ROUTABLE = re.compile(r"(.*\.[0-9a-z]{2})([0-9a-z]{7})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def crc32_hex(value: str, argument: str, line: str) -> Reading:
    """The last part is the CRC-32 of what precedes its `_`, lowest byte first (Grafana, pkg/components/satokengen)."""
    body, _, checksum = value.rpartition("_")
    return Reading(checksum == zlib.crc32(body.encode()).to_bytes(4, "little").hex())


def crc32_base36(value: str, argument: str, line: str) -> Reading:
    """The last seven digits are the CRC-32 of all before, in base 36; a token of the older form has none.

    Source: GitLab, lib/authn/token_field/generator/routable_token.rb.
    """
    found = _ROUTABLE.fullmatch(value)
    if found is None:
        return Reading()
    number = zlib.crc32(found[1].encode())
    digits = ""
    for _ in range(7):
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return Reading(digits == found[2])


def base64_bytes(value: str, argument: str, line: str) -> Reading:
    """Base64 of exactly `argument` bytes, as an encoder writes it: the bits that are left over are zero."""
    text = unquote(value.removeprefix("base64:")).rstrip("=").translate(_URL_SAFE)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return Reading(False)
    return Reading(len(raw) == int(argument) and base64.b64encode(raw).decode().rstrip("=") == text)


_URL_SAFE = str.maketrans("-_", "+/")
