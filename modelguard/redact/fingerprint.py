"""What names a finding from one scan to the next, without helping anybody to guess its value.

A long random token is named by a digest of rule and value: it survives moves, renames and reformatting, and nobody can
search 2^64 values. A value that can be guessed (personal data, a password) is named by rule, file and masked line, with
16 bits of a slow salted hash: a changed value is noticed, and each tag fits one guess in 65,536.
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


def fingerprint(match: Match, path: str, masked_line: str) -> str:
    """32 hexadecimal digits, or 28 and a tag of 4 for a value that can be guessed."""
    rule = match.rule.id.encode()
    if not guessable(match):
        return hashlib.sha256(b"modelguard/1\0" + rule + b"\0" + match.value).hexdigest()[:32]
    line = _BLANKS.sub(" ", masked_line).strip()
    if match.rule.category is Category.CONFIG:  # a setting is no secret
        line += f" {match.value!r}"
    place = hashlib.sha256(b"\0".join((b"modelguard/1 place", rule, path.encode(), line.encode("utf-8", "replace"))))
    if match.rule.category is Category.CONFIG:
        return place.hexdigest()[:32]
    return place.hexdigest()[:28] + _tag(match.value, place.digest())


def guessable(match: Match) -> bool:
    """Whether a patient person could guess the value from its digest."""
    text = match.value.decode("latin-1")
    needed = _UNGUESSABLE_BITS_GENERIC if match.rule.generic else _UNGUESSABLE_BITS
    if match.rule.category is not Category.SECRET:
        return True
    return shannon_entropy(text) * len(text) < needed


@lru_cache(maxsize=4096)
def _tag(value: bytes, salt: bytes) -> str:
    return hashlib.scrypt(value, salt=salt, n=_COST, r=8, p=1, dklen=2).hex()
