"""Merges of byte pair encoding: what each pair becomes, so that a value which was cut in two is found.

One pair is enough: what it becomes is again half of a later pair, or a token of the vocabulary.
`merges.txt` has a pair a line behind `#version:` (GPT-2's `vocab.bpe`; https://github.com/openai/gpt-2, `encoder.py`).
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, Text
from modelguard.readers.tokenizers.text_lines import blocks
from modelguard.readers.tokenizers.tokens import token_text

_LONG = 16
"""Fewer characters are no value by themselves."""

_OF_VALUES = string.ascii_letters + string.digits + "_.-"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What each line's pair becomes. See `Reader`."""
    for block in blocks(blob):
        limits.spend(block.end - block.start)
        yield from pair_texts([pair(line) for line in block.lines], lambda number: "", block.span, lines=True)
        yield Covered(block.start, block.end)


def pair(text: str) -> tuple[str, str]:
    """The halves of `a b`; a text that is no pair is its own left half."""
    halves = text.split(" ")
    return (halves[0], halves[1]) if len(halves) == 2 else (text, "")


def pair_texts(
    pairs: Sequence[tuple[str, str]],
    name: Callable[[int], str],
    span: Callable[[int], tuple[int, int]],
    lines: bool = False,
) -> Iterator[Text]:
    """What pairs become. The i-th is called `name(i)`, and made of the bytes `span(i)` of the blob."""
    yield token_text([left + right for left, right in pairs], name, span, lines)
    whole = {number: text for number, halves in enumerate(pairs) if (text := _apart(*halves))}
    if whole:
        numbers = list(whole)
        yield token_text(
            list(whole.values()), lambda number: name(numbers[number]), lambda number: span(numbers[number]), lines
        )


def _apart(left: str, right: str) -> str:
    """What may be a value in one half and none once the other half goes on where it ends."""
    if len(left) < _LONG > len(right) or not right:
        return ""
    end = left[len(left.rstrip(_OF_VALUES)) :]
    start = right[: len(right) - len(right.lstrip(_OF_VALUES))]
    return f"{end} {start}" if end and start else ""
