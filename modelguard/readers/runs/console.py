r"""What programs print to a terminal, as it reads: without the codes that colour it (`\x1b[31m`).

Codes: ECMA-48, sections 5.3, 5.4 and 8.3.117. A code is made of letters, so a value right behind one is part of a word,
and one within a value cuts it in two. Where there is a code the text is told once more without any.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.decode.escapes import substituted
from modelguard.readers.decode.interface import Layer
from modelguard.readers.interface import Limits, Piece, Text

_ESCAPE = b"\x1b"
_CODES = re.compile(
    rb"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\r\n]{0,2048}(?:\x07|\x1b\\)|[@-Z\\^_]|[()][0-9A-Za-z])"
)
_CHUNK = 512 * 1024
_CUT_BEFORE = 64 * 1024


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The lines from the first code on, a few hundred KiB a time. See `Reader`."""
    at = 0
    while data := blob.read(at, at + _CHUNK):
        if len(data) == _CHUNK:
            newline = data.rfind(b"\n", _CHUNK - _CUT_BEFORE)
            data = data[: newline + 1] if newline >= 0 else data
        limits.check_time()
        first = data.find(_ESCAPE)
        if first >= 0:
            start = data.rfind(b"\n", 0, first) + 1
            layer = substituted(
                "", data[start : data.rfind(_ESCAPE) + _CUT_BEFORE], at + start, _CODES, lambda code: b""
            )
            if layer is not None:
                limits.spend(len(layer.text))
                yield _told(layer)
        at += len(data)


def _told(layer: Layer) -> Text:
    def span(first: int, last: int) -> tuple[int, int]:
        end = max(first + 1, last) - 1
        return layer.place(first, first)[0], layer.place(end, end)[0] + 1

    return Text(layer.text, lambda offset: "", span, again=True, lines=True)
