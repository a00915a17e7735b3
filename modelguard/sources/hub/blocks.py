"""A few blocks of a file that is far away, so that reads near each other are one request, and none brings much more."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable

FIRST_BYTES = 64 * 1024
"""The head of a file, which all readers ask for piece by piece: most headers are no longer."""

_PROBE_BYTES = 8 * 1024
_BEFORE_BYTES = 1024
_MOST_AHEAD = 256 * 1024
_MOST_HELD = 12 * 1024 * 1024
_MOST_BLOCKS = 1024


class Blocks:
    """Reads a file of `size` bytes by `fetch`. Who goes on where the last read ended is given ever more at a time."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._held: deque[tuple[int, bytes]] = deque()
        self._bytes = 0
        self._ended_at = 0
        self._ahead = _PROBE_BYTES
        self._line_feeds = [(0, 0)]

    def line_feeds_before(self, offset: int) -> tuple[int, int]:
        """A place at or before `offset`, and how many line feeds stand before that place.

        They are counted as the file is read from its start on: nobody has to fetch it once more to know a line.
        """
        return self._line_feeds[bisect_right(self._line_feeds, (offset, self._size)) - 1]

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, fewer at the file's end."""
        end = min(end, self._size)
        parts: list[bytes] = []
        at = max(0, start)
        while at < end:
            first, data = self._holding(at) or self._fetched(at, self._next_held(at, end))
            part = data[at - first : end - first]
            parts.append(part)
            at += len(part)
        self._ended_at = at
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _holding(self, at: int) -> tuple[int, bytes] | None:
        for block in reversed(self._held):
            if block[0] <= at < block[0] + len(block[1]):
                return block
        return None

    def _next_held(self, at: int, end: int) -> int:
        return min((first for first, _ in self._held if at < first < end), default=end)

    def _fetched(self, at: int, end: int) -> tuple[int, bytes]:
        first, last = self._widened(at, end)
        block = first, self._fetch(first, last)
        self._held.append(block)
        self._bytes += len(block[1])
        counted, count = self._line_feeds[-1]
        if first <= counted < last:
            self._line_feeds.append((last, count + block[1].count(b"\n", counted - first)))
        while len(self._held) > 1 and (self._bytes > _MOST_HELD or len(self._held) > _MOST_BLOCKS):
            self._bytes -= len(self._held.popleft()[1])
        return block

    def _widened(self, at: int, end: int) -> tuple[int, int]:
        """What to ask for instead: a little more, on both sides where nobody knows where the next read will be."""
        if at == 0:
            return 0, min(self._size, max(end, FIRST_BYTES))
        if at == self._ended_at:
            self._ahead = min(_MOST_AHEAD, self._ahead * 2)
            return at, min(self._size, max(end, at + self._ahead))
        self._ahead = _PROBE_BYTES
        if end - at >= _PROBE_BYTES:
            return at, end
        first = max(0, at - _BEFORE_BYTES)
        return first, min(self._size, max(end, first + _PROBE_BYTES))
