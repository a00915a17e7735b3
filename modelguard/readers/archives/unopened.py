"""Containers that nothing here opens: they are a gap, and are looked at as they stand."""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Piece, Problem


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """That it could not be opened. See `Reader`."""
    yield Problem(GapReason.UNREADABLE, "nothing here opens it; scan what is in it")
