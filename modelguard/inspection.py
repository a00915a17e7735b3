"""One blob through the machine: windows, segments, matches, sealed findings. Every worker calls the same Inspection."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detectors.interface import Detection
from modelguard.detectors.mark_pattern import MARK_PATTERN
from modelguard.detectors.paths import speaks_in
from modelguard.detectors.patterns import MARGIN, Asked, Heard, Hint, PatternDetector
from modelguard.errors import Unreadable
from modelguard.model import Blob, Finding, Gap, GapReason, LeftOut, Mark, Origin, Place, Segment, Window, way
from modelguard.pool import NeedsProcess, may_end
from modelguard.readers.kinds import HEAD_BYTES, Kind, kind_of
from modelguard.readers.raw import read_raw
from modelguard.readers.wide import read_wide
from modelguard.readers.windows import read_window, window_ranges
from modelguard.rules.interface import Rule
from modelguard.rules.ruleset import RuleSet
from modelguard.seen import Part, Seen, broken, broken_off, check_size, gap_for, in_file, kind_in, name_of
from modelguard.settings import Settings
from modelguard.sources.interface import Item

if TYPE_CHECKING:
    from modelguard.detectors.interface import Detector, Match
    from modelguard.layers import Uncovered, Uncovering
    from modelguard.opening import TextPlaces
    from modelguard.readers.interface import Limits, Text
    from modelguard.readers.lines import Lines
    from modelguard.readers.members import MemberBlob
    from modelguard.told_once import Tell

__all__ = ["MARGIN", "UNJUDGED", "Asked", "Heard", "Inspection"]

UNJUDGED = "?"
"""Stands among rule ids for a detector that broke, or stopped before it was done."""

_HINT_REACH = 8192
"""So far from a value its mark may be."""

_ALWAYS_OPENED = 4 * 1024
"""What is opened on demand is always opened where it has no more bytes: that costs little."""

_WORD = re.compile(rb"[A-Za-z0-9_/+.-]{2}")
"""What may go on as one value."""

_SHARED_FROM_WINDOWS = 4
"""A file of at least so many windows is shared between workers."""


class Inspection:
    """Looks at one item at a time; a `pool.Worker`."""

    def __init__(
        self, rules: Sequence[Rule], settings: Settings, expected_bytes: int | None, known: Collection[str]
    ) -> None:
        self._made_of = (rules, settings, expected_bytes, known)
        chosen = RuleSet.of(rules)
        self._ids = {rule.id for rule in chosen.listed}
        self._bound = {rule.id: number for number, rule in enumerate(chosen.listed) if rule.bound and not rule.of_sort}
        self._rules = chosen
        self._budget = replace(Budget(), file_bytes=settings.max_file_size)
        self._known = known
        self._weights = settings.weights
        usual = chosen.where(lambda rule: not (rule.foreign or rule.of_sort))
        self._patterns = PatternDetector(usual, [MARK_PATTERN], expected_bytes)
        self._of_sort = chosen.where(lambda rule: rule.of_sort)
        self._patterns_of_sort: PatternDetector | None = None
        self._others = _other_detectors(settings)

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
                return self._guided(blob, self._part(blob, self._window(blob, item.owned, item.within))), ()
            return self._whole(blob)
        except Unreadable as error:
            return gap_for(blob, error), ()
        finally:
            close = getattr(blob, "close", None)
            if close is not None:
                close()

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
                [seen, *(self._part(blob, self._window(blob, each.owned, each.within)) for each in parts)]
            )
            unjudged = {UNJUDGED} if seen.gaps else set()
            return Heard(frozenset({finding.rule for finding in seen.findings} | unjudged), False, near=False)
        windows = chain((window,), (self._window(blob, owned) for owned in others))
        heard = [self._more(window, *self._patterns.rules_in([Asked(window.data)])) for window in windows]
        return Heard(
            frozenset().union(*(each.rules for each in heard)),
            any(each.wide for each in heard),
            all(each.near for each in heard),
        )

    def opens(self, content: bytes) -> bool:
        """Whether content of some file is such that a reader opens it, so that its bytes do not tell what is in it."""
        kind = kind_of(content[:HEAD_BYTES])
        return kind is not None and kind.reader is not None

    def rules_in_each(self, asked: Sequence[Asked]) -> list[Heard]:
        """As `rules_in`, of many texts, none of them longer than a window.

        Where only parts are asked for: the rules that match near one of them; if that is not near, look at all of it.
        """
        said = self._patterns.rules_in(asked)
        for number, heard in enumerate(said):
            if heard.wide or heard.hidden or self._others:
                text, parts = asked[number]
                whole = parts is None
                said[number] = self._more(Window(text, 0, 0, len(text)), heard) if whole else heard._replace(near=False)
        return said

    def _more(self, window: Window, heard: Heard) -> Heard:
        """What else is heard in a window: by other detectors, in text of wide characters, and in what is encoded."""
        if not heard.wide and not heard.hidden and not self._others:
            return heard
        rules = heard.rules | self._others_in(window.data) | self._rules_under(window.data, heard.hidden)
        for segment in read_wide(window) if heard.wide or self._others else ():
            (wide,) = self._patterns.rules_in([Asked(segment.text)])
            rules |= wide.rules | self._others_in(segment.text) | self._rules_under(segment.text, wide.hidden)
        return Heard(rules, heard.wide, near=False)

    def _rules_under(self, text: bytes, hidden: tuple[Hint, ...]) -> set[str]:
        """The rules that match in what is encoded in a text."""
        if not hidden:
            return set()
        from modelguard.layers import Uncovering

        rules: set[str] = set()

        def hear(decoded: bytes) -> Detection:
            (heard,) = self._patterns.rules_in([Asked(decoded)])
            rules.update(heard.rules, self._others_in(decoded))
            return Detection(wide=heard.wide, hidden=heard.hidden)

        uncovering = Uncovering(hear, self._budget)
        uncovering.under(text, Detection(hidden=hidden))
        return rules | ({UNJUDGED} if uncovering.problems else set())

    def _others_in(self, text: bytes) -> set[str]:
        found: set[str] = set()
        for detector in self._others:
            detection = detector.detect(text, None)
            found.update(match.rule.id for match in detection.matches if match.rule.id in self._ids)
            if detection.problems or detection.unjudged:
                found.add(UNJUDGED)
        return found

    def speaks(self, rules: Collection[str], path: str) -> bool:
        """Whether any of these rules, given by id, speaks in a file at `path`."""
        return any(rule not in self._bound or speaks_in(self._rules[self._bound[rule]], path) for rule in rules)

    def _whole(self, blob: Blob) -> tuple[Seen | None, Sequence[Part]]:
        size = blob.size
        check_size(size, self._budget)
        first, *others = window_ranges(size, self._budget)
        window = self._window(blob, first)
        kind = kind_in(blob, window)
        opened_as = self._opened_as(blob, kind, window)
        if opened_as is not None:
            return self._opened(blob, opened_as)
        parts = self._shared(blob, [(owned, None) for owned in others])
        seen = [Seen(blobs=1), self._part(blob, window)]
        if not parts:
            seen += [self._part(blob, self._window(blob, owned)) for owned in others]
        return self._guided(blob, Seen.joined(seen), kind), parts

    def _opened_as(self, blob: Blob, kind: Kind | None, window: Window) -> Kind | None:
        """The kind as which a blob is opened; None where its bytes show all that is asked for."""
        if kind is None or kind.reader is None:
            return None
        size = blob.size if kind.on_demand else 0
        if kind.on_demand and _ALWAYS_OPENED < size <= len(window.data):
            return kind if self._patterns.may_hold_glued(window.data) else None
        return kind

    def _shared(self, blob: Blob, ranges: Sequence[tuple[tuple[int, int], tuple[int, int] | None]]) -> Sequence[Part]:
        """The ranges of a blob for other workers, where they are many enough and the blob can be read there."""
        again = getattr(blob, "again", None)
        if again is None or len(ranges) + 1 < _SHARED_FROM_WINDOWS:
            return ()
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
        limits = limits or Limits(self._budget, self._weights)
        opened = Opened(blob, kind, limits)
        told = Told(tell)
        seen = [Seen(blobs=1)]
        for piece in opened.pieces():
            if not isinstance(piece, Text):
                seen.append(self._member(piece.blob, limits, told.elsewhere))
            elif piece.again:
                seen.append(replace(self._in_text(blob, piece, told.again), findings=()))
            else:
                seen.append(self._in_text(blob, piece, told.elsewhere))
        size = blob.size
        ranges = [
            (owned, (start, end))
            for start, end in opened.uncovered(size)
            for owned in window_ranges(end - start, self._budget, start)
        ]
        parts = () if told.repeated else self._shared(blob, ranges)
        for owned, within in ranges if not parts else ():
            seen.append(self._part(blob, self._window(blob, owned, within), told.standing))
        seen += self._across(blob, opened.edges(size))
        new, doubled = told.once(kind.guide is not None)
        raw = Seen.joined(seen)
        raw = replace(raw, findings=tuple(each for each in raw.findings if id(each) not in doubled))
        raw = self._guided(blob, raw, kind)
        gaps = tuple(replace(gap, inner=gap.inner and self._masked(gap.inner)) for gap in opened.gaps)
        left_out = tuple(replace(each, path=self._masked(each.path)) for each in opened.left_out)
        return Seen.joined([raw, Seen(findings=new, gaps=gaps, left_out=left_out)]), parts

    def _across(self, blob: Blob, edges: Iterable[int]) -> Iterator[Seen]:
        """What begins before an edge and ends behind it."""
        for edge in edges:
            if _WORD.fullmatch(blob.read(edge - 1, edge + 1)) is None:
                continue
            first = edge - min(edge, MARGIN)
            found = self._part(blob, self._window(blob, (first, edge), (first, edge + MARGIN)))
            crossing = [each for each in found.findings if each.place.byte_start < edge < each.place.byte_end]
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
                said += (self._guided(member, part, kind) for part in self._parts(member, window, tell))
            said += broken_off(member)
        except Unopened as error:
            said.append(Seen(gaps=(Gap(member.origin.path, error.reason, str(error)),)))
        except Unreadable as error:
            said.append(gap_for(member, error))
        finally:
            limits.depth -= 1
        return in_file(Seen.joined(said), member, self._masked)

    def _parts(self, member: MemberBlob, window: Window, tell: Tell) -> Iterator[Seen]:
        """A member from its first window on; one that is a stream does not say before its end where that is."""
        while True:
            yield self._part(member, window, tell)
            at = window.owned_to
            window = self._window(member, (at, at + self._budget.window_bytes))
            if window.start + len(window.data) <= at:
                return

    def _in_text(self, blob: Blob, text: Text, tell: Tell | None = None) -> Seen:
        """What is in a text that a reader made."""
        from modelguard.opening import TextPlaces, alone, lines_of

        lines = lines_of(text, blob)
        window = Window(text.text, 0, 0, len(text.text))
        raw = read_raw(window)
        detection = self._detect(blob, window, raw, text.sort)
        seen = [Seen(bytes=len(text.text))]
        if text.starts is None:
            seen += self._found(blob, window, raw, detection, TextPlaces(text, self._masked, lines), tell)
            return Seen.joined(seen)
        settled = set(detection.settled)
        told = {(match.rule.id, match.value_start) for match in detection.matches}
        spans = [span for span in detection.sensitive if span not in settled]
        spans += [*((hint.end - 1, hint.end) for hint in detection.hidden)]
        spans += [(match.start, match.end) for match in detection.matches]
        if detection.wide:
            spans += [(at.blob_offset(0), at.blob_offset(len(at.text) - 1)) for at in read_wide(window)]
        for number, (start, entry) in enumerate(alone(text, spans)):
            if number >= 4 * self._budget.findings:
                detail = f"more than {number} entries look like a value; the rest are not listed"
                seen.append(Seen(gaps=(Gap(blob.origin.path, GapReason.OVER_BUDGET, detail),)))
                break
            window = Window(entry.text, 0, 0, len(entry.text))
            raw = read_raw(window)
            places = TextPlaces(entry, self._masked, lines)
            detection = self._detect(blob, window, raw, text.sort)
            matches = detection.matches
            kept = [m for m in matches if not m.rule.looks_around or (m.rule.id, start + m.value_start) in told]
            if len(kept) < len(matches):
                detection = replace(detection, matches=tuple(kept))
            seen += self._found(blob, window, raw, detection, places, tell)
        return Seen.joined(seen)

    def _masked(self, name: str, value: bytes = b"") -> str:
        from modelguard.detectors.names import masked_name

        return masked_name(self._patterns, name, value)

    def _window(self, blob: Blob, owned: tuple[int, int], within: tuple[int, int] | None = None) -> Window:
        return read_window(blob, owned, self._budget, within)

    def _part(self, blob: Blob, window: Window, tell: Tell | None = None) -> Seen:
        seen = [Seen(bytes=min(len(window.data), window.owned_to - window.owned_from))]
        raw = read_raw(window)
        seen += self._found(blob, window, raw, self._detect(blob, window, raw), None, tell)
        unchanged = getattr(blob, "check_unchanged", None)
        if unchanged is not None:
            try:
                unchanged()
            except Unreadable as error:
                seen.append(gap_for(blob, error))
        return Seen.joined(seen) if len(seen) > 1 else seen[0]

    def _found(
        self,
        blob: Blob,
        window: Window,
        raw: Segment,
        detection: Detection,
        places: TextPlaces | None,
        tell: Tell | None,
    ) -> Iterator[Seen]:
        """What was detected in a window, and what is in its text of wide characters."""
        if detection.matches or detection.extra or detection.problems or detection.hidden or detection.unjudged:
            yield self._sealed(blob, window, raw, detection, places, tell)
        if detection.wide or self._others:
            for segment in read_wide(window):
                yield self._sealed(blob, window, segment, self._detect(blob, window, segment), places, tell)

    def _guided(self, blob: Blob, seen: Seen, kind: Kind | None = None) -> Seen:
        """The same findings, with a better name for their places where the kind of the blob has a guide."""
        if not seen.findings:
            return seen
        if kind is None:
            kind = kind_of(blob.read(0, HEAD_BYTES), blob.origin.path)
        if kind is None or kind.guide is None:
            return seen
        from modelguard.opening import guided

        places = [each.place for each in seen.findings if each.place.line is not None and not each.place.inside]
        offsets = sorted({place.byte_start for place in places})
        names = dict(zip(offsets, guided(blob, kind, offsets), strict=True))

        def named(place: Place) -> Place:
            name = None if place.line is None or place.inside else names[place.byte_start]
            return replace(place, inner=way(self._masked(name, b""), place.inner)) if name else place

        return replace(seen, findings=tuple(replace(each, place=named(each.place)) for each in seen.findings))

    def _detect(self, blob: Blob, window: Window, segment: Segment, sort: str = "") -> Detection:
        """What is in a segment of a blob, or of a text that was made of it and is of some sort."""
        path = _path_of(blob, sort)

        def owned(offset: int) -> bool:
            return _is_owned(window, segment.blob_offset(offset))

        detection = self._detected(segment.text, path, owned)
        if sort and self._of_sort:
            # A database of their own: what they look for is in no other text worth the time.
            if self._patterns_of_sort is None:
                self._patterns_of_sort = PatternDetector(self._of_sort)
            detection = detection.joined(self._patterns_of_sort.detect(segment.text, path, owned))
        return detection

    def _detected(
        self, text: bytes, path: Callable[[], str] | None, owned: Callable[[int], bool] = lambda offset: True
    ) -> Detection:
        detection = self._patterns.detect(text, path, owned)
        for detector in self._others:
            other = detector.detect(text, path, owned)
            asked_for = tuple(match for match in other.matches if match.rule.id in self._ids)
            detection = detection.joined(replace(other, matches=asked_for))
        return detection

    def _under(
        self, blob: Blob, window: Window, segment: Segment, detection: Detection
    ) -> tuple[Uncovering, tuple[Match, ...], list[Uncovered]]:
        """What is encoded in a segment: the matches beside it that stay, and those in it that are the window's own."""
        from modelguard.layers import Uncovering

        def owned(offset: int) -> bool:
            return _is_owned(window, segment.blob_offset(offset))

        low, high = window.owned_from - _HINT_REACH, window.owned_to + _HINT_REACH
        hidden = tuple(hint for hint in detection.hidden if low <= segment.blob_offset(hint.end - 1) < high)
        path = _path_of(blob)
        uncovering = Uncovering(lambda text: self._detected(text, path), self._budget, owned)
        matches, found = uncovering.under(segment.text, replace(detection, hidden=hidden))
        return uncovering, tuple(matches), [each for each in found if owned(each.own[0])]

    def _sealed(
        self,
        blob: Blob,
        window: Window,
        segment: Segment,
        detection: Detection,
        lines: TextPlaces | Lines | None = None,
        tell: Tell | None = None,
    ) -> Seen:
        from modelguard.detectors.overlap import most_specific
        from modelguard.redact.seal import Masked, seal

        in_text = lines is not None
        if lines is None:
            from modelguard.readers.lines import Lines, cursor_of

            lines = Lines(cursor_of(blob))
        origin = blob.origin
        findings: list[Finding] = []
        gaps = [broken(blob, problem) for problem in detection.problems]
        matches, sensitive = detection.matches, detection.sensitive
        uncovered: list[Uncovered] = []
        if detection.hidden:
            uncovering, matches, uncovered = self._under(blob, window, segment, detection)
            sensitive = (*sensitive, *uncovering.runs)
            gaps += [Gap(origin.path, GapReason.OVER_BUDGET, problem) for problem in uncovering.problems]
        named: Mapping[tuple[str, int], str] | None = None if in_text else getattr(blob, "named", None)
        asked = [*matches]
        if named is not None:  # sealing takes its time: only what is asked for, and that by itself
            starts = {start for _, start in named}
            alone = [found.alone for match in asked for found in match.parts if found.alone is not None]
            asked = [match for match in (*asked, *alone) if segment.blob_offset(match.value_start) in starts]
        owned = [match for match in asked if _is_owned(window, segment.blob_offset(match.value_start))]
        listed = most_specific(owned, self._budget.findings)
        if len(listed) < len(owned) or detection.unjudged:
            detail = f"more than {len(listed)} findings in {len(window.data)} bytes; the rest are not listed"
            gaps.append(Gap(origin.path, GapReason.OVER_BUDGET, detail))
        masked = Masked.of(sensitive, matches)
        places = _places(lines, segment, listed)
        for match in listed:
            name = named.get((match.rule.id, segment.blob_offset(match.value_start))) if named else None
            findings.append(seal(match, segment, masked, origin, places, self._known, name))
            if tell is not None:
                tell(findings[-1], match.value)
        shown = [each for each in uncovered if named is None or segment.blob_offset(each.run[0]) in starts]
        if len(shown) > self._budget.findings:
            detail = f"more than {self._budget.findings} findings in what is encoded; the rest are not listed"
            gaps.append(Gap(origin.path, GapReason.OVER_BUDGET, detail))
        for each, finding in _sealed_under(shown[: self._budget.findings], segment, origin, lines, self._known):
            findings.append(finding)
            if tell is not None:
                tell(finding, each.match.value)
        marks = () if in_text else ((origin.path, mark) for mark in _marks(lines, window, segment, detection))
        return Seen(findings=tuple(findings), marks=tuple(marks), gaps=tuple(gaps))


