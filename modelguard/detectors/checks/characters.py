"""Checks on the characters of a value: entropy, classes, hexadecimal digits, words joined into a name."""

from __future__ import annotations

import math
import re
from collections import Counter

_HEX = re.compile(r"[0-9a-fA-F]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_FIRST_WORD = r"(?:[a-z]{3,}(?![a-z])|[A-Z]+[a-z]{2,}(?![a-z])|[A-Z]{2,}(?![A-Za-z]))"
_WORD = r"(?:[A-Z]*[a-z]{2,}(?![a-z])|[A-Z]{2,}(?![A-Za-z])|[0-9]+(?![0-9]))"
_JOINED_WORDS = re.compile(
    f"{_FIRST_WORD}(?:[-_./:]?{_WORD})*"
)  # each run can be read in one way only: no backtracking


def shannon_entropy(text: str) -> float:
    """Bits a character, from the frequencies in `text` itself; 0 for an empty text."""
    size = len(text)
    return -sum(count / size * math.log2(count / size) for count in Counter(text).values())


def entropy_at_least(value: str, argument: str) -> bool:
    """Shannon entropy of at least `argument` bits a character."""
    return shannon_entropy(value) >= float(argument)


def has_digit(value: str, argument: str) -> bool:
    """At least one digit."""
    return any(char.isdigit() for char in value)


def has_letter(value: str, argument: str) -> bool:
    """At least one letter."""
    return any(char.isalpha() for char in value)


def has_upper(value: str, argument: str) -> bool:
    """At least one capital."""
    return any(char.isupper() for char in value)


def has_lower(value: str, argument: str) -> bool:
    """At least one lower-case letter."""
    return any(char.islower() for char in value)


def not_hex(value: str, argument: str) -> bool:
    """Something other than hexadecimal digits."""
    return not _HEX.fullmatch(value)


def not_uuid(value: str, argument: str) -> bool:
    """Not a UUID."""
    return not _UUID.fullmatch(value)


def not_identifier(value: str, argument: str) -> bool:
    """Does not read like words joined into a name or path: `getAccessToken`, `api-key-name`, `some/module.py`."""
    return not _JOINED_WORDS.fullmatch(value)
