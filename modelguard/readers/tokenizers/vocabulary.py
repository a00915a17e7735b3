"""`vocab.txt` and `.vocab`: a token a line, as WordPiece and SentencePiece's exports have it.

WordPiece marks a token that goes on a word with `##` (https://github.com/google-research/bert, `tokenization.py`); a
SentencePiece export has a tab and a score behind each token. Tokens hold no spaces: lines that do may be part of a
longer text, so what stands around them is looked at as it stands, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, Text
from modelguard.readers.tokenizers.text_lines import Block, blocks
from modelguard.readers.tokenizers.tokens import Tokens, token_text

_GOES_ON = "##"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Each line alone. See `Reader`."""
    for block in blocks(blob):
        limits.spend(block.end - block.start)
        others = b" " in b"".join(block.written)
        yield _text(block, others)
        if not others:
            yield Covered(block.start, block.end)


def _text(block: Block, again: bool) -> Text:
    lines = block.tokens

    def span(number: int) -> tuple[int, int]:
        start, end = block.span(number)
        return (start + len(_GOES_ON) if lines.all[number].startswith(_GOES_ON) else start), end

    tokens = Tokens(lines.text.replace(f"\n{_GOES_ON}", "\n").removeprefix(_GOES_ON))
    return token_text(tokens, _unnamed, span, again, lines=True)


def _unnamed(number: int) -> str:
    """A line is place enough."""
    return ""
