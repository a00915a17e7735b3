"""Content that may be sent: taken once, known by digests, and compared with these whenever it is read again.

A scan and a sender that both read through a content see the same bytes, or the reading ends: whatever happens to a file
between the two, no byte of another version leaves. A block is compared before any of it is handed on.
"""

from __future__ import annotations

import hashlib
import io
import os
from typing import Any, BinaryIO, Protocol

from msgspec import Struct

from modelguard.errors import Unreadable
from modelguard.model import GapReason, Origin
from modelguard.sources.file import FileBlob, Identity, shown_path

BLOCK = 1024 * 1024
SAMPLE_BYTES = 512
"""What a client shows of each file beforehand (`huggingface_hub.lfs.UploadInfo.sample`)."""

_DIGEST_BYTES = 16
"""Half of a SHA-256: nobody finds a second block for one, and 20 GB take 320 kB."""

_CHANGED = "it is no longer what was scanned; nothing of what changed was sent"


class Taken(Struct, frozen=True):
    """What content was when it was taken. `sha256` is in hexadecimal; `blocks` holds the digests of its blocks."""

    size: int
    sha256: str
    sample: bytes
    blocks: bytes


class Content(Protocol):
    """A Blob that is compared with what was taken of it whenever it is read."""

    @property
    def taken(self) -> Taken:
        """What it was when it was taken."""
        ...

    @property
    def origin(self) -> Origin:
        """See `Blob.origin`."""
        ...

    @property
    def size(self) -> int:
        """See `Blob.size`."""
        ...

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`. Raises `Unreadable` where it is not what was taken."""
        ...

    def close(self) -> None:
        """Close what is open of it."""
        ...


class _Compared:
    """Reads block by block; a subclass says where these come from."""

    def __init__(self, shown: str, taken: Taken) -> None:
        self.shown = shown
        self.taken = taken
        self._kept: tuple[int, bytes] = (-1, b"")

    @property
    def origin(self) -> Origin:
        return Origin(shown_path(self.shown))

    @property
    def size(self) -> int:
        return self.taken.size

    def read(self, start: int, end: int) -> bytes:
        end = min(end, self.taken.size)
        if start >= end:
            return b""
        first, last = start // BLOCK, (end - 1) // BLOCK
        data = b"".join([self._block(number) for number in range(first, last + 1)])
        return data[start - first * BLOCK : end - first * BLOCK]

    def close(self) -> None:
        self._kept = (-1, b"")

    def _block(self, number: int) -> bytes:
        if self._kept[0] != number:
            data = self._fetch(number * BLOCK, min((number + 1) * BLOCK, self.taken.size))
            at = number * _DIGEST_BYTES
            if _digest(data) != self.taken.blocks[at : at + _DIGEST_BYTES]:
                raise Unreadable(GapReason.CHANGED, _CHANGED)
            self._kept = (number, data)
        return self._kept[1]

    def _fetch(self, start: int, end: int) -> bytes:
        raise NotImplementedError


class FileContent(_Compared):
    """A file: it must be the very one that was taken (device, number, size, time), and its blocks the same."""

    def __init__(self, path: str, shown: str, identity: Identity, taken: Taken) -> None:
        super().__init__(shown, taken)
        self.path = path
        self.identity = identity
        self.source: Any = path
        self._file = FileBlob(path, shown, True, identity)

    def __reduce__(self) -> tuple[Any, ...]:
        return FileContent, (self.path, self.shown, self.identity, self.taken)

    def again(self) -> FileContent:
        """The same for another reader."""
        return FileContent(self.path, self.shown, self.identity, self.taken)

    def check_same(self) -> None:
        """Raise `Unreadable` if the path leads to another file now, or the file has changed."""
        blob = FileBlob(self.path, self.shown, True, self.identity)
        try:
            _ = blob.size  # opening it compares
        except Unreadable as error:
            raise (Unreadable(error.reason, _CHANGED) if error.reason is GapReason.CHANGED else error) from None
        finally:
            blob.close()

    def close(self) -> None:
        """See `Content.close`."""
        super().close()
        self._file.close()

    def _fetch(self, start: int, end: int) -> bytes:
        try:
            data = self._file.read(start, end)
            self._file.check_unchanged()
        except Unreadable as error:
            raise (Unreadable(error.reason, _CHANGED) if error.reason is GapReason.CHANGED else error) from None
        return data


class BytesContent(_Compared):
    """Bytes in memory, which nobody can change."""

    def __init__(self, data: bytes, shown: str, taken: Taken) -> None:
        super().__init__(shown, taken)
        self.data = data

    def again(self) -> BytesContent:
        """The same for another reader."""
        return BytesContent(self.data, self.shown, self.taken)

    def _fetch(self, start: int, end: int) -> bytes:
        return self.data[start:end]


class StreamContent(_Compared):
    """What an open file gives from its beginning to where it ended when it was taken; what comes later is not part."""

    def __init__(self, stream: BinaryIO, shown: str, taken: Taken) -> None:
        super().__init__(shown, taken)
        self._stream = stream
        self.source: Any = stream

    def again(self) -> StreamContent:
        """The same for another reader."""
        return StreamContent(self._stream, self.shown, self.taken)

    def _fetch(self, start: int, end: int) -> bytes:
        try:
            before = self._stream.tell()
            self._stream.seek(start)
            data = _read_all(self._stream, end - start)
            self._stream.seek(before)
        except (OSError, ValueError):
            raise Unreadable(GapReason.UNREADABLE, "the open file cannot be read any more") from None
        return data


class ContentReader(io.BufferedIOBase):
    """A content as a file that a client can read; closing it closes the content."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._at = 0

    def readable(self) -> bool:
        """See `io.IOBase`."""
        return True

    def seekable(self) -> bool:
        """See `io.IOBase`."""
        return True

    def tell(self) -> int:
        """See `io.IOBase`."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See `io.IOBase`."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._content.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """See `io.BufferedIOBase`. Raises `Unreadable` where the content is not what was taken."""
        end = self._content.size if size is None or size < 0 else self._at + size
        data = self._content.read(self._at, end)
        self._at += len(data)
        return data

    def close(self) -> None:
        """See `io.IOBase`."""
        if not self.closed:
            self._content.close()
        super().close()


def take_file(path: str, shown: str) -> FileContent:
    """A file as it is now. Links are followed, as a client does.

    Raises:
        Unreadable: it cannot be read, or changes while it is.
    """
    blob = FileBlob(path, shown, True)
    try:
        identity, size = blob.identity, blob.size
        taken = _taken(lambda start, end: blob.read(start, end), size)
        blob.check_unchanged()
    finally:
        blob.close()
    return FileContent(path, shown, identity, taken)


def take_bytes(data: bytes, shown: str) -> BytesContent:
    """Bytes in memory."""
    return BytesContent(data, shown, _taken(lambda start, end: data[start:end], len(data)))


def take_stream(stream: BinaryIO, shown: str) -> StreamContent:
    """All that an open file gives now; it is left at the place where it was.

    Raises:
        Unreadable: it cannot be read.
    """
    try:
        before = stream.tell()
        size = stream.seek(0, os.SEEK_END)

        def fetch(start: int, end: int) -> bytes:
            stream.seek(start)
            return _read_all(stream, end - start)

        taken = _taken(fetch, size)
        stream.seek(before)
    except (OSError, ValueError):
        raise Unreadable(GapReason.UNREADABLE, "the open file cannot be read") from None
    return StreamContent(stream, shown, taken)


def _taken(fetch: Any, size: int) -> Taken:
    whole, blocks, sample = hashlib.sha256(), bytearray(), b""
    for start in range(0, size, BLOCK):
        data = fetch(start, min(start + BLOCK, size))
        if len(data) != min(BLOCK, size - start):
            raise Unreadable(GapReason.CHANGED, "it changed while it was read")
        whole.update(data)
        blocks += _digest(data)
        sample = sample or data[:SAMPLE_BYTES]
    return Taken(size, whole.hexdigest(), sample, bytes(blocks))


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:_DIGEST_BYTES]


def _read_all(stream: BinaryIO, count: int) -> bytes:
    """So many bytes, fewer at the end; what is not buffered may give fewer at a time."""
    data = stream.read(count)
    while len(data) < count:
        more = stream.read(count - len(data))
        if not more:
            break
        data += more
    return data
