"""Why there is a finding in a file, or none: one blob through the machine, and everything that was said on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from modelguard.budget import Budget
from modelguard.detectors.explaining import MOST, reasoned
from modelguard.detectors.interface import Reasoned
from modelguard.detectors.names import masked_name
from modelguard.detectors.patterns import PatternDetector
from modelguard.model import Blob, Explanation, Place, Segment, Window, way
from modelguard.opening import Opened, TextPlaces, alone
from modelguard.readers.interface import Limits, Text
from modelguard.readers.kinds import HEAD_BYTES, kind_of
from modelguard.readers.lines import Lines
from modelguard.readers.members import MemberBlob
from modelguard.readers.raw import read_raw
from modelguard.readers.wide import read_wide
from modelguard.readers.windows import read_window, window_ranges
from modelguard.redact.explanation import explanation
from modelguard.rules.interface import Rule
from modelguard.rules.ruleset import RuleSet

__all__ = ["MOST", "explained"]


def explained(blob: Blob, rules: Sequence[Rule], line: int | None = None) -> Iterator[Explanation]:
    """Every match of the rules in a blob whose value has a part on a line (None: any), in the order of places.

    What lies within it is opened; it is on no line of the blob. Of one window there is one more than `MOST` at most.

    Raises:
        Unreadable: it cannot be read.
    """
    detector = PatternDetector(RuleSet.of(rules).where(lambda rule: not rule.foreign), expected_bytes=blob.size)
    return _Explaining(detector, Limits(Budget(), size=blob.size), line).blob(blob)


class _Explaining:
    """Explains blobs, and what lies within them."""

    def __init__(self, detector: PatternDetector, limits: Limits, line: int | None) -> None:
        self._detector = detector
        self._limits = limits
        self._line = line

    def blob(self, blob: Blob) -> Iterator[Explanation]:
        kind = kind_of(blob.read(0, HEAD_BYTES), blob.origin.path)
        ranges = [(0, blob.size)]
        if kind is not None and kind.reader is not None and self._limits.depth <= self._limits.budget.opened_depth:
            opened = Opened(blob, kind, self._limits)
            for piece in opened.pieces():
                if self._line is None:
                    yield from self._text(blob, piece) if isinstance(piece, Text) else self._member(piece.blob)
            ranges = list(opened.uncovered(blob.size))
        for start, end in ranges:
            for owned in window_ranges(end - start, self._limits.budget, start):
                yield from self._window(blob, read_window(blob, owned, self._limits.budget, (start, end)))

    def _member(self, member: MemberBlob) -> Iterator[Explanation]:
        self._limits.depth += 1
        leads = masked_name(self._detector, member.way)
        for each in self.blob(member):
            inner = each.place.inner if each.place.inside else way(leads, each.place.inner)
            yield replace(each, place=replace(each.place, inner=inner, inside=True))
        self._limits.depth -= 1

    def _text(self, blob: Blob, text: Text) -> Iterator[Explanation]:
        if text.starts is not None:
            spans = self._detector.detect(text.text, None).sensitive
            for _, entry in alone(text, spans):
                yield from self._in_text(blob, entry)
        else:
            yield from self._in_text(blob, text)

    def _in_text(self, blob: Blob, text: Text) -> Iterator[Explanation]:
        places = TextPlaces(text, lambda name, value: masked_name(self._detector, name, value))
        yield from self._window(blob, Window(text.text, 0, 0, len(text.text)), places, text.sort)

    def _window(
        self, blob: Blob, window: Window, places: TextPlaces | None = None, sort: str = ""
    ) -> Iterator[Explanation]:
        path = f"{blob.origin.path}/:{sort}" if sort else blob.origin.path
        lines = places or Lines(blob)
        said, wide = self._segment(path, window, read_raw(window), lines)
        for segment in read_wide(window) if wide else ():
            said += self._segment(path, window, segment, lines)[0]
        yield from sorted(said, key=lambda each: (each.place.byte_start, not each.reported, each.rule))

    def _segment(
        self, path: str, window: Window, segment: Segment, lines: Lines | TextPlaces
    ) -> tuple[list[Explanation], bool]:
        def wanted(start: int, end: int) -> bool:
            first = segment.blob_offset(start)
            if not window.owned_from <= first < window.owned_to:
                return False
            line = self._line
            return line is None or lines.line_of(first) <= line <= lines.line_of(segment.blob_offset(end - 1))

        found, wide = reasoned(self._detector, segment.text, path, wanted)
        return [explanation(each, segment, _place(each, segment, lines)) for each in found], wide


def _place(found: Reasoned, segment: Segment, lines: Lines | TextPlaces) -> Place:
    span = found.span
    return lines.place(segment.blob_offset(span.value_start), segment.blob_offset(span.value_end - 1) + segment.step)
