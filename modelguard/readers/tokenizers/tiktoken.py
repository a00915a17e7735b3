"""`*.tiktoken`: a token in base64 and its rank a line (https://github.com/openai/tiktoken, `tiktoken/load.py`).

Lines that are none may be part of a longer text, so what stands around them is looked at as it stands, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, entries
from modelguard.readers.tokenizers.base64_tokens import BASE64, all_stand_for, stands_for
from modelguard.readers.tokenizers.text_lines import blocks
from modelguard.readers.tokenizers.tokens import SORT

_LINE = re.compile(rb"(?=\S)(%b) \d{1,7}\r?" % BASE64)
_LINES = re.compile(rb"(?:(?=\S)%b \d{1,7}\r?\n)*" % BASE64)


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What each line stands for. See `Reader`."""
    for block in blocks(blob):
        limits.spend(block.end - block.start)
        text = b"\n".join([*block.written, b""])
        others = not _LINES.fullmatch(text)
        tokens = _among_others(block.written) if others else all_stand_for(text.split()[::2])
        yield entries(tokens, lambda number: "", block.span, again=others, sort=SORT, lines=True)
        if not others:
            yield Covered(block.start, block.end)


def _among_others(lines: Sequence[bytes]) -> list[bytes]:
    """The token of each line; nothing for a line that has none."""
    matches = map(_LINE.fullmatch, lines)
    return [stands_for(match[1]) if match else b"" for match in matches]
