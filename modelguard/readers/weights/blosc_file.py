"""A file that is one chunk of Blosc, as Zarr keeps those of its arrays: what is packed is a member.

Where elements are wider than any number they are strings or records of one width, and each is looked at alone too: one
that is full touches the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from modelguard.model import Blob
from modelguard.readers.archives.compressed import inner_name
from modelguard.readers.interface import Covered, Limits, Malformed, Member, OverBudget, Piece, entries, whole
from modelguard.readers.members import Held
from modelguard.readers.weights.blosc import unpacked_blosc

_HEAD = 16
_PLAIN = 2
_LISTED = 4
_MOST_OF_TABLE = 64 * 1024
_WIDEST_NUMBER = 16
_BATCH = 1 << 20
_LETTER = 4
"""Bytes of a letter in NumPy's texts."""


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What is packed. A file that is not as long as a chunk says is none, and its bytes are all there is.

    See `Reader`.
    """
    head = blob.read(0, _HEAD)
    size, packed = int.from_bytes(head[4:8], "little"), int.from_bytes(head[12:16], "little")
    if packed != blob.size:
        if packed > blob.size and _has_table(head, size, blob):
            raise Malformed("it ends too early")
        return
    most = limits.budget.held_bytes
    if size > most:
        raise OverBudget(f"it is longer than {most} bytes when it is unpacked")
    limits.spend(size)
    data = unpacked_blosc(whole(blob, limits), most)
    if len(data) != size:
        raise Malformed("less comes out of it than it says")
    is_wide = head[3] > _WIDEST_NUMBER
    if is_wide:
        yield from _cells(data, head[3], packed)
    yield Member(Held(blob, inner_name(blob.origin.path), data, 0, packed), again=is_wide)  # a width may be a lie
    yield Covered(0, packed)


def _has_table(head: bytes, size: int, blob: Blob) -> bool:
    """Whether what follows a header belongs to it: of the blocks that it lists, one begins behind the list."""
    if head[2] & _PLAIN:  # then there are no blocks, and the sizes say enough
        return True
    end = _HEAD + -(-size // int.from_bytes(head[8:12], "little")) * _LISTED
    table = blob.read(_HEAD, min(end, _HEAD + _MOST_OF_TABLE))
    return any(table[at : at + _LISTED] == end.to_bytes(8, "little")[:_LISTED] for at in range(0, len(table), _LISTED))


def _cells(data: bytes, width: int, packed: int) -> Iterator[Piece]:
    """All elements, some MiB at a time."""
    step = max(1, _BATCH // width)
    for first in range(0, -(-len(data) // width), step):
        batch = data[first * width : (first + step) * width]
        texts = [_text(batch[at : at + width]) for at in range(0, len(batch), width)]
        yield entries(texts, partial(_indexed, first), lambda number: (0, packed))


def _indexed(first: int, number: int) -> str:
    return f"[{first + number}]"


def _text(cell: bytes) -> bytes:
    """An element: text of four bytes a letter as UTF-8, anything else as it is."""
    if len(cell) % _LETTER == 0:
        for coding in ("utf-32-le", "utf-32-be"):
            try:
                return cell.decode(coding).rstrip("\0").encode()
            except UnicodeDecodeError:
                continue
    return cell.rstrip(b"\0")
