"""Reading a blob from its beginning on: numbers and strings, in pieces, never past its end."""

from __future__ import annotations

from typing import Literal

from modelguard.model import Blob
from modelguard.readers.interface import Malformed

_STEP = 256 * 1024


class Cursor:
    """A place in a blob. `order` is the byte order of its numbers, `end` where what is read must have ended.

    So many bytes are read at once as `step` says.
    """

    def __init__(
        self,
        blob: Blob,
        at: int = 0,
        end: int | None = None,
        order: Literal["little", "big"] = "little",
        step: int = _STEP,
    ) -> None:
        self.at = at
        self.end = blob.size if end is None else end
        self.order = order
        self._step = step
        self._blob = blob
        self._held = b""
        self._held_from = at

    @property
    def left(self) -> int:
        """How many bytes follow."""
        return self.end - self.at

    def take(self, count: int) -> bytes:
        """The next bytes.

        Raises:
            Malformed: so many do not follow.
        """
        start = self.at - self._held_from
        if start < 0 or start + count > len(self._held):
            self._check(count)
            self._held = self._blob.read(self.at, min(self.end, self.at + max(count, self._step)))
            self._held_from, start = self.at, 0
            if len(self._held) < count:
                raise Malformed("it ends too early")
        self.at += count
        return self._held[start : start + count]

    def skip(self, count: int) -> None:
        """Pass over bytes without reading them.

        Raises:
            Malformed: so many do not follow.
        """
        self._check(count)
        self.at += count
        if self.at > self._held_from + len(self._held):
            self._held, self._held_from = b"", self.at

    def number(self, width: int) -> int:
        """The next unsigned number of so many bytes.

        Raises:
            Malformed: it ends before.
        """
        return int.from_bytes(self.take(width), self.order)

    def count(self, width: int, least: int) -> int:
        """The next number, which counts things that take at least so many bytes each.

        Raises:
            Malformed: so many of them cannot follow.
        """
        number = self.number(width)
        if number * least > self.left:
            raise Malformed("it says that more follows than it holds")
        return number

    def part(self, start: int, end: int) -> Cursor:
        """Another one for a part of what this one reads."""
        return Cursor(self._blob, start, min(end, self.end), self.order)

    def _check(self, count: int) -> None:
        if count > self.left:
            raise Malformed("it ends too early")
