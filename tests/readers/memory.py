"""A blob without a file."""

from __future__ import annotations

from dataclasses import dataclass

from modelguard.model import Origin


@dataclass(frozen=True)
class Bytes:
    """A blob that is in memory."""

    data: bytes

    @property
    def origin(self) -> Origin:
        return Origin("a.txt")

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, start: int, end: int) -> bytes:
        return self.data[start:end]
