"""What names a finding from one scan to the next, without helping anybody to guess its value.

A long random token is named by a digest of rule and value: it survives moves, renames and reformatting, and nobody can
search 2^64 values. A value that can be guessed (personal data, a password) is named by rule, file and masked line, with
16 bits of a slow salted hash: a changed value is noticed, and each tag fits one guess in 65,536.
What is told once a file is one finding, whatever member or line of it it stands in, and in whatever other file.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from modelguard.detectors.checks.characters import shannon_entropy
from modelguard.detectors.interface import Match
from modelguard.model import Category

_UNGUESSABLE_BITS = 64
_UNGUESSABLE_BITS_GENERIC = 100
_COST = 2**10  # scrypt's N: about 1 MiB and 3 ms a value
_BLANKS = re.compile(r"\s+")
_REVISION = re.compile(r"(hf://[a-z]+/[^@]+)@[0-9a-f]{12}/")
"""The commit at which a file of a Hub was read: the next one does not make it another file."""


def fingerprint(match: Match, path: str, masked_line: str) -> str:
    """32 hexadecimal digits, or 28 and a tag of 4 for a value that can be guessed."""
    rule = match.rule
    if path.startswith("hf://"):
        path = _REVISION.sub(r"\1/", path, count=1)
    if rule.once:
        path = masked_line = ""
    return _named(rule.id, rule.category, rule.generic, match.value, path, masked_line)


@lru_cache(maxsize=4096)
def _named(rule: str, category: Category, generic: bool, value: bytes, path: str, masked_line: str) -> str:
    if not guessable(category, generic, value):
        return hashlib.sha256(b"modelguard/1\0" + rule.encode() + b"\0" + value).hexdigest()[:32]
    line = _BLANKS.sub(" ", masked_line).strip()
    if category is Category.CONFIG:  # a setting is no secret
        line += f" {value!r}"
    told = (b"modelguard/1 place", rule.encode(), path.encode(), line.encode("utf-8", "replace"))
    place = hashlib.sha256(b"\0".join(told))
    if category is Category.CONFIG:
        return place.hexdigest()[:32]
    return place.hexdigest()[:28] + _tag(value, place.digest())


def guessable(category: Category, generic: bool, value: bytes) -> bool:
    """Whether a patient person could guess a value from its digest; `generic` says that its rule knows no format."""
    needed = _UNGUESSABLE_BITS_GENERIC if generic else _UNGUESSABLE_BITS
    if category is not Category.SECRET:
        return True
    text = value.decode("latin-1")
    return shannon_entropy(text) * len(text) < needed


def _tag(value: bytes, salt: bytes) -> str:
    return hashlib.scrypt(value, salt=salt, n=_COST, r=8, p=1, dklen=2).hex()
