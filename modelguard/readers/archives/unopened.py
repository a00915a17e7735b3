"""Archives that nothing here unpacks, which are a gap: RAR, and parts of archives that were split."""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Piece, Problem

RAR = b"Rar!\x1a\x07"


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """That it could not be unpacked. See `Reader`."""
    if blob.read(0, min(blob.size, len(RAR))) == RAR:
        yield Problem(GapReason.UNREADABLE, "it is not unpacked; scan what is in it")
    else:
        yield Problem(GapReason.UNREADABLE, "it is one of several parts; join them and scan the whole")
