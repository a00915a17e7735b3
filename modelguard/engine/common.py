"""Patterns of one form that share one hunt: a vendor's name, a word such as key, and a value behind a separator.

There are thousands of them, and text that holds a name is much more common than text that holds a value. So the fast
engine looks for the word and the value alone, once for all patterns, and only where it sees them for the names before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from modelguard.engine.interface import Pattern

WORDS = "key|token|secret|auth|passw|credential|bearer|access|private|pwd|pat\\b"
"""One of these stands between the name and the value."""

SEPARATORS = r"""[\s"'`=:>(,|\[{/@]"""
"""One of these stands before the value."""

VALUE = r"(?P<value>[A-Za-z_+/=.~:$!*-]{0,160}[0-9][\w+/=.~:$!*-]{4}|[A-Za-z_+/=.~:$!*-]{6,160}[0-9])"
"""How every value of a common pattern begins: of ten characters and more, what has a digit in the first 161."""

HUNT = (
    r"(?i:(?:key|token|secret|auth|passw|credential|bearer|access|private|pwd|pat\b))(?:[^\x0d\x0a]){0,24}"
    r"[\s\x22\x27\x60\x3d\x3a\x3e\x28\x2c\x7c\x5b\x7b\x2f\x40\x5cnrt]"
    r"(?:(?:(?:[A-Za-z\x5f\x2b\x2f\x3d\x2e\x7e\x3a\x24\x21\x2a\x2d\x5c]){0,160}[0-9]"
    r"(?:[\w\x2b\x2f\x3d\x2e\x7e\x3a\x24\x21\x2a\x2d\x5c]){4,4}"
    r"|(?:[A-Za-z\x5f\x2b\x2f\x3d\x2e\x7e\x3a\x24\x21\x2a\x2d\x5c]){6,160}[0-9]))"
)
"""The hunting form of a word, a separator and VALUE; `tests/engine/test_common.py` holds it to `syntax.derive`."""

GAP, WORD_GAP = 40, 24
"""How many characters may stand between the name and the word, and between that and the separator."""

LONGEST_NAME = 48
"""Names match no more than so many characters."""

CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.~:$!*-"
"""What values of common patterns are made of."""

_MAY_BE_VALUE = CHARACTERS + b"\\"  # what a view would show as something else
_SHAPE = re.compile(VALUE.encode("ascii"))
_WORD = re.compile(f"(?i:{WORDS})".encode("ascii"))
_VALUE_REACH = 6 + WORD_GAP + 1 + 161 + 4 + 6
"""From the beginning of a word to the end of the common hunt, in bytes, and a few more."""
_WORD_REACH = 10 + WORD_GAP + 1
"""How far before a value a word begins, in bytes; what looks like a value may begin with the word itself."""
NAME_REACH = LONGEST_NAME + GAP + 24
"""How far before a word its name may begin: there may be more of the rule's word before the one that is hunted."""
REACH = _VALUE_REACH + NAME_REACH
"""How far before an end of the common hunt a name may begin."""


def has_shape(value: bytes) -> bool:
    """Whether a value is one that a common pattern may have."""
    return _SHAPE.match(value) is not None


def listed_names(patterns: Sequence[Pattern]) -> dict[str, list[int]]:
    """The keywords of all common patterns, in order, each with the patterns that have it."""
    listed: dict[str, list[int]] = {}
    for number, pattern in enumerate(patterns):
        if pattern.common:
            for keyword in pattern.keywords:
                listed.setdefault(keyword, []).append(number)
    return dict(sorted(listed.items()))


def close_ends(ends: Iterable[int]) -> Iterator[list[int]]:
    """Ends of the common hunt in runs that are looked at as one: a value of many digits has as many ends."""
    run: list[int] = []
    for end in sorted(ends):
        if run and (end - run[-1] > _CLOSE or end - run[0] > _LONGEST_RUN):
            yield run
            run = []
        run.append(end)
    if run:
        yield run


_CLOSE, _LONGEST_RUN = 16, 128  # in bytes; about one value


def before_words(text: bytes, runs: Iterable[Sequence[int]]) -> dict[int, list[int]]:
    """Where the words begin that stand before runs of ends of the common hunt, each with the ends behind it."""
    found: dict[int, list[int]] = {}
    for run in runs:
        before = text[max(0, run[0] - _VALUE_REACH) : run[0]]
        first = run[0] - len(before) + max(0, len(before.rstrip(_MAY_BE_VALUE)) - _WORD_REACH)
        for word in _WORD.finditer(text, first, run[-1]):
            found.setdefault(word.start(), []).extend(end for end in run if end > word.start())
    return found
