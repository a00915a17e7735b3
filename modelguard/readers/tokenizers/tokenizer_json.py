"""`tokenizer.json` of the tokenizers library: vocabulary and merges entry by entry, all else as the JSON that it is.

Format: https://github.com/huggingface/tokenizers, `tokenizers/src/models/*/serialization.rs`. BPE, WordPiece and
WordLevel have a vocabulary of token and id, Unigram one of token and score; merges are `"a b"` or, since version 0.20,
`["a", "b"]`. What a pair becomes is a token as a rule, and is told as such. `vocab.json` (GPT-2's `encoder.json`) is
such a vocabulary alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import add
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, Text
from modelguard.readers.tokenizers.json_strings import GROUPED, LISTED, NUMBERED, RECORDS, Shape, Strings, strings
from modelguard.readers.tokenizers.merges import Pairs, in_text, pair_texts
from modelguard.readers.tokenizers.settings import guide
from modelguard.readers.tokenizers.tekken import KEYS, record_texts
from modelguard.readers.tokenizers.tokens import Tokens, token_text

__all__ = ["guide", "read"]

_OPENING = re.compile(rb'"(vocab|merges)"[ \t\r\n]{0,100}:[ \t\r\n]{0,100}([{\[])')
_ALONE = re.compile(rb'(?:\xef\xbb\xbf)?\s*(\{)\s*"(?:[^"\\]|\\.)*"\s*:\s*-?\d', re.DOTALL)
_ID = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*(\d{1,7})(?![.\deE])")
_MOST_PARTS = 32
"""Files have two or three such parts. Of one that has very many, the rest is looked at as it stands."""

_STEP = 1 << 20
_LONGEST_OPENING = 256


class _Part(NamedTuple):
    """A vocabulary or merges, from the byte behind its bracket."""

    name: str
    start: int
    shape: Shape


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Each token and each pair that is merged. See `Reader`."""
    at = 0
    for _ in range(_MOST_PARTS):
        part = _next_part(blob, at)
        if part is None:
            return
        at = part.start
        number = 0
        for some in strings(blob, part.start, part.shape):
            limits.spend(some.end - some.start)
            if part.shape is RECORDS and not some.keys <= KEYS:
                break
            yield from _texts(part, some, number)
            yield Covered(some.start, some.end)
            number += some.objects if part.shape is RECORDS else some.count
            at = some.end


def _next_part(blob: Blob, after: int) -> _Part | None:
    if after == 0 and (alone := _ALONE.match(blob.read(0, _STEP))):
        return _Part("vocab", alone.end(1), NUMBERED)
    at = max(0, after - _LONGEST_OPENING)  # its name may have been told as the last token before it
    while block := blob.read(at, at + _STEP):
        found = next((found for found in _OPENING.finditer(block) if at + found.end() > after), None)
        if found is not None:
            return _part(blob, found[1].decode(), found[2], at + found.end())
        if len(block) < _STEP:
            break
        at += len(block) - _LONGEST_OPENING
    return None


def _part(blob: Blob, name: str, bracket: bytes, start: int) -> _Part:
    if bracket == b"{":
        return _Part(name, start, NUMBERED)
    first = blob.read(start, start + _LONGEST_OPENING).lstrip()[:1]
    return _Part(name, start, {b"[": GROUPED, b"{": RECORDS}.get(first, LISTED))


def _texts(part: _Part, some: Strings, before: int) -> Iterator[Text]:
    """The texts of some strings of a part; `before` is how many it had until then."""
    if part.name == "merges" and part.shape is LISTED:
        yield from pair_texts(in_text(some.tokens), lambda number: f"merges[{before + number}]", some.span, again=True)
    elif part.name == "merges" and part.shape is GROUPED and some.in_pairs():
        yield from _pairs(some, before // 2)
    elif part.shape is RECORDS:
        yield from record_texts(some, before)
    else:
        yield token_text(some.tokens, lambda number: _name(part, some, before, number), some.span)


def _pairs(some: Strings, before: int) -> Iterator[Text]:
    left, right = some.tokens.all[::2], some.tokens.all[1::2]
    if len(left) > len(right):  # cut short
        right = [*right, ""]
    yield from pair_texts(
        Pairs(Tokens.of(list(map(add, left, right))), lambda number: (left[number], right[number])),
        lambda number: f"merges[{before + number}]",
        lambda number: (some.span(2 * number)[0], some.span(min(2 * number + 1, some.count - 1))[1]),
        again=True,
    )


def _name(part: _Part, some: Strings, before: int, number: int) -> str:
    """A token by its id: its text may be what was found."""
    told = _ID.match(some.after(number)) if part.shape is NUMBERED else None
    if told is None or int(told[1]) == before + number:
        return f"{part.name}[{before + number}]"
    return f"{part.name}[{int(told[1])}], entry {before + number}"
