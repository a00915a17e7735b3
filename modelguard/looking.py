"""One window, or one text that a reader made, through the machine: segments, matches, sealed findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detecting import Detecting
from modelguard.detectors.interface import Detection
from modelguard.errors import Unreadable
from modelguard.model import Blob, Finding, Gap, GapReason, Mark, Origin, Place, Segment, Window, way
from modelguard.pool import getting_on
from modelguard.readers.kinds import HEAD_BYTES, Kind, kind_of
from modelguard.readers.raw import read_raw
from modelguard.readers.wide import read_wide
from modelguard.seen import Seen, broken, gap_for

if TYPE_CHECKING:
    from modelguard.detectors.interface import Match
    from modelguard.layers import Uncovered, Uncovering
    from modelguard.opening import TextPlaces
    from modelguard.readers.interface import Text
    from modelguard.readers.lines import Lines
    from modelguard.told_once import Tell

_HINT_REACH = 8192
"""So far from a value its mark may be."""


class Looking:
    """Looks at text and says what it holds. `known` are published values, which are no leaks."""

    def __init__(self, detecting: Detecting, budget: Budget, known: Collection[str]) -> None:
        self._detecting = detecting
        self._budget = budget
        self._known = known

    def part(self, blob: Blob, window: Window, tell: Tell | None = None) -> Seen:
        """What is in a window of a blob; `tell` is told of each finding, and of its value."""
        getting_on()
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

    def in_text(self, blob: Blob, text: Text, tell: Tell | None = None) -> Seen:
        """What is in a text that a reader made."""
        from modelguard.opening import TextPlaces, alone, lines_of

        getting_on()
        lines = lines_of(text, blob)
        window = Window(text.text, 0, 0, len(text.text))
        raw = read_raw(window)
        detection = self._detect(blob, window, raw, text.sort)
        seen = [Seen(bytes=len(text.text))]
        if text.starts is None:
            seen += self._found(blob, window, raw, detection, TextPlaces(text, self.masked, lines), tell)
            return Seen.joined(seen)
        told = {(match.rule.id, match.value_start) for match in detection.matches}
        for number, (start, entry) in enumerate(alone(text, _suspected(window, detection))):
            if number >= 4 * self._budget.findings:
                detail = f"more than {number} entries look like a value; the rest are not listed"
                seen.append(Seen(gaps=(Gap(blob.origin.path, GapReason.OVER_BUDGET, detail),)))
                break
            window = Window(entry.text, 0, 0, len(entry.text))
            raw = read_raw(window)
            detection = self._detect(blob, window, raw, text.sort)
            matches = detection.matches
            kept = [m for m in matches if not m.rule.looks_around or (m.rule.id, start + m.value_start) in told]
            if len(kept) < len(matches):
                detection = replace(detection, matches=tuple(kept))
            seen += self._found(blob, window, raw, detection, TextPlaces(entry, self.masked, lines), tell)
        return Seen.joined(seen)

    def guided(self, blob: Blob, seen: Seen, kind: Kind | None = None) -> Seen:
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
            return replace(place, inner=way(self.masked(name, b""), place.inner)) if name else place

        return replace(seen, findings=tuple(replace(each, place=named(each.place)) for each in seen.findings))

    def masked(self, name: str, value: bytes = b"") -> str:
        """See `masked_name`."""
        from modelguard.detectors.names import masked_name

        return masked_name(self._detecting.patterns, name, value)

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
        if detection.wide or self._detecting.others:
            for segment in read_wide(window):
                yield self._sealed(blob, window, segment, self._detect(blob, window, segment), places, tell)

    def _detect(self, blob: Blob, window: Window, segment: Segment, sort: str = "") -> Detection:
        """What is in a segment of a blob, or of a text that was made of it and is of some sort."""

        def owned(offset: int) -> bool:
            return _is_owned(window, segment.blob_offset(offset))

        return self._detecting.detect(segment.text, _path_of(blob, sort), owned, sort)

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
        uncovering = Uncovering(lambda text: self._detecting.detect(text, path), self._budget, owned)
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


def _suspected(window: Window, detection: Detection) -> Iterator[tuple[int, int]]:
    """The spans of a text in which anything was: what they touch is worth a look of its own."""
    settled = set(detection.settled)
    yield from (span for span in detection.sensitive if span not in settled)
    yield from ((hint.end - 1, hint.end) for hint in detection.hidden)
    yield from ((match.start, match.end) for match in detection.matches)
    if detection.wide:
        yield from ((at.blob_offset(0), at.blob_offset(len(at.text) - 1)) for at in read_wide(window))


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
