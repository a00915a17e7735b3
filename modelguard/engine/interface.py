"""The engine's nouns: a Pattern goes in, Spans come out, and every Engine gives the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one rule looks for, prepared for both engines.

    `regex` is the rule's own pattern in the syntax that `syntax.py` accepts, over bytes.
    `hunt` is a looser form of it for the fast engine: every match of `regex` holds the end of a match of `hunt`.
    `width` is the longest match of `regex` in bytes.
    `keywords` are lower-case literals of which every match holds at least one, in any case; empty: not known.
    `end` makes it unbounded: the match runs on to the end of the first match of `end`, or of `limit` bytes.
    `probe` asks only whether the text holds a match of `hunt`; its span is empty.
    """

    regex: str
    hunt: str
    width: int
    keywords: tuple[str, ...]
    end: str | None = None
    limit: int = 0
    probe: bool = False


class Span(NamedTuple):
    """One match: the pattern's index, and byte offsets of the whole match and of its value, ends excluded."""

    pattern: int
    start: int
    end: int
    value_start: int
    value_end: int


class Engine(Protocol):
    """Finds every match of every pattern in a text."""

    name: str

    def scan(self, text: bytes) -> list[Span]:
        """The spans in `text`, sorted; those of one pattern do not overlap."""
        ...
