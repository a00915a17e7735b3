"""One item through the machine: opened, or looked at window by window. Every worker calls the same Inspection."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detecting import UNJUDGED, Detecting
from modelguard.detectors.patterns import MARGIN, Asked, Heard
from modelguard.errors import Unreadable
from modelguard.looking import Looking
from modelguard.model import Blob, Category, Finding, Gap, GapReason, LeftOut, Window
from modelguard.pool import NeedsProcess, may_end
from modelguard.readers.kinds import HEAD_BYTES, ZIP_END_BYTES, Kind, kind_of, kind_of_whole
from modelguard.readers.windows import read_window, window_ranges
from modelguard.rules.interface import Rule
from modelguard.seen import Part, Saying, Seen, broken, broken_off, check_size, gap_for, in_file, kind_in, name_of
from modelguard.settings import Settings
from modelguard.sources.interface import Item

if TYPE_CHECKING:
    from modelguard.readers.interface import Limits
    from modelguard.readers.members import MemberBlob
    from modelguard.told_once import Tell, Told

__all__ = ["MARGIN", "UNJUDGED", "Asked", "Heard", "Inspection"]

_ALWAYS_OPENED = 4 * 1024
"""What is opened on demand is always opened where it has no more bytes: that costs little."""

_WORD = re.compile(rb"[A-Za-z0-9_/+.-]{2}")
"""What may go on as one value."""

_SHARED_FROM_WINDOWS = 4
"""A file of at least so many windows is shared between workers."""


_SHARED_UP_TO = 100_000
"""Where more than so many ranges of one are left, they are small, and not worth sending."""


class Inspection:
    """Looks at one item at a time; a `pool.Worker`."""

    def __init__(
        self, rules: Sequence[Rule], settings: Settings, expected_bytes: int | None, known: Collection[str]
    ) -> None:
        self._made_of = (rules, settings, expected_bytes, known)
        self._budget = replace(Budget(), file_bytes=settings.max_file_size)
        self._weights = settings.weights
        self._detecting = Detecting(rules, settings, expected_bytes, self._budget)
        self._looking = Looking(self._detecting, self._budget, known)

    def __reduce__(self) -> tuple[Any, ...]:
        """A process that is not a fork makes its own: a compiled database cannot be sent."""
        return Inspection, self._made_of

    def for_much(self) -> Inspection:
        """Itself, or one for any amount of text where it was made for little: then a database is worth compiling."""
        rules, settings, expected_bytes, known = self._made_of
        return self if expected_bytes is None else Inspection(rules, settings, None, known)

    def do(self, item: Item | Part) -> tuple[Seen | None, Sequence[Part]]:
        """Everything that one item has to say, and the parts of it that other workers may take.

        Raises:
            NeedsProcess: a library in C would parse it, and this process must not end with that.
        """
        if isinstance(item, Gap):
            return Seen(gaps=(item,)), ()
        if isinstance(item, LeftOut):
            return Seen(left_out=(item,)), ()
        blob = item.blob if isinstance(item, Part) else item
        try:
            if isinstance(item, Part):
                seen = self._looking.part(blob, self._window(blob, item.owned, item.within))
                return self._looking.guided(blob, seen), ()
            whole, parts = self._whole(blob)
            return None if whole is None else self._once(whole), parts
        except Unreadable as error:
            return gap_for(blob, error), ()
        finally:
            close = getattr(blob, "close", None)
            if close is not None:
                close()

    def _once(self, seen: Seen) -> Seen:
        """The same, with the first finding only of those that a rule tells once a file."""
        kept: dict[str, Finding] = {}
        for number, finding in enumerate(seen.findings):
            is_once = finding.category is Category.CONFIG and self._detecting.is_told_once(finding.rule)
            kept.setdefault(finding.fingerprint if is_once else str(number), finding)
        return seen if len(kept) == len(seen.findings) else replace(seen, findings=tuple(kept.values()))

    def failed(self, item: Item | Part, why: str) -> Seen:
        """What could not be looked at is a gap."""
        blob: Any = item.blob if isinstance(item, Part) else item
        return Seen(gaps=(broken(blob, why),))

    def split(self, item: Item | Part) -> Sequence[Item | Part]:
        """What cannot be opened is looked at as bytes, beside a gap; all else is itself to blame."""
        if isinstance(item, (Gap, LeftOut, Part)):
            return ()
        try:
            kind = kind_of(item.read(0, HEAD_BYTES), name_of(item))
            ranges = window_ranges(item.size, self._budget)
        except Unreadable:
            return ()
        if kind is None or kind.reader is None:
            return ()
        detail = f"{kind.title}: opening it broke, took too long or ended its process; it was looked at as bytes"
        reach = getattr(item, "reach", None)
        if reach is not None:
            ranges = [each for each in ranges if each[1] <= reach]
            detail += f", as far as {reach}"
        again = getattr(item, "again", lambda: item)
        return [Gap(item.origin.path, GapReason.CRASHED, detail), *(Part(again(), owned) for owned in ranges)]

    def rules_in(self, blob: Blob) -> Heard:
        """The rules that match in a blob, in whatever file it lies: what makes it worth a closer look.

        `UNJUDGED` stands for what could not be looked at.

        Raises:
            Unreadable: it cannot be read.
        """
        first, *others = window_ranges(blob.size, self._budget)
        window = self._window(blob, first)
        opened_as = self._opened_as(blob, kind_in(blob, window), window)
        if opened_as is not None:
            seen, parts = self._opened(blob, opened_as)
            seen = Seen.joined(
                [seen, *(self._looking.part(blob, self._window(blob, each.owned, each.within)) for each in parts)]
            )
            unjudged = {UNJUDGED} if seen.gaps else set()
            return Heard(frozenset({finding.rule for finding in seen.findings} | unjudged), False, near=False)
        windows = chain((window,), (self._window(blob, owned) for owned in others))
        heard = [self._detecting.rules_in(window) for window in windows]
        return Heard(
            frozenset().union(*(each.rules for each in heard)),
            any(each.wide for each in heard),
            all(each.near for each in heard),
        )

    def opens(self, content: bytes) -> bool:
        """Whether content of some file is such that a reader opens it, so that its bytes do not tell what is in it."""
        kind = kind_of_whole(content[:HEAD_BYTES], "", content[-ZIP_END_BYTES:])
        return kind is not None and kind.reader is not None

    def rules_in_each(self, asked: Sequence[Asked]) -> list[Heard]:
        """As `rules_in`, of many texts, none of them longer than a window.

        Where only parts are asked for: the rules that match near one of them; if that is not near, look at all of it.
        """
        return self._detecting.rules_in_each(asked)

    def speaks(self, rules: Collection[str], path: str) -> bool:
        """Whether any of these rules, given by id, speaks in a file at `path`."""
        return self._detecting.speaks(rules, path)

    def _whole(self, blob: Blob) -> tuple[Seen | None, Sequence[Part]]:
        size = blob.size
        check_size(size, self._budget)
        first, *others = window_ranges(size, self._budget)
        window = self._first(blob, first)
        kind = kind_in(blob, window)
        if window.owned_to < first[1] and (kind is None or kind.reader is None or kind.on_demand):
            window = self._window(blob, first)
        opened_as = self._opened_as(blob, kind, window)
        if opened_as is not None:
            return self._opened(blob, opened_as)
        parts = self._shared(blob, [(owned, None) for owned in others])
        seen = [Seen(blobs=1), self._looking.part(blob, window)]
        if not parts:
            seen += self._standing(blob, ((owned, None) for owned in others))
        return self._looking.guided(blob, Seen.joined(seen), kind), parts

    def _opened_as(self, blob: Blob, kind: Kind | None, window: Window) -> Kind | None:
        """The kind as which a blob is opened; None where its bytes show all that is asked for."""
        if kind is None or kind.reader is None:
            return None
        size = blob.size if kind.on_demand else 0
        if kind.on_demand and _ALWAYS_OPENED < size <= len(window.data):
            return kind if self._detecting.may_hold_glued(window.data) else None
        return kind

    def _shared(self, blob: Blob, ranges: Sequence[tuple[tuple[int, int], tuple[int, int] | None]]) -> Sequence[Part]:
        """The ranges of a blob for other workers, where they are many enough and the blob can be read there."""
        again = getattr(blob, "again", None)
        if again is None or len(ranges) + 1 < _SHARED_FROM_WINDOWS:
            return ()
        if getattr(blob, "is_far", False):
            return ()  # others would ask once more for what is around these, and for all before it to count lines
        return [Part(again(), owned, within) for owned, within in ranges]

    def _opened(
        self, blob: Blob, kind: Kind, limits: Limits | None = None, tell: Tell | None = None
    ) -> tuple[Seen, Sequence[Part]]:
        """A blob that has a reader: its texts and members, and as it stands whatever these did not cover."""
        from modelguard.opening import Opened
        from modelguard.readers.interface import Limits, Text
        from modelguard.told_once import Told

        if kind.native and not may_end():
            raise NeedsProcess
        limits = limits or Limits(self._budget_for(blob), self._weights, blob.size)
        opened = Opened(blob, kind, limits)
        told = Told(tell)
        said = Saying()
        said.add(Seen(blobs=1))
        for piece in opened.pieces():
            if not isinstance(piece, Text):
                if piece.again:
                    said.add(self._member_again(piece.blob, limits, told))
                else:
                    said.add(self._member(piece.blob, limits, told.elsewhere))
            elif piece.again:
                said.add(replace(self._looking.in_text(blob, piece, told.again), findings=()))
            else:
                said.add(self._looking.in_text(blob, piece, told.elsewhere))
        size = blob.size
        ranges = (
            (owned, (start, end))
            for start, end in opened.uncovered(size)
            for owned in window_ranges(end - start, self._budget, start)
        )
        some = list(islice(ranges, _SHARED_UP_TO + 1))
        parts = () if told.repeated or len(some) > _SHARED_UP_TO else self._shared(blob, some)
        if not parts:
            for each in self._standing(blob, chain(some, ranges), told.standing):
                said.add(each)
        said.add(*self._across(blob, opened.edges(size), limits))
        new, doubled = told.once(kind.guide is not None)
        raw = said.seen()
        raw = replace(raw, findings=tuple(each for each in raw.findings if id(each) not in doubled))
        raw = self._looking.guided(blob, raw, kind)
        gaps = tuple(replace(gap, inner=gap.inner and self._looking.masked(gap.inner)) for gap in opened.gaps)
        left_out = tuple(replace(each, path=self._looking.masked(each.path)) for each in opened.left_out)
        return Seen.joined([raw, Seen(findings=new, gaps=gaps, left_out=left_out)]), parts

    def _budget_for(self, blob: Blob) -> Budget:
        """The limits of what is within a blob."""
        if not getattr(blob, "is_far", False):
            return self._budget
        return replace(self._budget, opened_seconds=self._budget.opened_seconds + self._budget.far_seconds)

    def _standing(
        self, blob: Blob, ranges: Iterable[tuple[tuple[int, int], tuple[int, int] | None]], tell: Tell | None = None
    ) -> Iterator[Seen]:
        """What stands in ranges of a blob; of one that is far away no more than its `reach`, and then a gap."""
        left = getattr(blob, "reach", None)
        for owned, within in ranges:
            if left is not None:
                left -= owned[1] - owned[0]
                if left < 0:
                    detail = f"it is not as weights are, and only {blob.reach} bytes were read; --weights reads all"  # type: ignore[attr-defined]
                    yield Seen(gaps=(Gap(blob.origin.path, GapReason.OVER_BUDGET, detail),))
                    return
            yield self._looking.part(blob, self._window(blob, owned, within), tell)

    def _across(self, blob: Blob, edges: Iterable[int], limits: Limits) -> Iterator[Seen]:
        """What begins before an edge and ends behind it."""
        from modelguard.readers.interface import OverBudget

        for edge in edges:
            try:
                limits.check_time()
            except OverBudget as error:
                yield Seen(gaps=(Gap(blob.origin.path, error.reason, str(error)),))
                return
            if _WORD.fullmatch(blob.read(edge - 1, edge + 1)) is None:
                continue
            first = edge - min(edge, MARGIN)
            found = self._looking.part(blob, self._window(blob, (first, edge), (first, edge + MARGIN)))
            crossing = [each for each in found.findings if each.place.byte_start < edge < each.place.byte_end]
            if crossing:
                yield Seen(findings=tuple(crossing))

    def _member(self, member: MemberBlob, limits: Limits, tell: Tell) -> Seen:
        """A blob within a blob, told as a place in the file that it lies in."""
        from modelguard.readers.interface import Unopened

        said: list[Seen] = []
        limits.depth += 1
        try:
            limits.member()
            window = self._window(member, (0, self._budget.window_bytes))
            kind = kind_in(member, window)
            opened_as = self._opened_as(member, kind, window)
            if opened_as is not None and limits.depth <= self._budget.opened_depth:
                said.append(self._opened(member, opened_as, limits, tell)[0])
            else:
                if opened_as is not None:
                    detail = f"containers within containers are opened {self._budget.opened_depth} deep"
                    said.append(Seen(gaps=(Gap(member.origin.path, GapReason.OVER_BUDGET, detail),)))
                said.append(Seen(blobs=1))
                said += (self._looking.guided(member, part, kind) for part in self._parts(member, window, tell))
            said += broken_off(member)
        except Unopened as error:
            said.append(Seen(gaps=(Gap(member.origin.path, error.reason, str(error)),)))
        except Unreadable as error:
            said.append(gap_for(member, error))
        finally:
            limits.depth -= 1
        return in_file(Seen.joined(said), member, self._looking.masked)

    def _member_again(self, member: MemberBlob, limits: Limits, told: Told) -> Seen:
        """A member that repeats another one: what is found in it waits until all is known that others hold."""
        values: dict[tuple[str, str, int, int], bytes] = {}

        def tell(finding: Finding, value: bytes) -> None:
            values[_identity(finding)] = value

        said = self._member(member, limits, tell)
        others = []
        for finding in said.findings:
            value = values.get(_identity(finding))
            if value is None:
                others.append(finding)
            else:
                told.again(finding, value)
        return replace(said, findings=tuple(others))

    def _parts(self, member: MemberBlob, window: Window, tell: Tell) -> Iterator[Seen]:
        """A member from its first window on; one that is a stream does not say before its end where that is."""
        while True:
            yield self._looking.part(member, window, tell)
            at = window.owned_to
            window = self._window(member, (at, at + self._budget.window_bytes))
            if window.start + len(window.data) <= at:
                return

    def _first(self, blob: Blob, owned: tuple[int, int]) -> Window:
        """The first window; of a blob that is far away what tells its kind, since its reader may need little more."""
        end = min(owned[1], HEAD_BYTES) if getattr(blob, "is_far", False) else owned[1]
        return self._window(blob, owned) if end == owned[1] else Window(blob.read(0, end + 1), 0, 0, end)

    def _window(self, blob: Blob, owned: tuple[int, int], within: tuple[int, int] | None = None) -> Window:
        return read_window(blob, owned, self._budget, within)


def _identity(finding: Finding) -> tuple[str, str, int, int]:
    """What stays the same of a finding when it is told of an outer blob."""
    return finding.rule, finding.fingerprint, finding.place.byte_start, finding.place.byte_end
