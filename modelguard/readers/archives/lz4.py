"""lz4 frames: nothing here unpacks them yet, so they are a gap, and are looked at as they stand.

Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Piece, Problem


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """That it could not be unpacked. See `Reader`."""
    yield Problem(GapReason.UNREADABLE, "it is compressed by lz4, which is not unpacked; scan what is in it")
