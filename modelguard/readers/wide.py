"""Text of two or four bytes a character (UTF-16, UTF-32, either byte order), as a whole file or inside a binary one.

ASCII characters of such text have NUL bytes between them. Each run of them becomes text of one byte a character; no
byte order mark is needed, and a character beyond ASCII ends a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelguard.model import Segment, Window

_TEXT = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_KINDS = bytes(ord("t") if byte in _TEXT else ord("0") if byte == 0 else ord("x") for byte in range(256))
_SHORTEST = 8
_RUNS = {2: re.compile(rb"(?:t0)+t?"), 4: re.compile(rb"(?:t000)+t?")}


def read_wide(window: Window) -> Iterator[Segment]:
    """One segment for all runs of two-byte text, one for those of four-byte text; none where there are none."""
    if b"\0" not in window.data:
        return
    kinds = window.data.translate(_KINDS)
    for step, run in _RUNS.items():
        runs = list(_runs(kinds, step, run))
        if runs:
            yield _segment(window, step, runs)


def _runs(kinds: bytes, step: int, run: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Where each run starts and ends. `find` is what makes this fast: a regex over the whole window is not."""
    shortest = (b"t" + b"0" * (step - 1)) * _SHORTEST
    start = kinds.find(shortest)
    while start >= 0:
        found = run.match(kinds, start)
        end = found.end() if found else start + len(shortest)
        yield start, end
        start = kinds.find(shortest, end)


def _segment(window: Window, step: int, runs: list[tuple[int, int]]) -> Segment:
    """The runs one after the other, each on a line of its own."""
    texts: list[bytes] = []
    places: list[tuple[int, int]] = []
    length = 0
    for start, end in runs:
        text = window.data[start:end:step]
        places.append((length, window.start + start))
        texts.append(text)
        length += len(text) + 1
    return Segment(b"\n".join(texts), tuple(places), step)
