"""One blob through the machine: windows, segments, matches, sealed findings. Every worker calls the same Inspection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detectors.interface import Detection
from modelguard.detectors.mark_pattern import MARK_PATTERN
from modelguard.detectors.paths import speaks_in
from modelguard.detectors.patterns import MARGIN, Asked, Heard, Hint, PatternDetector
from modelguard.errors import Unreadable
from modelguard.model import Blob, Finding, Gap, GapReason, LeftOut, Mark, Origin, Place, Segment, Window
from modelguard.readers.raw import read_raw
from modelguard.readers.wide import read_wide
from modelguard.readers.windows import read_window, window_ranges
from modelguard.rules.interface import Rule
from modelguard.rules.ruleset import RuleSet
from modelguard.settings import Settings
from modelguard.sources.interface import Item

if TYPE_CHECKING:
    from modelguard.detectors.interface import Detector, Match
    from modelguard.layers import Uncovered, Uncovering
    from modelguard.readers.lines import Lines

__all__ = ["MARGIN", "UNJUDGED", "Asked", "Heard", "Inspection", "Part", "Seen", "check_size"]

UNJUDGED = "?"
"""Stands among rule ids for a detector that broke, or stopped before it was done."""

_HINT_REACH = 8192
"""So far from a value its mark may be."""

_SHARED_FROM_WINDOWS = 4
"""A file of at least so many windows is shared between workers."""


class Seen(Struct, frozen=True):
    """What one piece of work has to say. `blobs` and `bytes` are what it looked at."""

    blobs: int = 0
    bytes: int = 0
    findings: tuple[Finding, ...] = ()
    marks: tuple[tuple[str, Mark], ...] = ()
    gaps: tuple[Gap, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class Part(Struct, frozen=True):
    """A range of a large blob, to be looked at on its own by whichever worker is free."""

    blob: Any
    owned: tuple[int, int]


class Inspection:
    """Looks at one item at a time; a `pool.Worker`."""

    def __init__(
        self, rules: Sequence[Rule], settings: Settings, expected_bytes: int | None, known: Collection[str]
    ) -> None:
        self._made_of = (rules, settings, expected_bytes, known)
        chosen = RuleSet.of(rules)
        self._ids = {rule.id for rule in chosen.listed}
        self._bound = {rule.id: number for number, rule in enumerate(chosen.listed) if rule.bound}
        self._rules = chosen
        self._budget = replace(Budget(), file_bytes=settings.max_file_size)
        self._known = known
        self._patterns = PatternDetector(chosen.where(lambda rule: not rule.foreign), [MARK_PATTERN], expected_bytes)
        self._others = _other_detectors(settings)

    def __reduce__(self) -> tuple[Any, ...]:
        """A process that is not a fork makes its own: a compiled database cannot be sent."""
        return Inspection, self._made_of

    def for_much(self) -> Inspection:
        """Itself, or one for any amount of text where it was made for little: then a database is worth compiling."""
        rules, settings, expected_bytes, known = self._made_of
        return self if expected_bytes is None else Inspection(rules, settings, None, known)

    def do(self, item: Item | Part) -> tuple[Seen | None, Sequence[Part]]:
        """Everything that one item has to say, and the parts of it that other workers may take."""
        if isinstance(item, Gap):
            return Seen(gaps=(item,)), ()
        if isinstance(item, LeftOut):
            return Seen(left_out=(item,)), ()
        blob = item.blob if isinstance(item, Part) else item
        try:
            return (self._part(blob, item.owned), ()) if isinstance(item, Part) else self._whole(blob)
        except Unreadable as error:
            return _gap(blob, error), ()
        finally:
            close = getattr(blob, "close", None)
            if close is not None:
                close()

    def failed(self, item: Item | Part, why: str) -> Seen:
        """What could not be looked at is a gap."""
        blob: Any = item.blob if isinstance(item, Part) else item
        return Seen(gaps=(_broken(blob, why),))

    def split(self, item: Item | Part) -> Sequence[Item | Part]:
        """An item is looked at as a whole, so it is itself to blame."""
        return ()

    def rules_in(self, blob: Blob) -> Heard:
        """The rules that match in a blob, in whatever file it lies: what makes it worth a closer look.

        `UNJUDGED` stands for what could not be looked at.

        Raises:
            Unreadable: it cannot be read.
        """
        windows = (read_window(blob, owned, self._budget) for owned in window_ranges(blob.size, self._budget))
        heard = [self._more(window, *self._patterns.rules_in([Asked(window.data)])) for window in windows]
        return Heard(
            frozenset().union(*(each.rules for each in heard)),
            any(each.wide for each in heard),
            all(each.near for each in heard),
        )

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
        again = getattr(blob, "again", None)
        parts: list[Part] = []
        if again is not None and len(others) + 1 >= _SHARED_FROM_WINDOWS:
            parts = [Part(again(), owned) for owned in others]
            others = []
        seen = _joined(Seen(blobs=1), self._part(blob, first))
        for owned in others:
            seen = _joined(seen, self._part(blob, owned))
        return seen, parts

    def _part(self, blob: Blob, owned: tuple[int, int]) -> Seen:
        window = read_window(blob, owned, self._budget)
        seen = Seen(bytes=min(len(window.data), owned[1] - owned[0]))
        raw = read_raw(window)
        detection = self._detect(blob, window, raw)
        if detection.matches or detection.extra or detection.problems or detection.hidden:
            seen = _joined(seen, self._sealed(blob, window, raw, detection))
        if detection.wide or self._others:
            for segment in read_wide(window):
                seen = _joined(seen, self._sealed(blob, window, segment, self._detect(blob, window, segment)))
        unchanged = getattr(blob, "check_unchanged", None)
        if unchanged is not None:
            try:
                unchanged()
            except Unreadable as error:
                return _joined(seen, _gap(blob, error))
        return seen

    def _detect(self, blob: Blob | None, window: Window, segment: Segment) -> Detection:
        """What is in a segment; of no blob in particular, what would be there for some path."""
        path = None if blob is None else _path_of(blob)

        def owned(offset: int) -> bool:
            return _is_owned(window, segment.blob_offset(offset))

        return self._detected(segment.text, path, owned)

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

    def _sealed(self, blob: Blob, window: Window, segment: Segment, detection: Detection) -> Seen:
        from modelguard.detectors.overlap import most_specific
        from modelguard.readers.lines import Lines
        from modelguard.redact.seal import Masked, seal

        lines = Lines(getattr(blob, "cursor", lambda: blob)())
        origin = blob.origin
        findings: list[Finding] = []
        gaps = [_broken(blob, problem) for problem in detection.problems]
        matches, sensitive = detection.matches, detection.sensitive
        uncovered: list[Uncovered] = []
        if detection.hidden:
            uncovering, matches, uncovered = self._under(blob, window, segment, detection)
            sensitive = (*sensitive, *uncovering.runs)
            gaps += [Gap(origin.path, GapReason.OVER_BUDGET, problem) for problem in uncovering.problems]
        named: Mapping[tuple[str, int], str] | None = getattr(blob, "named", None)
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
        shown = [each for each in uncovered if named is None or segment.blob_offset(each.run[0]) in starts]
        if len(shown) > self._budget.findings:
            detail = f"more than {self._budget.findings} findings in what is encoded; the rest are not listed"
            gaps.append(Gap(origin.path, GapReason.OVER_BUDGET, detail))
        findings += _sealed_under(shown[: self._budget.findings], segment, origin, lines, self._known)
        marks = ((origin.path, mark) for mark in _marks(lines, window, segment, detection))
        return Seen(findings=tuple(findings), marks=tuple(marks), gaps=tuple(gaps))


def _sealed_under(
    shown: Sequence[Uncovered], segment: Segment, origin: Origin, lines: Lines, known: Collection[str]
) -> Iterator[Finding]:
    """The findings for what is encoded in a segment: their place is what a person sees there, with the way inside."""
    from modelguard.redact.seal import Masked, seal

    for each in shown:
        start, end = segment.blob_offset(each.run[0]), segment.blob_offset(each.run[1] - 1) + segment.step
        place = lines.place(start, end, each.inner)
        parts = {(found.start, found.end): place for found in each.match.parts}
        places = {(each.match.value_start, each.match.value_end): place, **parts}
        masked = Masked.of(each.sensitive, [each.match])
        yield seal(each.match, Segment(each.text, ((0, 0),)), masked, origin, places, known)


def _path_of(blob: Blob) -> Callable[[], str] | None:
    """What tells the path of a blob; None where it lies at none in particular."""
    return (lambda: blob.origin.path) if getattr(blob, "path_known", True) else None


def check_size(size: int, budget: Budget) -> None:
    """Raise `Unreadable` for a blob that is larger than the user wants to have looked at."""
    if budget.file_bytes is not None and size > budget.file_bytes:
        detail = f"{size} bytes, above the limit of {budget.file_bytes}; raise --max-file-size"
        raise Unreadable(GapReason.OVER_BUDGET, detail)


def _is_owned(window: Window, offset: int) -> bool:
    """Whether what begins at this offset of the blob is this window's to tell; the empty blob's window owns it all."""
    return window.owned_from <= offset < max(window.owned_to, 1)


def _places(lines: Lines, segment: Segment, matches: Sequence[Match]) -> dict[tuple[int, int], Place]:
    """Where all values and parts stand, asked for in the order in which lines are counted."""
    spans = {(match.value_start, match.value_end) for match in matches}
    spans.update((found.start, found.end) for match in matches for found in match.parts)
    return {
        (start, end): lines.place(segment.blob_offset(start), segment.blob_offset(end - 1) + segment.step)
        for start, end in sorted(spans)
    }


def _marks(lines: Lines, window: Window, segment: Segment, detection: Detection) -> Iterator[Mark]:
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


def _joined(one: Seen, other: Seen) -> Seen:
    return Seen(
        one.blobs + other.blobs,
        one.bytes + other.bytes,
        one.findings + other.findings,
        one.marks + other.marks,
        one.gaps + other.gaps,
        one.left_out + other.left_out,
    )


def _broken(blob: Blob, why: str) -> Gap:
    """What a worker or a detector could not finish."""
    return Gap(blob.origin.path, GapReason.TIMED_OUT if "longer than" in why else GapReason.CRASHED, why)


def _gap(blob: Blob, error: Unreadable) -> Seen:
    return Seen(gaps=(Gap(blob.origin.path, error.reason, error.message),))
