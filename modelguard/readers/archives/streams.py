"""What is unpacked as it is read: deflate, gzip, zlib, bzip2, xz, zstd and lz4, a range of a blob at a time.

Nothing is believed of how long it will be: what comes out is counted as it comes.
"""

from __future__ import annotations

import bz2
import lzma
import sys
from array import array
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from modelguard.errors import Unreadable
from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Member, OverBudget, Piece
from modelguard.readers.lines import cursor_of
from modelguard.readers.members import Held, Streamed

_STEP = 256 * 1024
_HELD_AT_ONCE = 1 << 20

MOST_PARTS = 1 << 20
"""See `Unpacking`; bgzip makes a part of 64 KiB."""


class Decompressor(Protocol):
    """As `bz2.BZ2Decompressor` and its kin are."""

    @property
    def eof(self) -> bool:
        """Whether what was compressed has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What follows that end."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out before something more is given."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Up to so many bytes."""
        ...


class _Deflate:
    """zlib's decompressor with the manners of bz2's. `bits` is its `wbits`."""

    def __init__(self, bits: int) -> None:
        from zlib_ng import zlib_ng

        self._inner: Any = zlib_ng.decompressobj(bits)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        out: bytes = self._inner.decompress(self._inner.unconsumed_tail + data, max(0, max_length))
        self.needs_input = not self._inner.unconsumed_tail and len(out) < max_length
        return out


def deflate() -> Decompressor:
    """Raw deflate, as zip has it (RFC 1951)."""
    return _Deflate(-15)


def zlib() -> Decompressor:
    """Zlib (RFC 1950)."""
    return _Deflate(15)


def gzip() -> Decompressor:
    """One member of a gzip file (RFC 1952)."""
    return _Deflate(31)


def bzip2() -> Decompressor:
    """One stream of a bzip2 file."""
    return bz2.BZ2Decompressor()


def xz() -> Decompressor:
    """One stream of an xz or `.lzma` file; its dictionary may take so much memory and no more."""
    return lzma.LZMADecompressor(memlimit=128 * 1024 * 1024)


def zstd() -> Decompressor:
    """One frame of a zstd file (RFC 8878).

    Raises:
        ImportError: no library for it is installed.
    """
    if sys.version_info >= (3, 14):
        from compression.zstd import ZstdDecompressor
    else:
        from backports.zstd import ZstdDecompressor
    decompressor: Decompressor = ZstdDecompressor()
    return decompressor


class _Lz4:
    """lz4's decompressor with the manners of bz2's: it has no unused data before it ends."""

    def __init__(self) -> None:
        from lz4.frame import LZ4FrameDecompressor

        self._inner: Any = LZ4FrameDecompressor()

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        return bool(self._inner.needs_input)

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data or b""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return bytes(self._inner.decompress(data, max_length))


def lz4() -> Decompressor:
    """One frame of an lz4 file (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md).

    Raises:
        ImportError: no library for it is installed.
    """
    return _Lz4()


class Unpacking:
    """The bytes that come out of a range of a blob, forwards.

    `several` says that what is compressed may follow itself, as in gzip, bzip2, xz, zstd and lz4 files; then zero bytes
    between them are passed over. `parts` are where each begins, the first `MOST_PARTS` of them. `packed_end` is where
    what was compressed ended, once all is read. `again` unpacks the same from its beginning; what comes out twice is
    counted once.
    """

    def __init__(
        self,
        blob: Blob,
        start: int,
        end: int,
        new: Callable[[], Decompressor],
        limits: Limits,
        several: bool = False,
        counted: list[int] | None = None,
    ) -> None:
        self._blob = blob
        self._range = (start, end)
        self._at = start
        self._end = end
        self._new = new
        self._limits = limits
        self._several = several
        self._inner = new()
        self._counted = [0] if counted is None else counted  # shared with those that unpack the same
        self._made = 0
        self._input = b""
        self._over = False
        self._failure: Malformed | OverBudget | None = None
        self.packed_end = start
        self.parts = array("Q", [start])

    def read(self, count: int) -> bytes:
        """See `members.Unpacked`: what comes out before something is wrong is given first.

        Raises:
            Malformed: it cannot be unpacked, or ends before its end.
            OverBudget: too much comes out.
        """
        if self._failure is not None:
            raise self._failure
        parts: list[bytes] = []
        while count > 0 and not self._over:
            try:
                out = self._some(count)
            except (Malformed, OverBudget) as error:
                self._failure = error
                if not any(parts):
                    raise
                break
            parts.append(out)
            count -= len(out)
        return b"".join(parts)

    @property
    def is_over(self) -> bool:
        """Whether what was compressed has said that it ends, so that `packed_end` is exact."""
        return self._over

    def again(self) -> Unpacking:
        """The same, to be unpacked from its beginning."""
        return Unpacking(cursor_of(self._blob), *self._range, self._new, self._limits, self._several, self._counted)

    def check(self) -> None:
        """Raise what was wrong, if anything was.

        Raises:
            Malformed: see `read`.
            OverBudget: see `read`.
        """
        if self._failure is not None:
            raise self._failure

    def _some(self, count: int) -> bytes:
        if self._inner.eof and not self._follow():
            return b""
        if self._inner.needs_input and not self._input:
            self._input = self._blob.read(self._at, min(self._end, self._at + _STEP))
            self._at += len(self._input)
            if not self._input:
                raise Malformed("what is compressed in it ends too early")
        data, self._input = self._input, b""
        try:
            out = self._inner.decompress(data, min(count, _HELD_AT_ONCE))
        except (OverBudget, Unreadable):
            raise
        except Exception as error:  # each library has its own; some say what they read
            raise Malformed(f"what is compressed in it is damaged ({type(error).__name__})") from None
        if self._inner.eof:
            self._input = self._inner.unused_data
        self.packed_end = self._at - len(self._input)
        self._made += len(out)
        new = max(0, self._made - self._counted[0])
        self._counted[0] += new
        self._limits.spend(new)
        return out

    def _follow(self) -> bool:
        """Whether something follows what has ended; then it is unpacked as well."""
        if self._several:
            while True:
                self._input = self._input.lstrip(b"\0")
                if self._input:
                    break
                self._input = self._blob.read(self._at, min(self._end, self._at + _STEP))
                self._at += len(self._input)
                if not self._input:
                    break
            if self._input:
                self._inner = self._new()
                if len(self.parts) < MOST_PARTS:
                    self.parts.append(self._at - len(self._input))
                return True
        self._over = True
        return False


def unpacked(outer: Blob, name: str, stream: Unpacking, limits: Limits, start: int, end: int) -> Iterator[Piece]:
    """What comes out as one member: in memory where it is small, else as a stream.

    Raises:
        Malformed: something is wrong behind what was given.
        OverBudget: likewise.
    """
    data = stream.read(limits.budget.held_bytes + 1)
    if len(data) <= limits.budget.held_bytes:
        yield Member(Held(outer, name, data, start, end))
        stream.check()
        return
    yield Member(Streamed(outer, name, stream.again, start, end, begun=(stream, data)))
