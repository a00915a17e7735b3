"""What stands behind the end of a file: zeros, or another file, such as an archive behind a picture."""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Member, Piece
from modelguard.readers.kinds import HEAD_BYTES, is_file
from modelguard.readers.members import Ranged

_SMALLEST_FILE = 16
_STEP = 1 << 20


def behind(blob: Blob, at: int) -> Iterator[Piece]:
    """The file that begins at this byte of the blob and ends with it; anything else is looked at as it stands."""
    head = blob.read(at, at + HEAD_BYTES)
    if len(head) >= _SMALLEST_FILE and is_file(head):
        size = blob.size
        yield Member(Ranged(blob, f"bytes at {at}", at, size))
        yield Covered(at, size)


def behind_zeros(blob: Blob, at: int) -> int | None:
    """Where anything but zeros stands from this byte on; a stream is read to its end, and then knows its size."""
    while data := blob.read(at, at + _STEP):
        left = data.lstrip(b"\0")
        if left:
            return at + len(data) - len(left)
        at += len(data)
    return None
