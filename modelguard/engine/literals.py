"""Which of thousands of literals a text holds, in time that hardly grows with their number.

To look for each by itself takes as long as reading the text each time. So the text is cut into all its runs of four
bytes, and only literals that begin with one of these are looked for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

_RUN = 4  # bytes: what a machine word of the format `I` holds
_MANY = 500  # from so many on it takes less time to cut up the text


class Literals:
    """Byte strings to look for."""

    def __init__(self, literals: Iterable[bytes]) -> None:
        each = dict.fromkeys(literals)
        shortest = _RUN if len(each) >= _MANY else sys.maxsize
        self._alone: list[bytes] = []
        self._by_run: dict[int, list[bytes]] = {}
        for literal in each:
            if len(literal) < shortest:
                self._alone.append(literal)
            else:
                self._by_run.setdefault(int.from_bytes(literal[:_RUN], sys.byteorder), []).append(literal)

    def held_in(self, text: bytes) -> Iterator[bytes]:
        """Those that stand in `text`, each once."""
        yield from (literal for literal in self._alone if literal in text)
        if self._by_run:
            for run in self._by_run.keys() & _runs(text):
                yield from (literal for literal in self._by_run[run] if literal in text)


def _runs(text: bytes) -> set[int]:
    """All runs of four bytes, as numbers."""
    found: set[int] = set()
    for start in range(_RUN):
        whole = (len(text) - start) // _RUN * _RUN
        if whole > 0:
            found.update(memoryview(text)[start : start + whole].cast("I"))
    return found
