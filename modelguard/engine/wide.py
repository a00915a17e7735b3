"""Keywords in wide characters: what a text of two or four bytes a character holds if any pattern can match in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from modelguard.engine.common import WORDS
from modelguard.engine.interface import Pattern

STEM = 3
"""Of a keyword, so many letters tell enough: little text of wide characters holds none of them."""

_COMMON = tuple(word.removesuffix("\\b") for word in WORDS.split("|"))

STEPS = (2, 4)
"""Bytes a character: UTF-16 and UTF-32, in either byte order, since its NULs are all between a keyword's letters."""


def shortest_keywords(keywords: Iterable[str]) -> list[str]:
    """`keywords` without those that hold another one."""
    kept: list[str] = []
    for word in sorted(set(keywords), key=lambda word: (len(word), word)):
        if not any(shorter in word for shorter in kept):
            kept.append(word)
    return kept


def wide_keywords(patterns: Iterable[Pattern]) -> list[str]:
    """What to look for: the keywords of patterns, and for all that are common the words that each of them holds."""
    found: set[str] = set()
    for pattern in patterns:
        found.update(_COMMON if pattern.common else pattern.keywords)
    return sorted({word[:STEM] for word in found})


def wide_literals(keywords: Iterable[str]) -> list[bytes]:
    """Each keyword in wide characters, from its first letter to its last."""
    words = shortest_keywords(keywords)
    return [(b"\0" * (step - 1)).join(bytes([byte]) for byte in word.encode()) for word in words for step in STEPS]


def wide_hunts(keywords: Iterable[str]) -> list[str]:
    """The same as patterns for the fast engine, in any case."""
    return [f"(?i:{escaped(text.decode('latin-1'))})" for text in wide_literals(keywords)]


def escaped(text: str) -> str:
    """A literal as both engines read it in a pattern."""
    return re.sub(r"[^A-Za-z0-9]", _escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"
