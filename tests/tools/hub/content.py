"""What a file holds: bytes, or many of them that nobody keeps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol


class Content(Protocol):
    """A file's content, read by range."""

    @property
    def size(self) -> int:
        """How many bytes it has."""

    @property
    def sha256(self) -> str:
        """What an LFS pointer calls it."""

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from `start` up to `stop`."""


@dataclass(frozen=True)
class Bytes:
    """Bytes in memory."""

    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.data)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    def read(self, start: int, stop: int) -> bytes:
        return self.data[start:stop]


@dataclass(frozen=True)
class Sparse:
    """Zeros of any size, with a few pieces in them. Its SHA-256 is a made-up one, since nobody hashes 20 GB for a test."""

    size: int
    pieces: dict[int, bytes] = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(repr((self.size, sorted(self.pieces.items()))).encode()).hexdigest()

    def read(self, start: int, stop: int) -> bytes:
        made = bytearray(max(0, min(stop, self.size) - start))
        for at, piece in self.pieces.items():
            first, last = max(start, at), min(start + len(made), at + len(piece))
            if first < last:
                made[first - start : last - start] = piece[first - at : last - at]
        return bytes(made)
