"""Why there is a finding in a file, or none: one blob through the machine, and everything that was said on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelguard.budget import Budget
from modelguard.detectors.explaining import MOST, reasoned
from modelguard.detectors.interface import Reasoned
from modelguard.detectors.patterns import PatternDetector
from modelguard.model import Blob, Explanation, Place, Segment, Window
from modelguard.readers.lines import Lines
from modelguard.readers.raw import read_raw
from modelguard.readers.wide import read_wide
from modelguard.readers.windows import read_window, window_ranges
from modelguard.redact.explanation import explanation
from modelguard.rules.interface import Rule
from modelguard.rules.ruleset import RuleSet

__all__ = ["MOST", "explained"]


def explained(blob: Blob, rules: Sequence[Rule], line: int | None = None) -> Iterator[Explanation]:
    """Every match of the rules in a blob whose value has a part on a line (None: any), in the order of places.

    Of one window there is one more than `MOST` at most.

    Raises:
        Unreadable: it cannot be read.
    """
    size = blob.size
    detector = PatternDetector(RuleSet.of(rules).where(lambda rule: not rule.foreign), expected_bytes=size)
    budget = Budget()
    lines = Lines(blob)
    for owned in window_ranges(size, budget):
        window = read_window(blob, owned, budget)
        raw = read_raw(window)
        said, wide = _in_segment(detector, blob, window, raw, lines, line)
        for segment in read_wide(window) if wide else ():
            said += _in_segment(detector, blob, window, segment, lines, line)[0]
        yield from sorted(said, key=lambda each: (each.place.byte_start, not each.reported, each.rule))


def _in_segment(
    detector: PatternDetector, blob: Blob, window: Window, segment: Segment, lines: Lines, line: int | None
) -> tuple[list[Explanation], bool]:
    def wanted(start: int, end: int) -> bool:
        first = segment.blob_offset(start)
        if not window.owned_from <= first < window.owned_to:
            return False
        return line is None or lines.line_of(first) <= line <= lines.line_of(segment.blob_offset(end - 1))

    found, wide = reasoned(detector, segment.text, blob.origin.path, wanted)
    return [explanation(each, segment, _place(each, segment, lines)) for each in found], wide


def _place(found: Reasoned, segment: Segment, lines: Lines) -> Place:
    span = found.span
    return lines.place(segment.blob_offset(span.value_start), segment.blob_offset(span.value_end - 1) + segment.step)
