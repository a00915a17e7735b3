"""A blob as the file object that libraries ask for, with nothing but reading."""

from __future__ import annotations

import io
from errno import EINVAL

from modelguard.model import Blob
from modelguard.readers.interface import OverBudget

_MOST_AT_ONCE = 64 * 1024 * 1024


class BlobFile(io.RawIOBase):
    """Reads a blob. No more than `most` bytes are given at once: a size that a file makes up must not fill memory."""

    def __init__(self, blob: Blob, start: int = 0, end: int | None = None, most: int = _MOST_AT_ONCE) -> None:
        self._blob = blob
        self._most = most
        self._start = start
        self._end = end
        self._at = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read anywhere."""
        return True

    def tell(self) -> int:
        """Where it is."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere.

        Raises:
            OSError: that is before its beginning, as files of the system say it.
        """
        base = 0 if whence == io.SEEK_SET else self._at if whence == io.SEEK_CUR else self._size()
        if base + offset < 0:
            raise OSError(EINVAL, "before the beginning")
        self._at = base + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes, or all that follow.

        Raises:
            OverBudget: that is more than may be read at once.
        """
        if size is None or size < 0:
            size = max(0, self._size() - self._at)
        if size > self._most:
            size = min(size, max(0, self._size() - self._at))
        if size > self._most:
            raise OverBudget(f"a part of it holds more than {self._most} bytes")
        first = self._start + self._at
        last = first + size if self._end is None else min(first + size, self._end)
        data = self._blob.read(first, last) if last > first else b""
        self._at += len(data)
        return data

    def readall(self) -> bytes:
        """See `read`."""
        return self.read()

    def readinto(self, buffer: object) -> int:
        """See `io.RawIOBase.readinto`."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # whatever has a buffer
        data = self.read(min(len(view), self._most))
        view[: len(data)] = data
        return len(data)

    def _size(self) -> int:
        return (self._blob.size if self._end is None else self._end) - self._start
