"""What holds packed text that nothing here unpacks: a gap that says so, while it is looked at as it stands.

Formats: https://duckdb.org/docs/stable/internals/storage (strings are packed by FSST and dictionaries);
https://github.com/Blosc/c-blosc2/blob/main/README_CFRAME_FORMAT.rst;
https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md, section "Legacy frame"; PSPP's description of SPSS' system
files, "ZSAV".
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Piece, Problem


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """That it could not be unpacked. See `Reader`."""
    yield Problem(GapReason.UNREADABLE, "nothing here unpacks it; scan what it is made from")
