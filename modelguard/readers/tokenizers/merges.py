"""Merges of byte pair encoding: what each pair becomes, so that a value which was cut in two is found.

One pair is enough: what it becomes is again half of a later pair, or a token of the vocabulary.
`merges.txt` has a pair a line behind `#version:` (GPT-2's `vocab.bpe`; https://github.com/openai/gpt-2, `encoder.py`).
Where a line is no pair, it may be part of a longer text, so what stands around it is looked at as it stands, too.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, Text
from modelguard.readers.tokenizers.text_lines import blocks
from modelguard.readers.tokenizers.tokens import Tokens, token_text

_LONG = 16
"""Fewer characters are no value by themselves."""

_VERSION = "#version"
_LONGEST_NAME = 64
"""CLIP's file has its own name before the version (https://github.com/openai/CLIP, `bpe_simple_vocab_16e6.txt.gz`)."""

_SEVERAL = re.compile(r" [^ \n]* ")
_OF_WORDS = {*string.ascii_letters, *string.digits, "_"}
_OF_VALUES = "".join(_OF_WORDS) + ".-"


def _unnamed(number: int) -> str:
    """A line is place enough."""
    return ""


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What each line's pair becomes. See `Reader`."""
    for block in blocks(blob):
        limits.spend(block.end - block.start)
        others = _others(block.tokens.text)
        yield from pair_texts(in_text(block.tokens), _unnamed, block.span, others, lines=True)
        if not others:
            yield Covered(block.start, block.end)


def _others(text: str) -> bool:
    """Whether not every line is a pair."""
    first, _, rest = text.partition("\n")
    pairs = rest if _VERSION in first[:_LONGEST_NAME] else text
    return pairs.count(" ") != pairs.count("\n") + 1 or _SEVERAL.search(pairs) is not None


class Pairs(NamedTuple):
    """Pairs as what they become, and the halves of each one by its number."""

    wholes: Tokens
    halves: Callable[[int], tuple[str, str]]


def in_text(pairs: Tokens) -> Pairs:
    """The pairs that are written as `a b`. What is written otherwise becomes itself."""
    if pairs.simple and not _SEVERAL.search(pairs.text):
        return Pairs(Tokens(pairs.text.replace(" ", "")), lambda number: _halves(pairs.all[number]))
    return Pairs(Tokens.of(["".join(_halves(pair)) for pair in pairs.all]), lambda number: _halves(pairs.all[number]))


def _halves(text: str) -> tuple[str, str]:
    halves = text.split(" ")
    return (halves[0], halves[1]) if len(halves) == 2 else (text, "")


def pair_texts(
    pairs: Pairs,
    name: Callable[[int], str],
    span: Callable[[int], tuple[int, int]],
    again: bool = False,
    lines: bool = False,
) -> Iterator[Text]:
    """What pairs become. The i-th is called `name(i)`, and made of the bytes `span(i)` of the blob."""
    yield token_text(pairs.wholes, name, span, again, lines)
    long = [number for number, whole in enumerate(pairs.wholes.all) if len(whole) > _LONG]
    apart = {number: text for number in long if (text := _apart(*pairs.halves(number)))}
    if apart:
        numbers = list(apart)
        yield token_text(
            Tokens.of(list(apart.values())),
            lambda number: name(numbers[number]),
            lambda number: span(numbers[number]),
            again,
            lines,
        )


def _apart(left: str, right: str) -> str:
    """What may be a value in one half and none once the other half goes on where it ends."""
    if max(len(left), len(right)) < _LONG or left[-1:] not in _OF_WORDS or right[:1] not in _OF_WORDS:
        return ""
    end = left[len(left.rstrip(_OF_VALUES)) :]
    start = right[: len(right) - len(right.lstrip(_OF_VALUES))]
    return f"{end} {start}"
