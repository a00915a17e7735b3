"""A closer look at what was sifted out: each object with its path, in this process or in another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from modelguard.errors import Unreadable
from modelguard.inspection import Inspection, Seen
from modelguard.sources.file import FileBlob
from modelguard.sources.history.blob import ObjectBlob, read_ahead

Chunk = tuple[int, ...]
"""Numbers of blobs that lie near each other: git unpacks them faster in one go."""


class Closer:
    """Looks at a few objects of a list at a time, each with its path; a `pool.Worker`."""

    def __init__(self, inspection: Inspection, blobs: Sequence[ObjectBlob | FileBlob]) -> None:
        self._inspection = inspection
        self._blobs = blobs

    def chunks(self, size: int) -> Iterator[Chunk]:
        """All of the list, `size` blobs at a time."""
        for start in range(0, len(self._blobs), size):
            yield tuple(range(start, min(start + size, len(self._blobs))))

    def do(self, chunk: Chunk) -> tuple[list[tuple[int, Seen]], Sequence[Chunk]]:
        """Everything in each of them."""
        read_ahead([blob for number in chunk if isinstance(blob := self._blobs[number], ObjectBlob)])
        return [(number, looked_at(self._inspection, self._blobs[number])) for number in chunk], ()

    def split(self, chunk: Chunk) -> Sequence[Chunk]:
        """Each on its own."""
        return [(number,) for number in chunk] if len(chunk) > 1 else ()

    def failed(self, chunk: Chunk, why: str) -> list[tuple[int, Seen]]:
        """What could not be looked at is a gap."""
        return [(number, self._inspection.failed(self._blobs[number], why)) for number in chunk]


def looked_at(inspection: Inspection, blob: ObjectBlob | FileBlob) -> Seen:
    """Everything in a blob.

    Where its path is not known, a rule that is bound to certain files speaks only where no other one does: it would
    know any token by the name before it.
    """
    same = blob.in_some_file() if isinstance(blob, ObjectBlob) and not blob.path_known else None
    seen = inspection.do(blob)[0] or Seen()
    if same is None or not seen.findings:
        return seen
    unbound = inspection.do(same)[0] or Seen()
    taken = [(each.place.byte_start, each.place.byte_end) for each in unbound.findings]
    others = [
        each
        for each in seen.findings
        if not any(start < each.place.byte_end and each.place.byte_start < end for start, end in taken)
    ]
    return replace(seen, findings=(*unbound.findings, *others))


def size_of(blob: ObjectBlob | FileBlob) -> int:
    """Bytes in all; 0 where that cannot be said."""
    try:
        return blob.size
    except Unreadable:  # said when it is looked at
        return 0
