"""The source line around a finding with every value in it masked, found or merely looking like one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from modelguard.redact.preview import MASK

Hidden = tuple[int, int, str]
"""Start and end in the text, and what to show instead."""

_AROUND = 100
_LOOKS_RANDOM = re.compile(r"(?=[\w+/=.-]*[0-9])(?=[\w+/=.-]*[A-Za-z])[\w+/=.-]{16,}")


def excerpt(text: bytes, start: int, hidden: Sequence[Hidden]) -> str:
    """The line of `text` that holds the offset `start`, clipped to about 100 bytes on either side.

    `hidden` are the spans to mask, anywhere in the text. Runs of letters and digits that could be a value are masked as
    well, and characters that cannot be printed become `?`.
    """
    low = max(text.rfind(b"\n", 0, start) + 1, start - _AROUND)
    newline = text.find(b"\n", start)
    high = min(len(text) if newline < 0 else newline, start + _AROUND)
    parts: list[str] = []
    at = low
    for first, last, shown in sorted(hidden):
        if last <= at or first >= high:
            continue
        parts.append(_shown(text[at : max(at, first)]))
        parts.append(shown)
        at = last
    parts.append(_shown(text[at:high]) if at < high else "")
    return "".join(parts).strip()


def _shown(data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    masked = _LOOKS_RANDOM.sub(MASK, text)
    return "".join(char if char.isprintable() else " " if char in "\t\r" else "?" for char in masked)
