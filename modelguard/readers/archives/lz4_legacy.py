"""The format that lz4 had before its frames: kernels are packed so, no model is. It is a gap.

Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, section "Legacy frame".
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Piece, Problem


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """That it could not be unpacked. See `Reader`."""
    yield Problem(GapReason.UNREADABLE, "it is compressed by lz4 as it was before its frames; scan what is in it")
