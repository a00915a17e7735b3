"""What is hunted for without an upper end: everything that the bounded form would find, and only where it pays."""

from __future__ import annotations

import random
import re

import pytest

from modelguard.engine.common import HUNT
from modelguard.engine.fast import unbounded

from .matching import random_match
from .texts import RULES

HUNTS = [hunt for hunt in {rule.pattern.hunt for rule in RULES} | {HUNT} if unbounded(hunt) != hunt]


@pytest.mark.parametrize(
    ("hunt", "expected"),
    [
        (r"ab(?:[a-z\x5d]){0,40}c", r"ab(?:[a-z\x5d]){0,}c"),
        (r"ab(?:[0-9]){8,64}(?:[0-9a-f]){2,30}c", r"ab(?:[0-9]){8,}(?:[0-9a-f]){2,}c"),
        (r"ab(?:[a-z]){0,19}c", None),
        (r"ab(?:[a-z]){40,40}c", None),
        (r"ab(?:[\s\x22]){0,40}c", None),
        (r"ab(?:[^\x0d\x0a]){0,40}c", None),
        (r"ab(?:x){0,40}c", None),
    ],
)
def test_long_repeats_of_listed_characters_lose_their_end(hunt: str, expected: str | None) -> None:
    assert unbounded(hunt) == (expected or hunt)


def test_many_rules_gain_by_it_and_the_common_hunt_does() -> None:
    assert len(HUNTS) > 20 and HUNT in HUNTS


@pytest.mark.parametrize("hunt", sorted(HUNTS))
def test_it_matches_whatever_the_bounded_form_matches(hunt: str) -> None:
    rnd = random.Random(hunt)
    wider = re.compile(unbounded(hunt).encode())
    texts = [text for text in (random_match(hunt, rnd) for _ in range(20)) if re.fullmatch(hunt.encode(), text)]
    assert texts
    assert all(wider.fullmatch(text) for text in texts)
