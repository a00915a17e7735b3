"""Checks that a format carries in itself: checksums and structures."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from modelguard.rules.base62 import base62_crc

_CARD_SEPARATORS = re.compile(r"[ -]")
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=]{16,}")
_MAX_DECODED = 64 * 1024


def crc32_base62(value: str, argument: str) -> bool:
    """The last six characters are the CRC-32 of those between the prefix's `_` and them, in base 62."""
    payload = value.rpartition("_")[2]
    return len(payload) > 6 and base62_crc(payload[:-6]) == payload[-6:]


def crc16_base32(value: str, argument: str) -> bool:
    """The last two bytes of the base32 are the CRC-16 (XMODEM) of those before, as NATS keys carry it."""
    try:
        raw = base64.b32decode(value + "=" * (-len(value) % 8))
    except (binascii.Error, ValueError):
        return False
    return len(raw) > 2 and binascii.crc_hqx(raw[:-2], 0) == int.from_bytes(raw[-2:], "little")


def luhn(value: str, argument: str) -> bool:
    """The digits pass the Luhn check (ISO/IEC 7812-1, annex B); blanks and hyphens between them do not count."""
    digits = _CARD_SEPARATORS.sub("", value)
    if not (digits.isascii() and digits.isdigit()):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def base64_json(value: str, argument: str) -> bool:
    """Base64 of a JSON object that has the key `argument`."""
    document = json_object(value)
    return document is not None and argument in document


def base64_text(value: str, argument: str) -> bool:
    """Base64 of something that holds `argument`."""
    return argument.encode() in decoded(value)


def key_block(value: str, argument: str) -> bool:
    """A private key block with a body: at least 64 base64 characters that are no stand-in."""
    body = "".join(_KEY_BODY.findall(value.replace("\\n", "\n")))
    return len(body) >= 64 and len(set(body)) >= 16


def tagged_json(value: str, argument: str) -> bool:
    """A tag, `_`, and base64 of a JSON object that has the key `argument`; more may follow after another `_`."""
    document = json_object(value.split("_", 2)[1]) if "_" in value else None
    return document is not None and argument in document


def json_object(text: str) -> dict[str, Any] | None:
    """The JSON object that `text` is base64 or base64url of, if it is that of one."""
    try:
        document = json.loads(decoded(text))
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def decoded(text: str) -> bytes:
    """The bytes that `text` is base64 or base64url of; none if it is not."""
    text = text.rstrip("=")[:_MAX_DECODED]
    try:
        return base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""
