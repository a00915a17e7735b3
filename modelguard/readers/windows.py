"""Cuts a blob into windows that overlap, so that memory stays flat and no match is cut in two."""

from __future__ import annotations

from modelguard.budget import Budget
from modelguard.model import Blob, Window


def window_ranges(size: int, budget: Budget) -> list[tuple[int, int]]:
    """The byte ranges that the windows of a blob of `size` bytes own: back to back, `window_bytes` each."""
    if size <= budget.window_bytes:
        return [(0, size)]
    return [(start, min(size, start + budget.window_bytes)) for start in range(0, size, budget.window_bytes)]


def read_window(blob: Blob, owned: tuple[int, int], budget: Budget) -> Window:
    """The window that owns a range: its bytes, and `overlap_bytes` more on either side.

    Raises:
        Unreadable: the blob is gone, or is not what it was.
    """
    start = max(0, owned[0] - budget.overlap_bytes)
    return Window(blob.read(start, owned[1] + budget.overlap_bytes), start, *owned)
