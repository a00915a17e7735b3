"""The source line around a finding with every value in it masked, found or merely looking like one."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from modelguard.redact.preview import MASK

Hidden = tuple[int, int, str]
"""Start and end in the text, and what to show instead."""

Spans = Sequence[tuple[int, int]]
"""Starts and ends in the text, ascending, none of them touching the next (see `apart`)."""

_AROUND = 100
_LOOKS_PERSONAL = re.compile(r"[^\s@]*@[^\s@]*|[0-9][0-9 ().-]*[0-9]|[0-9]")
_LOOKS_RANDOM = re.compile(r"(?=[\w+/=.-]*[0-9])(?=[\w+/=.-]*[A-Za-z])[\w+/=.-]{16,}")


def apart(spans: Iterable[tuple[int, int]]) -> Spans:
    """The spans in order, those joined that touch: a text may hold a hundred thousand, and each excerpt needs a few."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def excerpt(text: bytes, start: int, own: Hidden, sensitive: Spans, personal: bool = False) -> str:
    """The line of `text` that holds the offset `start`, clipped to about 100 bytes on either side.

    `own` is the value that it is about, `sensitive` are spans to mask, anywhere in the text. Runs of letters and digits
    that could be a value are masked as well, and characters that cannot be printed become `?`. Around `personal` data
    there is more of the same person that no rule knows: of that, only what led to the value is shown, without numbers.
    """
    low = max(text.rfind(b"\n", 0, start) + 1, start if personal else start - _AROUND)
    newline = text.find(b"\n", start)
    high = min(len(text) if newline < 0 else newline, own[1] if personal else start + _AROUND)
    hidden = ((first - low, last - low, shown) for first, last, shown in (own, *_beside(own, sensitive, low, high)))
    return _masked(text[low:high], tuple(sorted(hidden)), personal)


@lru_cache(maxsize=4096)
def _masked(line: bytes, hidden: Sequence[Hidden], personal: bool) -> str:
    """A line as it is shown. Histories hold the same ones in every version of a file."""
    parts: list[str] = []
    at = 0
    for first, last, shown in hidden:
        if last <= at or first >= len(line):
            continue
        parts.append(_shown(line[at : max(at, first)], personal))
        parts.append(shown)
        at = last
    parts.append(_shown(line[at:], personal) if at < len(line) else "")
    return "".join(parts).strip()


def _beside(own: Hidden, sensitive: Spans, low: int, high: int) -> Iterator[Hidden]:
    """What lies outside the value itself of every span to mask between `low` and `high`."""
    for start, end in sensitive[max(0, bisect(sensitive, (low,)) - 1) : bisect(sensitive, (high,))]:
        if start < own[0]:
            yield start, min(end, own[0]), MASK
        if end > own[1]:
            yield max(start, own[1]), end, MASK


def _shown(data: bytes, personal: bool) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if personal:
        text = _LOOKS_PERSONAL.sub(MASK, text)
    masked = _LOOKS_RANDOM.sub(MASK, text)
    return "".join(char if char.isprintable() else " " if char in "\t\r" else "?" for char in masked)
