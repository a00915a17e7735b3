"""One object of a repository as a Blob: in memory where it is small, read forwards as a stream where it is large."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO

from modelguard.errors import Unreadable
from modelguard.model import GapReason, Origin
from modelguard.sources.git import Process, end
from modelguard.sources.history.listing import LARGE_BYTES, Listed
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository

_STEP = 1 << 20

Named = Mapping[tuple[str, int], str]
"""Fingerprints of values, by the rule and the offset of each."""


class ObjectBlob:
    """An object with the path at which it was committed; its bytes are asked for when they are first read.

    `path_known` is False for an object that no commit holds at any path: then every rule speaks in it. `named` gives
    the values that are asked for (None: all), by rule and offset, with the fingerprints that they are known to have.
    """

    __slots__ = ("_content", "_path", "_stream", "listed", "named", "path_known", "repository")

    def __init__(
        self,
        repository: Repository,
        listed: Listed,
        path: str,
        path_known: bool = True,
        content: bytes | None = None,
        named: Named | None = None,
    ) -> None:
        self.repository = repository
        self.listed = listed
        self.path_known = path_known
        self.named = named
        self._path = path
        self._content = content
        self._stream: _Stream | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """What another process needs to read it for itself."""
        return ObjectBlob, (self.repository, self.listed, self._path, self.path_known, self._content, self.named)

    @property
    def origin(self) -> Origin:
        """See `Blob.origin`."""
        return Origin(self._path)

    @property
    def size(self) -> int:
        """See `Blob.size`."""
        return self.listed.size

    @property
    def is_text(self) -> bool:
        """Whether it is what a commit or a tag says, which is of no kind of file whatever it begins with."""
        return self.listed.kind != "blob"

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`."""
        if self.listed.size > LARGE_BYTES:
            if self._stream is None:
                self._stream = _Stream(self.repository, self.listed)
            return self._stream.read(start, min(end, self.listed.size))
        if self._content is None:
            self._content = _content(self.repository, self.listed)
        return self._content[start:end]

    def cursor(self) -> ObjectBlob:
        """The same object for reading elsewhere in it, without moving this one's stream."""
        return ObjectBlob(self.repository, self.listed, self._path, self.path_known, self._content)

    def in_some_file(self) -> ObjectBlob:
        """The same object, where only the rules speak that are not bound to certain files."""
        return ObjectBlob(self.repository, self.listed, self._path, True, self._content, self.named)

    def hold(self, content: bytes | None) -> None:
        """Keep what was read of it, until it is closed; None: it has yet to be read."""
        self._content = content

    def close(self) -> None:
        """Let go of what it holds."""
        self._content = None
        if self._stream is not None:
            self._stream.close()
            self._stream = None


class _Stream:
    """`git cat-file` of one object. It is read forwards; reading before what is kept starts it anew."""

    def __init__(self, repository: Repository, listed: Listed) -> None:
        self._repository = repository
        self._listed = listed
        self._process: Process | None = None
        self._kept = b""
        self._kept_from = 0

    def read(self, start: int, end: int) -> bytes:
        if self._process is None or start < self._kept_from:
            self._start()
        self._forget_before(start)
        while self._kept_from < start:  # what is far ahead is reached without keeping what lies before it
            self._kept_from += len(self._more(min(_STEP, start - self._kept_from)))
        missing = end - self._kept_from - len(self._kept)
        if missing > 0:
            self._kept += self._more(missing)
        return self._kept[start - self._kept_from : end - self._kept_from]

    def close(self) -> None:
        if self._process is not None:
            end(self._process)
            self._process = None

    def _start(self) -> None:
        self.close()
        listed = self._listed
        self._process = self._repository.git.start("cat-file", listed.kind, listed.id, quiet=True)
        self._kept, self._kept_from = b"", 0

    def _more(self, count: int) -> bytes:
        assert self._process is not None
        pipe: IO[bytes] | None = self._process.stdout
        assert pipe is not None
        parts: list[bytes] = []
        while count > 0 and (part := pipe.read(min(count, _STEP))):
            parts.append(part)
            count -= len(part)
        if count > 0:
            raise _unreadable(self._listed)
        return b"".join(parts)

    def _forget_before(self, start: int) -> None:
        unwanted = min(start - self._kept_from, len(self._kept))
        if unwanted > 0:
            self._kept = self._kept[unwanted:]
            self._kept_from += unwanted


_READERS: dict[tuple[int, str], ObjectReader] = {}
"""One a process and repository: a fork must not read what its parent's git answers."""


def _content(repository: Repository, listed: Listed) -> bytes:
    ((_, content),) = _reader(repository).read([listed])
    if content is None:
        raise _unreadable(listed)
    return content


def _reader(repository: Repository) -> ObjectReader:
    key = (os.getpid(), repository.folder)
    if key not in _READERS:
        close_readers()
        _READERS[key] = ObjectReader(repository)
    return _READERS[key]


def close_readers() -> None:
    """End every git that this process has started to read objects."""
    for key in [key for key in _READERS if key[0] == os.getpid()]:
        _READERS.pop(key).close()


def _unreadable(listed: Listed) -> Unreadable:
    return Unreadable(GapReason.UNREADABLE, f"object {listed.id} cannot be read; look with `git fsck --full`")
