"""Vocabularies of tiktoken's JavaScript: one string of tokens in base64, `"bpe_ranks": "! 0 IQ== Ig== …"`.

Format: https://github.com/dqbd/tiktoken, `js/scripts`. Behind `!` stands the rank of the next token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, Text, entries
from modelguard.readers.tokenizers.base64_tokens import stands_for
from modelguard.readers.tokenizers.settings import guide
from modelguard.readers.tokenizers.tokens import SORT

__all__ = ["guide", "read"]

_OPENING = re.compile(rb'"bpe_ranks"[ \t\r\n]{0,100}:[ \t\r\n]{0,100}"')
_OTHER = re.compile(rb"[^A-Za-z0-9+/=! ]")
_WITHIN = 64 * 1024
_STEP = 1 << 20


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Each token alone. See `Reader`."""
    opening = _OPENING.search(blob.read(0, _WITHIN))
    at, rank, over = opening.end() if opening else 0, 0, opening is None
    while not over:
        block = blob.read(at, at + _STEP).replace(rb"\n", b"  ")
        other = _OTHER.search(block)
        over = other is not None or len(block) < _STEP
        block = block[: _end(block, other, over)]
        if not block:
            return
        limits.spend(len(block))
        words = block.split(b" ")
        ranks = _ranks(words, rank)
        yield _text(words, ranks, at)
        yield Covered(at, at + len(block))
        at, rank = at + len(block), ranks[-1]


def _end(block: bytes, other: re.Match[bytes] | None, over: bool) -> int:
    """Where the last word ends that is wholly here; what goes on as no base64 does is left as it stands."""
    if over and (other is None or other[0] == b'"'):
        return len(block) if other is None else other.start()
    return block.rfind(b" ", 0, len(block) if other is None else other.start()) + 1


def _ranks(words: list[bytes], rank: int) -> list[int]:
    """The rank of each token, and of the one that follows."""
    ranks = []
    told = False
    for word in words:
        ranks.append(rank)
        if told and word.isdigit():
            rank = int(word[:9])
        elif word and word != b"!":
            rank += 1
        told = word == b"!"
    return [*ranks, rank]


def _text(words: list[bytes], ranks: list[int], start: int) -> Text:
    starts: list[int] = []

    def span(number: int) -> tuple[int, int]:
        starts[:] = starts or accumulate((len(word) + 1 for word in words), initial=start)
        return starts[number], starts[number] + len(words[number])

    return entries([stands_for(word) for word in words], lambda number: f"bpe_ranks[{ranks[number]}]", span, sort=SORT)
