"""Tar archives of every dialect that Python's tarfile reads, forwards, so that a compressed one needs no memory."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece, Problem
from modelguard.readers.members import Ranged
from modelguard.readers.seeking import BlobFile

_STEP = 1 << 20


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The members of a tar archive; headers, and what follows the end, are looked at as they stand. See `Reader`."""
    file = BlobFile(blob)
    try:
        archive = tarfile.open(fileobj=file, mode="r:")  # noqa: SIM115  # it holds nothing but the blob
        while (info := archive.next()) is not None:
            archive.members = []  # type: ignore[attr-defined]  # it would keep all of them
            limits.check_time()
            if info.size < 0:
                raise Malformed("a member says that it has fewer bytes than none")
            if info.isreg() and info.size:
                start, end = info.offset_data, info.offset_data + info.size
                yield Member(Ranged(blob, info.name, start, end))
                yield Covered(start, end)
    except (tarfile.TarError, ValueError, OverflowError, UnicodeError) as error:
        raise Malformed(f"a header cannot be read ({type(error).__name__})") from None
    if not _is_over(blob, archive.offset):
        yield Problem(GapReason.MALFORMED, "its members end before it does; the rest was looked at as bytes")


def _is_over(blob: Blob, at: int) -> bool:
    """Whether nothing but zeros follows; a stream is read to its end by this, and knows its size."""
    over = True
    while data := blob.read(at, at + _STEP):
        over = over and not data.strip(b"\0")
        at += len(data)
    return over