def _sealed_under(
    shown: Sequence[Uncovered], segment: Segment, origin: Origin, lines: Lines | TextPlaces, known: Collection[str]
) -> Iterator[tuple[Uncovered, Finding]]:
    """The findings for what is encoded in a segment: their place is what a person sees there, with the way inside."""
    from modelguard.redact.seal import Masked, seal

    for each in shown:
        start, end = segment.blob_offset(each.run[0]), segment.blob_offset(each.run[1] - 1) + segment.step
        place = lines.place(start, end, each.inner)
        parts = {(found.start, found.end): place for found in each.match.parts}
        places = {(each.match.value_start, each.match.value_end): place, **parts}
        masked = Masked.of(each.sensitive, [each.match])
        yield each, seal(each.match, Segment(each.text, ((0, 0),)), masked, origin, places, known)


def _path_of(blob: Blob, sort: str = "") -> Callable[[], str] | None:
    """What tells the path of a blob, or of texts of a sort in it; None where it lies at none in particular."""
    if sort:
        return lambda: f"{blob.origin.path}/:{sort}"
    return (lambda: blob.origin.path) if getattr(blob, "path_known", True) else None


def _is_owned(window: Window, offset: int) -> bool:
    """Whether what begins at this offset of the blob is this window's to tell; the empty blob's window owns it all."""
    return window.owned_from <= offset < max(window.owned_to, 1)


