"""One finding a value: where several rules match the same bytes, the most specific one speaks."""

from __future__ import annotations

from bisect import bisect

from modelguard.detectors.interface import Match


def without_overlaps(matches: list[Match]) -> list[Match]:
    """`matches` without those whose value overlaps that of a more specific one, in order of their start."""
    starts: list[int] = []
    kept: list[Match] = []
    for match in sorted(matches, key=_specific, reverse=True):
        at = bisect(starts, match.value_start)
        before = kept[at - 1].value_end if at else 0
        after = starts[at] if at < len(starts) else match.value_end
        if before <= match.value_start and match.value_end <= after:
            starts.insert(at, match.value_start)
            kept.insert(at, match)
    return sorted(kept, key=lambda match: (match.start, match.end))


def most_specific(matches: list[Match], count: int) -> list[Match]:
    """The `count` most specific of `matches`, in order of their start: what a budget keeps."""
    if len(matches) <= count:
        return matches
    return sorted(sorted(matches, key=_specific, reverse=True)[:count], key=lambda match: (match.start, match.end))


def _specific(match: Match) -> tuple[object, ...]:
    rule = match.rule
    return (
        not rule.generic,
        match.confidence.rank,
        rule.severity.rank,
        match.value_end - match.value_start,
        -match.start,
        rule.id,
    )
