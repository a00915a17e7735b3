"""`*.tiktoken`: a token in base64 and its rank a line (https://github.com/openai/tiktoken, `tiktoken/load.py`).

Short runs of base64 look like words, so not all of them are decoded where the file is looked at as it stands. That is
done all the same: whatever a line is, it may be a value by itself.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Piece, entries
from modelguard.readers.tokenizers.text_lines import blocks
from modelguard.readers.tokenizers.tokens import SORT


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What each line stands for. See `Reader`."""
    for block in blocks(blob):
        limits.spend(block.end - block.start)
        yield entries(_decoded(block.written), lambda number: "", block.span, again=True, sort=SORT, lines=True)


def _decoded(lines: Sequence[bytes]) -> list[bytes]:
    """The token of each line; nothing for a line that is none."""
    tokens: list[bytes] = []
    for line in lines:
        try:
            tokens.append(binascii.a2b_base64(line[: line.find(b" ")]))
        except binascii.Error:
            tokens.append(b"")
    return tokens
