"""What must hold for a match to become a finding: the table of checks, by the names that rules use.

A filter drops the match when it fails. A proof never drops it: it says passed or failed.
Each takes the value as text (undecodable bytes as Latin-1) and the argument after `>=` or `:`, if it has one.
"""

from __future__ import annotations

from collections.abc import Callable

from modelguard.detectors.checks import assigned, characters, placeholders, proofs

CheckFunction = Callable[[str, str], bool]

FILTERS: dict[str, CheckFunction] = {
    "not-placeholder": placeholders.not_placeholder,
    "entropy": characters.entropy_at_least,
    "has-digit": characters.has_digit,
    "has-letter": characters.has_letter,
    "has-upper": characters.has_upper,
    "has-lower": characters.has_lower,
    "not-hex": characters.not_hex,
    "not-uuid": characters.not_uuid,
    "not-identifier": characters.not_identifier,
    "key-block": proofs.key_block,
    "url-password": placeholders.url_password,
    "assigned-value": assigned.assigned_value,
}

PROOFS: dict[str, CheckFunction] = {
    "crc32-base62": proofs.crc32_base62,
    "crc16-base32": proofs.crc16_base32,
    "luhn": proofs.luhn,
    "jwt": proofs.jwt,
    "base64-json": proofs.base64_json,
    "base64-text": proofs.base64_text,
}


def parse(check: str) -> tuple[str, str]:
    """The name and the argument of a check as a rule writes it: `entropy>=3.3`, `base64-json:api_address`.

    Raises:
        KeyError: no such check.
    """
    for separator in (">=", ":"):
        name, found, argument = check.partition(separator)
        if found:
            break
    if name not in FILTERS and name not in PROOFS:
        raise KeyError(name)
    return name, argument
