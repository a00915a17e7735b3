"""Cuts a blob into windows that overlap, so that memory stays flat and no match is cut in two."""

from __future__ import annotations

from modelguard.budget import Budget
from modelguard.model import Blob, Window

_BESIDE = 256
"""So much of what need not be looked at is read beside what is, so that a match that begins there can end."""


def window_ranges(size: int, budget: Budget, start: int = 0) -> list[tuple[int, int]]:
    """The byte ranges that the windows of `size` bytes from `start` on own: back to back, `window_bytes` each."""
    end = start + size
    if size <= budget.window_bytes:
        return [(start, end)]
    return [(at, min(end, at + budget.window_bytes)) for at in range(start, end, budget.window_bytes)]


def read_window(blob: Blob, owned: tuple[int, int], budget: Budget, within: tuple[int, int] | None = None) -> Window:
    """The window that owns a range: its bytes, and `overlap_bytes` more on either side, but hardly beyond `within`.

    Raises:
        Unreadable: the blob is gone, or is not what it was.
    """
    start, end = max(0, owned[0] - budget.overlap_bytes), owned[1] + budget.overlap_bytes
    if within is not None:
        start, end = max(start, within[0] - _BESIDE), min(end, within[1] + _BESIDE)
    return Window(blob.read(start, end), start, *owned)
