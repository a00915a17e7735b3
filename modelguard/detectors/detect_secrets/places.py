"""Where in a line a value stands that a plugin names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_QUOTES = "'\"`"
_ONE_WORD = re.compile(r"[\w-]+")

PlaceSpan = tuple[int, int]
"""Characters of a line: the first, and the one after the last."""


def places(line: str, value: str | None, patterns: Sequence[re.Pattern[str]]) -> list[PlaceSpan]:
    """Where the value stands in the line, or the whole line where it does not stand there as it is."""
    found = [span for pattern in patterns for match in pattern.finditer(line) for span in _matched(match, value)]
    if not found and value:
        found = _telling(line, [at.span() for at in re.finditer(re.escape(value), line)])
    return found or [(len(line) - len(line.lstrip() or line), len(line))]


def _matched(match: re.Match[str], value: str | None) -> Iterator[PlaceSpan]:
    """The span of the value in a match of its pattern.

    Some patterns have a group for a token's prefix, which the library then takes for the value; a match that is one
    word is the token itself.
    """
    for group in range(match.re.groups + 1):
        if value and match[group] == value:
            yield match.span(0 if _ONE_WORD.fullmatch(match[0]) else group)
            return


def everywhere(line: str, found: list[PlaceSpan]) -> list[PlaceSpan]:
    """Every span of the line that holds the same text as one of these places."""
    texts = {line[start:end] for start, end in found}
    return [at.span() for text in texts for at in re.finditer(re.escape(text), line)]


def in_bytes(line: str, encoding: str, offset: int, spans: list[PlaceSpan]) -> list[PlaceSpan]:
    """Spans of characters as spans of bytes, counted from where the line's text begins."""
    if encoding == "latin-1" or line.isascii():
        return [(offset + start, offset + end) for start, end in spans]
    starts = [(offset + len(line[:start].encode()), line[start:end].encode()) for start, end in spans]
    return [(start, start + len(value)) for start, value in starts]


def _telling(line: str, spans: list[PlaceSpan]) -> list[PlaceSpan]:
    """Of all places of a value those that look most like it: in quotes, else not within a word, else all."""
    for test in (_in_quotes, _on_its_own):
        chosen = [span for span in spans if test(line, *span)]
        if chosen:
            return chosen
    return spans


def _in_quotes(line: str, start: int, end: int) -> bool:
    before, behind = line[max(start - 1, 0) : start], line[end : end + 1]
    return before == behind and before != "" and before in _QUOTES


def _on_its_own(line: str, start: int, end: int) -> bool:
    return not re.search(r"\w", line[max(start - 1, 0) : start] + line[end : end + 1])
