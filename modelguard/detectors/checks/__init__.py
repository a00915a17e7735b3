"""What must hold for a match to become a finding: the table of checks, by the names that rules use.

A filter drops the match when it fails. A proof never drops it: it says passed or failed, or reads what the value says
of itself. A strict proof drops it where it fails: for what ninety of a hundred numbers fail that happen to stand there.
Each takes the value as text (undecodable bytes as Latin-1) and the argument after `>=` or `:`, if it has one. A check
of the line takes what stands before the value, the value, and what stands behind it; it drops the match, too. So does
one of what stands around the value, which sees more than the line.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from importlib import import_module

from modelguard.detectors.checks import (
    assigned,
    cards,
    characters,
    emails,
    ibans,
    lines,
    national_ids,
    neighbours,
    phones,
    placeholders,
    proofs,
)
from modelguard.detectors.checks.reading import Reading
from modelguard.rules.interface import AROUND_CHECK, LINE_CHECK
from modelguard.rules.national_numbers import KINDS, WITHOUT_CHECKSUM

__all__ = [
    "AROUND",
    "DROPPING",
    "FILTERS",
    "LINES",
    "PROOFS",
    "READINGS",
    "STRICT_PROOFS",
    "look_at_line",
    "parse",
    "read",
]

CheckFunction = Callable[[str, str], bool]
LineFunction = Callable[[str, str, str], bool]

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
    "national-number": national_ids.national_id,
    "personal-email": emails.personal_email,
    "phone-number": phones.phone_number,
    "card-number": cards.payment_card,
}

PROOFS: dict[str, CheckFunction] = {
    "crc32-base62": proofs.crc32_base62,
    "crc16-base32": proofs.crc16_base32,
    "luhn": proofs.luhn,
    "base64-json": proofs.base64_json,
    "base64-text": proofs.base64_text,
    "tagged-json": proofs.tagged_json,
}

READINGS: dict[str, tuple[str, str]] = {
    "private-key": ("private_keys", "private_key"),
    "pgp-key": ("pgp_keys", "pgp_key"),
    "jwt": ("json_tokens", "jwt"),
    "aws-account": ("aws_ids", "aws_account"),
    "crc32-hex": ("checksums", "crc32_hex"),
    "crc32-base36": ("checksums", "crc32_base36"),
    "base64-bytes": ("checksums", "base64_bytes"),
    "pypi-macaroon": ("macaroons", "pypi_macaroon"),
    "discord-bot": ("snowflakes", "discord_bot"),
    "signed-url": ("expiry", "signed_url"),
    "url-host": ("url_hosts", "url_host"),
}
"""Proofs that read the value: the module of each, imported when it is first asked for, and the function in it, which
takes the line around the value, too."""

_IN_LINE = frozenset({"signed-url", "url-host"})
"""Those for which the line matters."""


STRICT_PROOFS: dict[str, CheckFunction] = {
    "payment-card": cards.payment_card,
    "iban": ibans.iban,
    "national-id": national_ids.national_id,
}

LINES: dict[str, LineFunction] = {
    "alone": lines.alone,
    "not-authorship": lines.not_authorship,
    "not-login": lines.not_login,
    "no-sum": lines.no_sum,
    "bare": lines.bare,
    "whole-entry": lines.whole_entry,
    "before-bytes": lines.before_bytes,
}
"""By the names that stand behind `line:`."""

AROUND: dict[str, LineFunction] = {"no-other-numbers": neighbours.no_other_numbers}
"""By the names that stand behind `around:`."""

ARGUMENTS: dict[str, Collection[str]] = {
    LINE_CHECK: LINES,
    AROUND_CHECK: AROUND,
    "national-id": KINDS - WITHOUT_CHECKSUM,
    "national-number": KINDS,
}
"""The only arguments that some checks take."""

DROPPING = {**FILTERS, **STRICT_PROOFS}
"""Those that drop a match by its value alone."""


def read(name: str, value: str, argument: str, line: str) -> Reading:
    """What a proof says of a value that stands in `line` (needed for those that look at it only)."""
    if name in PROOFS:
        return Reading(PROOFS[name](value, argument))
    module, function = READINGS[name]
    reading: Callable[[str, str, str], Reading] = getattr(import_module(f"{__name__}.{module}"), function)
    return reading(value, argument, line)


@cache
def look_at_line(checks: tuple[str, ...]) -> bool:
    """Whether one of the checks of a rule looks at the line around the value."""
    return any(parse(check)[0] in _IN_LINE for check in checks)


def parse(check: str) -> tuple[str, str]:
    """The name and the argument of a check as a rule writes it: `entropy>=3.3`, `base64-json:api_address`.

    Raises:
        KeyError: no such check, or not with this argument.
    """
    for separator in (">=", ":"):
        name, found, argument = check.partition(separator)
        if found:
            break
    if not any(name in table for table in (FILTERS, PROOFS, READINGS, STRICT_PROOFS, (LINE_CHECK, AROUND_CHECK))):
        raise KeyError(name)
    if name in ARGUMENTS and argument not in ARGUMENTS[name]:
        raise KeyError(check)
    return name, argument
