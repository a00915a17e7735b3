"""One finding a value: the most specific rule speaks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from modelguard.detectors.interface import Detection, Match
from modelguard.detectors.overlap import most_specific, without_overlaps
from modelguard.model import Check, Confidence, Severity
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand
from tests.readers.opened import scanned

ANY = replace(builtin_rules()[0], generic=False, severity=Severity.HIGH, confidence=Confidence.HIGH)


def match(
    start: int, end: int, generic: bool = False, confidence: Confidence = Confidence.HIGH, name: str = "a-b"
) -> Match:
    rule = replace(ANY, generic=generic, id=name)
    return Match(rule, start, end, start, end, b"", Check.NONE, confidence, rule.severity)


@st.composite
def matches(draw: st.DrawFn) -> Match:
    start, size = draw(st.integers(0, 60)), draw(st.integers(1, 20))
    confidence = draw(st.sampled_from(Confidence))
    return match(start, start + size, draw(st.booleans()), confidence, draw(st.sampled_from(["a-a", "b-b", "c-c"])))


def overlap(one: Match, other: Match) -> bool:
    return one.value_start < other.value_end and other.value_start < one.value_end


def rank(found: Match) -> Sequence[object]:
    return not found.rule.generic, found.confidence.rank, found.value_end - found.value_start


@given(st.lists(matches(), max_size=12), st.randoms())
def test_what_is_kept(given: list[Match], random: object) -> None:
    kept = without_overlaps(given)
    assert not any(overlap(one, other) for one, other in itertools.combinations(kept, 2))
    assert all(found in given for found in kept)
    for dropped in given:  # something at least as specific stands where it stood
        assert any(overlap(dropped, found) and rank(found) >= rank(dropped) for found in kept)
    assert [found.start for found in kept] == sorted(found.start for found in kept)
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert without_overlaps(shuffled) == kept


def test_a_rule_of_a_vendor_wins_over_a_generic_one_however_long() -> None:
    vendor, generic = match(5, 10, confidence=Confidence.LOW), match(0, 50, generic=True)
    assert without_overlaps([generic, vendor]) == [vendor]


def test_neighbours_that_only_touch_are_both_kept() -> None:
    pair = [match(0, 5), match(5, 9)]
    assert without_overlaps(pair) == pair


@given(st.lists(matches(), max_size=12, unique_by=lambda found: found.start), st.integers(0, 12))
def test_a_budget_keeps_the_most_specific(given: list[Match], count: int) -> None:
    kept = most_specific(given, count)
    assert len(kept) == min(count, len(given))
    lost = [found for found in given if found not in kept]
    assert all(rank(one) >= rank(other) for one in kept for other in lost)
    assert len(given) <= count or [found.start for found in kept] == sorted(found.start for found in kept)


def test_two_detections_together() -> None:
    ours = Detection((match(0, 5),), ((0, 5),), wide=True, problems=("a",))
    theirs = Detection((match(2, 9, generic=True), match(20, 25, generic=True)), ((2, 9), (20, 25)), problems=("b",))
    both = ours.joined(theirs)
    assert [found.start for found in both.matches] == [0, 20]
    assert both.sensitive == ((0, 5), (2, 9), (20, 25))
    assert (both.wide, both.problems) == (True, ("a", "b"))


def test_a_rule_that_is_over_another_wins_on_the_same_value_alone() -> None:
    sure, unsure = match(0, 9, name="a-sure"), match(0, 9, confidence=Confidence.LOW, name="a-public")
    unsure = replace(unsure, rule=replace(unsure.rule, over=("a-sure",)))
    assert without_overlaps([sure, unsure]) == [unsure]
    longer = match(0, 10, name="a-sure")
    assert without_overlaps([longer, unsure]) == [longer]


@pytest.mark.parametrize("escape", ["\\n", "\\r\\n", "\\t", '\\"'])
def test_an_escape_within_a_text_ends_a_value_as_it_does_where_it_is_read(escape: str) -> None:
    value = expand("<alpha:4><digit:3><alnum:8>")
    text = f'{{"content": "my password: {value}{escape}mail me"}}'
    (found,) = scanned(text.encode(), "data/chat.jsonl").findings
    assert found.place.byte_end - found.place.byte_start == len(value)
