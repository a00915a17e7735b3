"""The pattern of a value without a mark of its own: its vendor's name, a word such as key, a separator, the value."""

from __future__ import annotations

from collections.abc import Sequence

from modelguard.engine.common import GAP, SEPARATORS, WORD_GAP, WORDS


def name_pattern(names: Sequence[str]) -> str:
    """The pattern of the name alone."""
    return "(?i:" + "|".join(names) + ")"


def near_pattern(names: Sequence[str], value: str, word: str | None = WORDS) -> tuple[str, ...]:
    """The pattern for `near`, `value` and `word` of a rule file, in parts (see `engine.syntax.derive`)."""
    name = name_pattern(names)
    separators = SEPARATORS.replace("/", "") if "/" in value else SEPARATORS
    last = rf"{separators}(?P<value>{value})(?![\w\-])"
    if word is None:
        return rf"{name}[^\r\n]{{0,32}}?", last
    return rf"{name}[^\r\n]{{0,{GAP}}}?", rf"(?i:{word})[^\r\n]{{0,{WORD_GAP}}}?", last
