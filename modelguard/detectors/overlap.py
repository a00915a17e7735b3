"""One finding a value: where several rules match the same bytes, the most specific one speaks."""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Sequence

from modelguard.detectors.interface import FoundPart, Match

_ESCAPES = (b"\\n", b"\\r", b"\\t", b'\\"', b"\\'", b"\\")
"""What a text within a text has for the end of a line or of a value."""


def without_overlaps(matches: list[Match]) -> list[Match]:
    """`matches` without those whose value overlaps that of a more specific one, in order of their start."""
    starts: list[int] = []
    kept: list[Match] = []
    for match in sorted(_as_read(_not_overruled(matches)), key=_specific, reverse=True):
        at = bisect(starts, match.value_start)
        before = kept[at - 1].value_end if at else 0
        after = starts[at] if at < len(starts) else match.value_end
        if before <= match.value_start and match.value_end <= after:
            starts.insert(at, match.value_start)
            kept.insert(at, match)
    return _without_told(sorted(kept, key=lambda match: (match.start, match.end)))


def _not_overruled(matches: list[Match]) -> list[Match]:
    """`matches` without those of rules that give way to another one on this very value."""
    over = {
        (name, match.value_start, match.value_end) for match in matches if match.rule.over for name in match.rule.over
    }
    return [m for m in matches if (m.rule.id, m.value_start, m.value_end) not in over] if over else matches


def _as_read(matches: list[Match]) -> list[Match]:
    """`matches` without those that go on behind a `\\n` or `\\"` which, read as an escape, ends the same value.

    In `"password: abc\\nmail: x"` rules that know no format match in the text and in its view.
    """
    shortest: dict[int, Match] = {}
    for match in matches:
        known = shortest.get(match.value_start)
        if match.rule.generic and (known is None or match.value_end < known.value_end):
            shortest[match.value_start] = match
    return [match for match in matches if not _runs_on(match, shortest.get(match.value_start))]


def _runs_on(match: Match, shorter: Match | None) -> bool:
    if shorter is None or not match.rule.generic or match.value_end <= shorter.value_end:
        return False
    behind = shorter.value_end - shorter.value_start
    return match.value[behind : behind + 2] in _ESCAPES


def _without_told(matches: list[Match]) -> list[Match]:
    """`matches` without those that are nothing but a part which another one of them tells already."""
    holding = [match for match in matches if match.parts]
    if not holding:
        return matches
    values = Values(matches)
    told = {
        number
        for credential in holding
        for found in credential.parts
        for number in values.within(found.start, found.end)
        if is_part_of(matches[number], credential, found)
    }
    return [match for number, match in enumerate(matches) if number not in told]


class Values:
    """The values of matches that do not overlap, each by the number of its match, to be looked up by place."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self._order = sorted(range(len(matches)), key=lambda number: matches[number].value_start)
        self._starts = [matches[number].value_start for number in self._order]
        self._ends = [matches[number].value_end for number in self._order]

    def within(self, start: int, end: int) -> list[int]:
        """The matches whose value has a byte between two offsets."""
        return self._order[bisect(self._ends, start) : bisect_left(self._starts, end)]


def is_part_of(match: Match, credential: Match, found: FoundPart) -> bool:
    """Whether `match` says nothing but that there is this part of `credential`, and would count for no more than it."""
    return (
        match is not credential
        and match.value_start < found.end
        and found.start < match.value_end
        and (match.rule.generic or match.rule.id in found.part.alone)
        and match.rule.severity.rank <= credential.rule.severity.rank
        and match.confidence.rank <= credential.confidence.rank
    )


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
