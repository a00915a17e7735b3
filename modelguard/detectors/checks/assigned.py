"""Judgement for the value of an assignment: whether it is a literal that somebody chose or generated."""

from __future__ import annotations

import re

from modelguard.detectors.checks.characters import shannon_entropy
from modelguard.detectors.checks.placeholders import not_placeholder

_CODE = re.compile(
    r"[A-Za-z_][\w.]*\(.*\)?$|^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|^[A-Za-z_][\w.]*\[.*|=>|->|::|&&|\|\||^function\b|^new\b"
)
_PATH = re.compile(r"^(?:~|\.{1,2})?/|^[A-Za-z]:[\\/]|^[a-z][a-z0-9+.-]{1,20}://|^[\w.-]+/[\w./-]+$")
_NAME = re.compile(r"^[A-Za-z_]+(?:[-_.: ][A-Za-z_]+)*$")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}")
_TELLING_WORD = re.compile(
    r"(?i:pass|secret|token|key|auth|cred|user|name|field|param|header|prefix|type|value|config)"
)


def assigned_value(value: str, argument: str) -> bool:
    """A literal with a mixture of characters: not code, a path, a type, a reference, a sentence or a word."""
    if not not_placeholder(value, "") or _CODE.search(value) or _PATH.match(value) or _DATE.match(value):
        return False
    if _NAME.match(value) or " " in value.strip():
        return False
    digits = sum(char.isdigit() for char in value)
    if digits == 0 and not _symbols_like_a_password(value):
        return False
    if value.replace(".", "").replace(",", "").isdigit() or (_TELLING_WORD.search(value) and digits < 3):
        return False
    return shannon_entropy(value) >= (3.0 if len(value) >= 16 else 2.5)


def _symbols_like_a_password(value: str) -> bool:
    symbols = sum(char in "!@#$%^&*+=?~" for char in value)
    return 1 <= symbols <= 4 and any(map(str.isupper, value)) and any(map(str.islower, value))