def _places(lines: Lines | TextPlaces, segment: Segment, matches: Sequence[Match]) -> dict[tuple[int, int], Place]:
    """Where all values and parts stand, asked for in the order in which lines are counted."""
    spans = {(match.value_start, match.value_end) for match in matches}
    spans.update((found.start, found.end) for match in matches for found in match.parts)
    return {
        (start, end): lines.place(segment.blob_offset(start), segment.blob_offset(end - 1) + segment.step)
        for start, end in sorted(spans)
    }


def _marks(lines: Lines | TextPlaces, window: Window, segment: Segment, detection: Detection) -> Iterator[Mark]:
    """The comments that allow findings, in the lines that the engine saw one in."""
    from modelguard.detectors.marks import marks_on

    text = segment.text
    done = -1
    for span in detection.extra:
        start = segment.blob_offset(span.start)
        if span.start < done or not _is_owned(window, start):
            continue
        first = text.rfind(b"\n", 0, span.start) + 1
        newline = text.find(b"\n", span.start)
        done = len(text) if newline < 0 else newline
        yield from marks_on(text[first:done].decode("utf-8", "replace"), lines.line_of(start))


def _other_detectors(settings: Settings) -> Sequence[Detector]:
    """Detectors besides our own rules, which are loaded only when somebody asks for them."""
    if not settings.with_detectors:
        return []
    from modelguard.detectors.others import others

    return others(settings.with_detectors, settings.detect_secrets_plugins)
