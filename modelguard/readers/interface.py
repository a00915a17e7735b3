"""The nouns of this family: what a reader makes of a blob, piece by piece, and how much it may cost.

A reader knows one format. It yields pieces in the order in which it meets them, and its caller looks at each at once:

* `Text`: text that the bytes do not show as they stand, or whose place has a better name than an offset,
* `Member`: a blob within the blob, which is opened in its turn,
* `Covered`: bytes that need not be looked at as they stand any more, since everything in them was told,
* `Problem`: what could not be opened, which becomes a Gap,
* `Omitted`: what policy leaves out, which becomes a LeftOut.

Whatever no `Covered` names is looked at as it stands, so a reader that fails takes nothing away.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.model import Blob, GapReason
from modelguard.readers.members import MemberBlob

Names = Callable[[int], str]
Spans = Callable[[int, int], tuple[int, int]]


class Text(Struct, frozen=True):
    """Text made of parts of a blob, at most a few MiB of it.

    `name` tells for an offset in `text` where a person finds what stands there (`__metadata__["author"]`), and `span`
    for two offsets which bytes of the blob that was made of. Both are asked only about what was found, and may hold
    text of the file: what is found in them is masked. `starts` says where the entries begin that are looked at each
    alone, ascending from 0, with one line feed before each but the first; without it, all of it is one text.
    `again` says that most of it also stands in the blob as it is, or is told by another text: what is found there is
    not told twice.
    `sort` is what these texts are (`vocabulary`), for rules that speak only there: their `paths` say `:vocabulary`.
    `lines` says that the blob is text with lines, so what `span` tells is placed by line and column, too.
    """

    text: bytes
    name: Names
    span: Spans
    starts: Sequence[int] | None = None
    again: bool = False
    sort: str = ""
    lines: bool = False


class Member(Struct, frozen=True):
    """A blob within the blob.

    `again` says that it repeats what another one holds, and may hold more: what was found there is not told twice.
    """

    blob: MemberBlob
    again: bool = False


class Covered(Struct, frozen=True):
    """The bytes of the blob from `start` to `end`, all of whose text was told."""

    start: int
    end: int


class Problem(Struct, frozen=True):
    """What could not be opened, in words that hold no text of the file; `inner` says where, if not everywhere."""

    reason: GapReason
    detail: str
    inner: str | None = None


class Omitted(Struct, frozen=True):
    """What policy leaves out: how many bytes of what, and how to have it looked at. It should be `Covered`, too."""

    inner: str
    reason: str
    bytes: int | None = None


Piece = Text | Member | Covered | Problem | Omitted


class Unopened(Exception):
    """Something could not be opened, or not to its end. The message holds no text of the file."""

    reason: GapReason


class Malformed(Unopened):
    """A blob is not what its format asks for; what was told before stays."""

    reason = GapReason.MALFORMED


class OverBudget(Unopened):
    """Opening something would cost more than it may."""

    reason = GapReason.OVER_BUDGET


_AHEAD = 4


class Limits:
    """What may still be spent on one outermost blob of `size` bytes and all within it."""

    def __init__(
        self, budget: Budget, weights: bool = False, size: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.budget = budget
        self.weights = weights
        self.depth = 0
        self._clock = clock
        self._all_seconds = budget.opened_seconds + size / budget.opened_rate
        self._until = clock() + self._all_seconds
        self._all_bytes = self._bytes = budget.opened_bytes + size * budget.unpacked_ratio
        self._all_members = self._members = budget.members + size // budget.member_bytes
        self._outer: Limits | None = None

    def ahead(self) -> Limits:
        """Limits of a look ahead: a quarter of the bytes and seconds that are left here, where bytes count, too."""
        part = type(self)(self.budget, self.weights, clock=self._clock)
        part._all_bytes = part._bytes = max(0, self._bytes) // _AHEAD
        part._all_seconds = max(0.0, self._until - self._clock()) / _AHEAD
        part._until = self._clock() + part._all_seconds
        part._outer = self
        return part

    def spend(self, count: int) -> None:
        """Count bytes that were made of the blob's: inflated, decoded, or copied.

        Raises:
            OverBudget: there are too many, or it has taken too long.
        """
        self._bytes -= count
        if self._outer is not None:
            self._outer._bytes -= count
        if self._bytes < 0:
            raise OverBudget(f"it holds more than {self._all_bytes} bytes when it is unpacked")
        self.check_time()

    def member(self) -> None:
        """Count one member.

        Raises:
            OverBudget: there are too many, or it has taken too long.
        """
        self._members -= 1
        if self._members < 0:
            raise OverBudget(f"it holds more than {self._all_members} members")
        self.check_time()

    def check_time(self) -> None:
        """Raise `OverBudget` where it has taken too long."""
        if self._clock() > self._until:
            raise OverBudget(f"opening it took longer than {self._all_seconds:.0f} seconds")


class Reader(Protocol):
    """Reads one format."""

    def __call__(self, blob: Blob, limits: Limits) -> Iterator[Piece]:
        """The pieces of a blob.

        Raises:
            Malformed: it is not what its format asks for. Any other error means the same, and is told by its class.
            OverBudget: it would cost too much.
            Unreadable: the blob cannot be read.
        """
        ...


class Guide(Protocol):
    """Knows its way about one text format, whose bytes are looked at as they stand."""

    def __call__(self, blob: Blob, offsets: Sequence[int]) -> Sequence[str | None]:
        """Where a person finds what stands at each of these offsets of the blob, ascending; None: no better name."""
        ...


def whole(blob: Blob, limits: Limits) -> bytes:
    """All of a blob, for readers of formats that must be held in memory.

    Raises:
        OverBudget: it is longer than may be held.
    """
    size = blob.size
    if size > limits.budget.held_bytes:
        raise OverBudget(f"it is longer than {limits.budget.held_bytes} bytes")
    limits.spend(size)
    return blob.read(0, size)


def passage(text: bytes, name: str, start: int, end: int, again: bool = False) -> Text:
    """A text with one name, made of the bytes of the blob from `start` to `end`."""
    return Text(text, lambda offset: name, lambda first, last: (start, end), again=again)


def repeated(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same pieces; what their texts hold also stands elsewhere, and is not told twice."""
    for piece in pieces:
        yield replace(piece, again=True) if isinstance(piece, Text) else piece


NEWLINE = b"\n"


def entries(
    texts: Sequence[bytes],
    name: Callable[[int], str],
    span: Callable[[int], tuple[int, int]],
    again: bool = False,
    sort: str = "",
    lines: bool = False,
) -> Text:
    """Many short texts, each looked at alone: the i-th is called `name(i)` and made of the bytes `span(i)`."""
    starts: list[int] = []
    at = 0
    for text in texts:
        starts.append(at)
        at += len(text) + 1

    def number(offset: int) -> int:
        return max(0, bisect_right(starts, offset) - 1)

    return Text(
        NEWLINE.join(texts),
        lambda offset: name(number(offset)),
        lambda first, last: (span(number(first))[0], span(number(max(first, last - 1)))[1]),
        starts,
        again,
        sort,
        lines,
    )
