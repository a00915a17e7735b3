"""Blobs within blobs: a range of the outer one, bytes in memory, or a stream that is unpacked as it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from modelguard.model import Blob, Origin
from modelguard.readers.lines import cursor_of

_STEP = 1 << 20


class Within:
    """What all members share: where they lie. `way` leads from the file on disk to the member (`inner.zip!a/.env`)."""

    __slots__ = ("_name", "outer")

    def __init__(self, outer: Blob, name: str) -> None:
        self.outer = outer
        self._name = name

    @property
    def origin(self) -> Origin:
        """See `Blob.origin`: the path leads into the container."""
        return Origin(f"{self.outer.origin.path}!{self._name}")

    @property
    def name(self) -> str:
        """What it is called in the blob around it."""
        return self._name

    @property
    def way(self) -> str:
        """The way from the file to this member."""
        before = getattr(self.outer, "way", None)
        if before is None:
            return self._name
        return f"{before}!{self._name}{self.outer.remark(self._name)}"  # type: ignore[attr-defined]  # it has a way

    def remark(self, *names: str) -> str:
        """What is said of a member within, to which these names lead, behind its own; for most there is nothing."""
        outer = getattr(self.outer, "remark", None)
        return "" if outer is None else str(outer(self._name, *names))

    @property
    def root(self) -> Blob:
        """The file itself."""
        root: Blob = getattr(self.outer, "root", self.outer)
        return root


class Held(Within):
    """A member whose bytes are in memory. `start` and `end` are the bytes of the outer blob that it was made of."""

    __slots__ = ("_data", "span")

    def __init__(self, outer: Blob, name: str, data: bytes, start: int = 0, end: int = 0) -> None:
        super().__init__(outer, name)
        self._data = data
        self.span = (start, end)

    @property
    def size(self) -> int:
        """See `Blob.size`."""
        return len(self._data)

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`."""
        return self._data[start:end]


class Ranged(Within):
    """A member that stands in the outer blob as it is, from `start` to `end`."""

    __slots__ = ("span",)

    def __init__(self, outer: Blob, name: str, start: int, end: int) -> None:
        super().__init__(outer, name)
        self.span = (start, end)

    @property
    def size(self) -> int:
        """See `Blob.size`."""
        return self.span[1] - self.span[0]

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`."""
        first = self.span[0]
        return self.outer.read(min(first + start, self.span[1]), min(first + end, self.span[1]))

    def cursor(self) -> Ranged:
        """The same member for reading elsewhere in it."""
        return Ranged(cursor_of(self.outer), self._name, *self.span)


class Unpacked(Protocol):
    """What is unpacked as it is read, forwards."""

    def read(self, count: int) -> bytes:
        """Up to so many bytes more; none at the end."""
        ...


class Streamed(Within):
    """A member that is unpacked as it is read. Reading before what is kept starts it anew.

    How long it is shows at its end: who asks before that has it unpacked once for the answer. Where it cannot be
    unpacked any further it ends, and `failure` says why. `begun` is a stream that was already read, and what came out.
    """

    __slots__ = ("_kept", "_kept_from", "_open", "_size", "_stream", "failure", "span")

    def __init__(
        self,
        outer: Blob,
        name: str,
        open_: Callable[[], Unpacked],
        start: int,
        end: int,
        size: int | None = None,
        begun: tuple[Unpacked | None, bytes] = (None, b""),
    ) -> None:
        super().__init__(outer, name)
        self._open = open_
        self._size = size
        self.span = (start, end)
        self.failure: Exception | None = None
        self._stream, self._kept = begun
        self._kept_from = 0

    @property
    def size(self) -> int:
        """See `Blob.size`."""
        if self._size is None:
            stream = self._open()
            self._size = 0
            while data := self._some(stream, _STEP):
                self._size += len(data)
        return self._size

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`."""
        if self._stream is None or start < self._kept_from:
            self._stream = self._open()
            self._kept, self._kept_from = b"", 0
        unwanted = min(start - self._kept_from, len(self._kept))
        if unwanted > len(self._kept) // 2 or end - self._kept_from > len(self._kept):  # each byte is moved once
            self._kept = self._kept[unwanted:]
            self._kept_from += unwanted
        while self._kept_from + len(self._kept) < start:  # then nothing is kept
            skipped = self._some(self._stream, min(_STEP, start - self._kept_from))
            self._kept_from += len(skipped)
            if not skipped:
                self._size = self._kept_from
                return b""
        parts = [self._kept]
        missing = end - self._kept_from - len(self._kept)
        while missing > 0 and (more := self._some(self._stream, _STEP)):  # ahead: many members are small
            parts.append(more)
            missing -= len(more)
        self._kept = b"".join(parts)
        if missing > 0:
            self._size = self._kept_from + len(self._kept)
        return self._kept[start - self._kept_from : end - self._kept_from]

    def _some(self, stream: Unpacked, count: int) -> bytes:
        try:
            return stream.read(count)
        except Exception as error:  # what came out before it is looked at first; the caller asks for `failure` then
            self.failure = error
            return b""

    def cursor(self) -> Streamed:
        """The same member for reading elsewhere in it, without moving this one's stream."""
        return Streamed(self.outer, self._name, self._open, *self.span, self._size)


MemberBlob = Held | Ranged | Streamed
