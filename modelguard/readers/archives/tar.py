"""Tar archives of every dialect that Python's tarfile reads, forwards, so that a compressed one needs no memory."""

from __future__ import annotations

import tarfile
from collections.abc import Generator, Iterator
from typing import Any

from modelguard.model import Blob, GapReason
from modelguard.readers.behind import behind_zeros
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece, Problem
from modelguard.readers.members import Ranged
from modelguard.readers.seeking import BlobFile
from modelguard.readers.tar_looks import looks_like_tar

_BLOCK_BYTES = 512


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The members of a tar archive, and of those behind it; what stands beside them is looked at as it is.

    See `Reader`.
    """
    at: int | None = 0
    while at is not None:
        try:
            end = yield from _archive(blob, at, limits)
        except (tarfile.TarError, ValueError, OverflowError, UnicodeError) as error:
            raise Malformed(f"a header cannot be read ({type(error).__name__})") from None
        at = behind_zeros(blob, end)
        if at is not None:
            at -= (at - end) % _BLOCK_BYTES
            if at <= end or not looks_like_tar(blob.read(at, at + _BLOCK_BYTES)):
                yield Problem(GapReason.MALFORMED, "its members end before it does; the rest was looked at as bytes")
                return


def _archive(blob: Blob, at: int, limits: Limits) -> Generator[Piece, None, int]:
    """The members of the archive that begins there; gives where it ends."""
    headers = Headers(blob, at, limits)
    for info in headers:
        if info.isreg() and info.size:
            start, end = info.offset_data, info.offset_data + bytes_of(info)
            yield Member(Ranged(blob, info.name, start, end))
            yield Covered(start, end)
    return headers.end


def bytes_of(info: tarfile.TarInfo) -> int:
    """How many bytes of the archive a member takes, which of a sparse one are fewer than it says."""
    parts: Any = info.sparse  # typeshed takes it for bytes
    return info.size if parts is None else sum(length for _, length in parts)


class Headers:
    """The headers of the archive that begins at this byte of a blob, of which none is kept.

    Iterating raises what `tarfile` does, `Malformed` and `OverBudget`. `end` is how far it came.
    """

    def __init__(self, blob: Blob, at: int, limits: Limits) -> None:
        file = BlobFile(blob)
        file.seek(at)
        self._archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115  # it holds nothing but the blob
        self._limits = limits

    def __iter__(self) -> Iterator[tarfile.TarInfo]:
        while (info := self._archive.next()) is not None:
            self._archive.members = []  # type: ignore[attr-defined]  # it would keep all of them
            self._limits.check_time()
            if info.size < 0:
                raise Malformed("a member says that it has fewer bytes than none")
            yield info

    @property
    def end(self) -> int:
        """Where the next header would begin, or the end of the archive."""
        return self._archive.offset
