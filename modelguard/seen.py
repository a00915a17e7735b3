"""What one piece of work has to say, and how what lies within a file is told of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.errors import Unreadable
from modelguard.model import Blob, Finding, Gap, GapReason, LeftOut, Mark, Place, Window, way
from modelguard.readers.kinds import HEAD_BYTES, ZIP_END_BYTES, Kind, kind_at_end, kind_of

if TYPE_CHECKING:
    from modelguard.readers.members import MemberBlob


class Seen(Struct, frozen=True):
    """What one piece of work has to say. `blobs` and `bytes` are what it looked at."""

    blobs: int = 0
    bytes: int = 0
    findings: tuple[Finding, ...] = ()
    marks: tuple[tuple[str, Mark], ...] = ()
    gaps: tuple[Gap, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @staticmethod
    def joined(all_seen: Sequence[Seen]) -> Seen:
        """Everything that was said, as one."""
        return Seen(
            sum(each.blobs for each in all_seen),
            sum(each.bytes for each in all_seen),
            tuple(chain.from_iterable(each.findings for each in all_seen)),
            tuple(chain.from_iterable(each.marks for each in all_seen)),
            tuple(chain.from_iterable(each.gaps for each in all_seen)),
            tuple(chain.from_iterable(each.left_out for each in all_seen)),
        )


_MOST_GAPS = 1000
"""So many gaps of one blob are listed, and how many more there are."""


class Saying:
    """What is said of one blob, gathered: of a million members that hold nothing only the count is kept."""

    def __init__(self) -> None:
        self._blobs = self._bytes = self._more_gaps = 0
        self._findings: list[Finding] = []
        self._marks: list[tuple[str, Mark]] = []
        self._gaps: list[Gap] = []
        self._left_out: list[LeftOut] = []

    def add(self, *all_seen: Seen) -> None:
        """Something more."""
        for each in all_seen:
            self._blobs += each.blobs
            self._bytes += each.bytes
            self._findings += each.findings
            self._marks += each.marks
            self._left_out += each.left_out
            room = max(0, _MOST_GAPS - len(self._gaps))
            self._gaps += each.gaps[:room]
            self._more_gaps += len(each.gaps[room:])

    def seen(self) -> Seen:
        """All of it."""
        gaps = [*self._gaps]
        if self._more_gaps:
            detail = f"{self._more_gaps} more parts of it could not be looked at; they are not listed"
            gaps.append(Gap(gaps[0].path, GapReason.OVER_BUDGET, detail))
        return Seen(
            self._blobs,
            self._bytes,
            tuple(self._findings),
            tuple(self._marks),
            tuple(gaps),
            tuple(self._left_out),
        )


class Part(Struct, frozen=True):
    """A range of a large blob, to be looked at on its own by whichever worker is free.

    `within` is given where no more of the blob than that is to be looked at as it stands.
    """

    blob: Any
    owned: tuple[int, int]
    within: tuple[int, int] | None = None


def check_size(size: int, budget: Budget) -> None:
    """Raise `Unreadable` for a blob that is larger than the user wants to have looked at."""
    if budget.file_bytes is not None and size > budget.file_bytes:
        detail = f"{size} bytes, above the limit of {budget.file_bytes}; raise --max-file-size"
        raise Unreadable(GapReason.OVER_BUDGET, detail)


def kind_in(blob: Blob, first: Window) -> Kind | None:
    """The kind of a blob, told by its first window."""
    if getattr(blob, "is_text", False):
        return None
    data = first.data
    head = data[:HEAD_BYTES] if len(data) > HEAD_BYTES else data
    kind = kind_of(head, name_of(blob))
    if kind is not None and kind.reader is not None:
        return kind
    if len(data) <= first.owned_to - first.owned_from or hasattr(blob, "failure"):  # a stream's end is far away
        return kind_at_end(kind, data[-ZIP_END_BYTES:])
    size = blob.size
    return kind_at_end(kind, blob.read(max(0, size - ZIP_END_BYTES), size))


def name_of(blob: Blob) -> str:
    """The path of a blob, as far as it says what kind of file it is."""
    if not getattr(blob, "path_known", True):
        return ""
    path: str | None = getattr(blob, "path", None)
    return blob.origin.path if path is None else path


def in_file(seen: Seen, member: MemberBlob, masked: Callable[[str], str]) -> Seen:
    """What a member has to say, told of the file on disk, with the way into it; a value in a name is `masked`."""
    if not (seen.findings or seen.gaps or seen.left_out):
        return seen
    path, root = member.origin.path, member.root
    leads = masked(member.way)

    def placed(place: Place) -> Place:
        return replace(place, inner=way(leads, place.inner), inside=True)

    findings = tuple(
        replace(
            each,
            origin=root.origin,
            place=placed(each.place),
            parts=tuple(replace(part, place=placed(part.place)) for part in each.parts),
        )
        if each.origin.path == path
        else each
        for each in seen.findings
    )
    gaps = tuple(
        replace(gap, path=root.origin.path, inner=way(leads, gap.inner)) if gap.path == path else gap
        for gap in seen.gaps
    )
    return replace(seen, findings=findings, gaps=gaps)


def broken(blob: Blob, why: str) -> Gap:
    """What a worker or a detector could not finish."""
    return Gap(blob.origin.path, GapReason.TIMED_OUT if "longer than" in why else GapReason.CRASHED, why)


def broken_off(member: MemberBlob) -> Iterator[Seen]:
    """What could not be unpacked of a member, behind what was looked at."""
    failure = getattr(member, "failure", None)
    if failure is not None:
        from modelguard.readers.interface import Unopened

        if not isinstance(failure, Unopened):
            raise failure
        yield Seen(gaps=(Gap(member.origin.path, failure.reason, f"{failure}; what follows was not looked at"),))


def gap_for(blob: Blob, error: Unreadable) -> Seen:
    """What is said of a blob that cannot be read."""
    return Seen(gaps=(Gap(blob.origin.path, error.reason, error.message),))
