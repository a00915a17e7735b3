"""`*.tiktoken`: a token in base64 and its rank a line (https://github.com/openai/tiktoken, `tiktoken/load.py`).

Lines that are none may be part of a longer text, so what stands around them is looked at as it stands, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, entries
from modelguard.readers.tokenizers.base64_tokens import stands_for
from modelguard.readers.tokenizers.text_lines import blocks
from modelguard.readers.tokenizers.tokens import SORT

_LINE = re.compile(rb"([A-Za-z0-9+/]+={0,2}) \d{1,7}\r?")


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What each line stands for. See `Reader`."""
    for block in blocks(blob):
        limits.spend(block.end - block.start)
        lines = [_LINE.fullmatch(line) for line in block.written]
        texts = [stands_for(line[1]) if line else b"" for line in lines]
        others = not all(lines)
        yield entries(texts, lambda number: "", block.span, again=others, sort=SORT, lines=True)
        if not others:
            yield Covered(block.start, block.end)
