"""Strings of a chunk of Zarr, which stand on end with a length before each.

Format: numcodecs, `vlen.pyx` (VLenUTF8, VLenBytes), and Zarr's codec `vlen-utf8`: how many, then each one's length and
bytes; numbers are little-endian and take four bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, whole
from modelguard.readers.weights.key_values import Entries

_NUMBER = 4
_SHORTEST = 8
"""Bytes of a string that may be a value."""

_NOW_AND_THEN = 1 << 16


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Each string. Where they do not fill the file it is none of this kind, and its bytes are all there is.

    See `Reader`.
    """
    data = whole(blob, limits)
    if not _fill(data, limits):
        return
    gathered = Entries()
    for number, (start, end) in enumerate(_spans(data)):
        if end - start >= _SHORTEST:
            gathered.add(data[start:end], f"[{number}]", start, end)
        if gathered.enough:
            yield from gathered.told()
            yield Covered(0, end)
    yield from gathered.told()
    yield Covered(0, len(data))


def _fill(data: bytes, limits: Limits) -> bool:
    """Whether there are as many strings as is said, and they end where the file does."""
    number, last = 0, _NUMBER
    for _, end in _spans(data):
        number, last = number + 1, end
        if number % _NOW_AND_THEN == 0:
            limits.check_time()
    return last == len(data) and number == int.from_bytes(data[:_NUMBER], "little")


def _spans(data: bytes) -> Iterator[tuple[int, int]]:
    """Where each string is, as long as there is a length before one."""
    at = _NUMBER
    while at + _NUMBER <= len(data):
        start = at + _NUMBER
        at = start + int.from_bytes(data[at:start], "little")
        yield start, at
