"""One file on disk as a Blob: opened without following a link, and checked against change while it is read."""

from __future__ import annotations

import errno
import os
import stat

from modelguard.errors import Unreadable
from modelguard.model import GapReason, Origin

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a FIFO must not make open() wait for a writer
    | getattr(os, "O_BINARY", 0)
)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)

Identity = tuple[int, int, int, int]
"""Device, number, size in bytes, and time of the last change in nanoseconds."""


class FileBlob:
    """A regular file. It is opened when first read and closed by `close`; use it in one thread.

    A file is read with `pread`, not mapped: a mapped file that is cut short while it is read kills the process.
    """

    __slots__ = ("_descriptor", "_follow", "_identity", "_path", "_shown", "_state")

    def __init__(self, path: str, shown: str, follow: bool = False, identity: Identity | None = None) -> None:
        self._path = path
        self._shown = shown
        self._follow = follow
        self._identity = identity
        self._descriptor = -1
        self._state: os.stat_result | None = None

    @property
    def path(self) -> str:
        """The path to open, as the operating system gave it."""
        return self._path

    @property
    def origin(self) -> Origin:
        """See `Blob.origin`."""
        return Origin(shown_path(self._shown))

    @property
    def size(self) -> int:
        """See `Blob.size`."""
        return self._opened().st_size

    @property
    def identity(self) -> Identity:
        """What tells this file from any other, and from itself once it has changed. Raises `Unreadable`."""
        return _identity(self._opened())

    def again(self) -> FileBlob:
        """The same file for another thread; reading it fails if it is no longer the file that this one opened."""
        return FileBlob(self._path, self._shown, self._follow, self._identity)

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`.

        No more is asked for than there is, unless the file says that it is empty, as those of the kernel do.
        """
        size = self._opened().st_size
        if size:
            end = min(end, max(start, size))
        try:
            data = _pread(self._descriptor, end - start, start)
            while len(data) < end - start:
                more = _pread(self._descriptor, end - start - len(data), start + len(data))
                if not more:
                    break
                data += more
        except OSError as error:
            raise _unreadable(error) from None
        return data

    def check_unchanged(self) -> None:
        """Raise `Unreadable` if the file is not as it was when it was opened."""
        if self._state is None or self._descriptor < 0:
            return
        now = os.fstat(self._descriptor)
        if _identity(now) != _identity(self._state):
            raise Unreadable(GapReason.CHANGED, "the file changed while it was read; scan it again")

    def close(self) -> None:
        """Close the file if it is open."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _opened(self) -> os.stat_result:
        if self._descriptor >= 0:
            assert self._state is not None
            return self._state
        try:
            descriptor = os.open(self._path, _FLAGS if self._follow else _FLAGS | _NOFOLLOW)
        except OSError as error:
            raise _unreadable(error) from None
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            os.close(descriptor)
            raise Unreadable(GapReason.SPECIAL, f"{kind_of(state.st_mode)}, not a regular file")
        self._descriptor = descriptor
        if self._identity is not None and _identity(state) != self._identity:
            raise Unreadable(GapReason.CHANGED, "the file changed while it was read; scan it again")
        self._state, self._identity = state, _identity(state)
        return state


def kind_of(mode: int) -> str:
    """What a file that is not regular is, in words."""
    kinds = {
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a character device",
        stat.S_IFBLK: "a block device",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
    }
    return kinds.get(stat.S_IFMT(mode), "of an unknown kind")


def shown_path(path: str) -> str:
    """`path` as valid Unicode with `/` between its parts; bytes that are not UTF-8 become `\\xNN`."""
    if path.isascii():
        return path if os.sep == "/" else path.replace(os.sep, "/")
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return text if os.sep == "/" else text.replace(os.sep, "/")


def reason_for(error: OSError) -> tuple[GapReason, str]:
    """What an operating system's error means for a file or folder, and what to do about it."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return GapReason.UNREADABLE, "permission denied; scan as a user who may read it, or exclude it"
    if error.errno == errno.ENOENT:
        return GapReason.VANISHED, "it vanished before it could be read; scan again"
    if error.errno == errno.ELOOP:
        return GapReason.CHANGED, "it became a symbolic link while the tree was read; scan again"
    if error.errno == errno.ENXIO:
        return GapReason.SPECIAL, "a socket or device, not a regular file"
    if error.errno == errno.ENAMETOOLONG:
        return GapReason.UNREADABLE, "its path is too long for the system; scan from a folder nearer to it"
    return GapReason.UNREADABLE, f"{os.strerror(error.errno or 0)}; check the disk or file system"


def _unreadable(error: OSError) -> Unreadable:
    return Unreadable(*reason_for(error))


def _identity(state: os.stat_result) -> Identity:
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def _pread(descriptor: int, count: int, offset: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, count, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)  # Windows; a FileBlob belongs to one thread
    return os.read(descriptor, count)
