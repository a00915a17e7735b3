"""The noun of this family: a Layer is what an encoded run of a text says, with a way back to the text."""

from __future__ import annotations

import math
from bisect import bisect
from typing import NamedTuple, Protocol

from msgspec import Struct

from modelguard.budget import Budget


class Hint(Protocol):
    """Where an engine saw something that may be encoded, and how."""

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        ...

    @property
    def kind(self) -> str:
        """A key of `DECODERS`."""
        ...


class Layer(Struct, frozen=True):
    """An encoded run, from `start` to `end` in the outer text, and the text in it.

    `name` is that of the encoding. `steps` holds pairs of an offset in the encoded characters and the offset in the
    outer text of what stands there, ascending; `ratio` is how many characters stand for how many bytes, the first of
    which begins with character `first`. None: a byte has no place of its own. `escaped` says that most characters stand
    for themselves, and only what holds an escape is told by this layer. `cut` says why there is more that was not read.
    """

    name: str
    text: bytes
    start: int
    end: int
    steps: tuple[tuple[int, int], ...] = ()
    ratio: tuple[int, int] | None = None
    first: int = 0
    escaped: bool = False
    cut: str = ""

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the outer text the bytes from `start` to `end` of this text are written."""
        if self.ratio is None:
            return self.start, self.end
        characters, count = self.ratio
        first = self.first + start * characters // count
        if self.escaped:
            return self._outer(first), self._outer(end)
        last = self.first + -(-end * characters // count) - 1
        return self._outer(first), self._outer(last) + 1

    def shows(self, start: int, end: int) -> bool:
        """Whether what stands between two offsets, and right beside it, is not in the outer text as well."""
        if not self.escaped:
            return True
        start, end = max(0, start - _BESIDE), min(len(self.text), end + _BESIDE)
        first, last = self.place(start, end)
        return last - first != end - start

    def run(self, start: int, end: int) -> tuple[int, int]:
        """What a person should be shown of the outer text for these bytes: all of a run that is encoded as a whole."""
        return self.place(start, end) if self.escaped else (self.start, self.end)

    def covers(self, end: int) -> bool:
        """Whether this layer has already told what a hint that ends there means: it is decoded as text there, too."""
        if not self.start < end <= self.end:
            return False
        if self.ratio is None or self.escaped:
            return True
        characters, count = self.ratio
        encoded, outer = self.steps[max(0, bisect(self.steps, end, key=lambda step: step[1]) - 1)]
        at = (encoded + end - outer - self.first) * count // characters
        return is_text(self.text[max(0, at - 2) : at + AROUND])

    def _outer(self, offset: int) -> int:
        encoded, outer = self.steps[bisect(self.steps, (offset, math.inf)) - 1]
        return outer + offset - encoded


_BESIDE = 64

AROUND = 6
"""So many bytes behind a mark are those of a value, and can be printed."""

_PRINTED = bytes(range(0x20, 0x7F)) + b"\t\n\r\0"


def is_text(data: bytes) -> bool:
    """Whether all of it can be printed, be it of one byte a character or of two."""
    return bool(data) and not data.translate(None, _PRINTED)


class Bounds(NamedTuple):
    """What a decoder may take: the text before `low` is told already, and no more than `most` bytes may come out."""

    low: int
    most: int
    budget: Budget


class Decoder(Protocol):
    """Decodes what stands around a hint."""

    def __call__(self, text: bytes, hint: Hint, bounds: Bounds) -> list[Layer]:
        """The layers there: none where it is not encoded, several where it may be read in more than one way.

        One without text says that nothing is encoded in all of its range.
        """
        ...
