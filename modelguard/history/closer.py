"""A closer look at what was sifted out: each object with its path, in this process or in another.

There may be thousands of versions of a file, of which one is shown: of the others, it is enough to know what is where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import Unreadable
from modelguard.inspection import Inspection
from modelguard.model import Confidence, Gap
from modelguard.seen import Seen
from modelguard.sources.file import FileBlob
from modelguard.sources.history.blob import ObjectBlob
from modelguard.sources.history.listing import LARGE_BYTES
from modelguard.sources.history.versions import Contents

Chunk = tuple[int, ...]
"""Numbers of blobs that lie near each other: git unpacks them faster in one go."""


Spotted = tuple[str, str, int | None, int]
"""What a finding is and where: rule, fingerprint, line, and offset."""


class Looked(Struct, frozen=True):
    """What one of the blobs, given by its number, has to say; `whole` where it is to be shown."""

    number: int
    spotted: tuple[Spotted, ...]
    gaps: tuple[Gap, ...]
    whole: Seen | None = None


def spotted(seen: Seen) -> tuple[Spotted, ...]:
    """What is where; a part of a credential that would be a finding alone is there as well."""
    return tuple(
        (rule, fingerprint, place.line, place.byte_start)
        for each in seen.findings
        for rule, fingerprint, place in (
            (each.rule, each.fingerprint, each.place),
            *((part.rule, part.fingerprint, part.place) for part in each.parts),
        )
        if rule is not None and fingerprint is not None
    )


class Closer:
    """Looks at a few objects of a list at a time, each with its path; a `pool.Worker`.

    `shown` asks for all there is.
    """

    def __init__(
        self, inspection: Inspection, contents: Contents, blobs: Sequence[ObjectBlob | FileBlob], shown: bool
    ) -> None:
        self._inspection = inspection
        self._contents = contents
        self._blobs = blobs
        self._shown = shown

    def chunks(self, size: int) -> Iterator[Chunk]:
        """All of the list, `size` blobs at a time."""
        for start in range(0, len(self._blobs), size):
            yield tuple(range(start, min(start + size, len(self._blobs))))

    def do(self, chunk: Chunk) -> tuple[list[Looked], Sequence[Chunk]]:
        """Everything in each of them."""
        objects = {
            number: blob
            for number in chunk
            if isinstance(blob := self._blobs[number], ObjectBlob) and blob.listed.size <= LARGE_BYTES
        }
        versions = self._contents.read([blob.listed for blob in objects.values()])
        told: list[Looked] = []
        for number in chunk:
            if number in objects:
                objects[number].hold(next(versions).content)
            told.append(self._told(number, looked_at(self._inspection, self._blobs[number])))
        return told, ()

    def split(self, chunk: Chunk) -> Sequence[Chunk]:
        """Each on its own."""
        return [(number,) for number in chunk] if len(chunk) > 1 else ()

    def failed(self, chunk: Chunk, why: str) -> list[Looked]:
        """What could not be looked at is a gap."""
        return [self._told(number, self._inspection.failed(self._blobs[number], why)) for number in chunk]

    def _told(self, number: int, seen: Seen) -> Looked:
        return Looked(number, spotted(seen), seen.gaps, seen if self._shown else None)


def looked_at(inspection: Inspection, blob: ObjectBlob | FileBlob) -> Seen:
    """Everything in a blob.

    Where its path is not known, a rule that is bound to certain files speaks only where no other one does, and is less
    sure: it would know any token by the name before it, and read prose as a file of settings.
    """
    same = blob.in_some_file() if isinstance(blob, ObjectBlob) and not blob.path_known else None
    seen = inspection.do(blob)[0] or Seen()
    if same is None or not seen.findings:
        return seen
    unbound = inspection.do(same)[0] or Seen()
    places = (place for each in unbound.findings for place in (each.place, *(part.place for part in each.parts)))
    taken = [(place.byte_start, place.byte_end) for place in places]
    others = [
        replace(each, confidence=_LESS_SURE.get(each.confidence, each.confidence))
        for each in seen.findings
        if not any(start < each.place.byte_end and each.place.byte_start < end for start, end in taken)
    ]
    return replace(seen, findings=(*unbound.findings, *others))


_LESS_SURE = {Confidence.HIGH: Confidence.MEDIUM, Confidence.MEDIUM: Confidence.LOW}


def size_of(blob: ObjectBlob | FileBlob) -> int:
    """Bytes in all; 0 where that cannot be said."""
    try:
        return blob.size
    except Unreadable:  # said when it is looked at
        return 0
