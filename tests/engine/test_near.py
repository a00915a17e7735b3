"""The law behind looking only at what is new: nothing else of a version holds a pattern that its base does not."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from sysconfig import get_path

import pytest

from modelguard.detectors.patterns import PatternDetector
from modelguard.engine.far import far_words
from modelguard.engine.interface import MARGIN, NEAR, Asked, Pattern, Span
from modelguard.engine.plain import PlainEngine
from modelguard.engine.syntax import hunt_width
from modelguard.rules.interface import Rule
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand
from modelguard.sources.history.delta import fresh_in, windows
from tests.sources.history.deltas import Step, delta_of

PROSE = [b"import os\n", b"def train(model, data):\n", b"    loss = step(batch)  # one more\n", b'{"cell": 1}\n', b"\n"]
PROBING = ["my_token: x".encode("utf-16-le"), b'{"a": "x\\u0026y"}']
"""What makes the engine look closer, of which it is told only the first of a text."""

ROUNDS = 1200
LEAST = 20


@pytest.fixture(scope="module")
def detector() -> PatternDetector:
    return PatternDetector(OWN)


OWN = [rule for rule in builtin_rules() if not rule.foreign]


def piece(rule: Rule, noise: random.Random) -> bytes:
    """What a rule finds, or nearly so: whole, cut, or with something in between."""
    text = expand(noise.choice(rule.examples), seed=noise.randrange(1000)).encode()
    how = noise.randrange(4)
    if how == 0:
        return text + b"\n"
    at = noise.randrange(len(text))
    if how == 1:
        return text[:at] + b"\n"
    if how == 2:
        return text[at:] + b"\n"
    return text[:at] + noise.choice(PROSE) + text[at:] + b"\n"


def text_of(noise: random.Random, rules: Sequence[Rule]) -> bytes:
    pieces = [noise.choice(PROSE) * noise.randrange(1, 30) for _ in range(noise.randrange(2, 12))]
    pieces += [piece(noise.choice(rules), noise) for _ in range(noise.randrange(3))]
    noise.shuffle(pieces)
    return b"".join(pieces)


def version_of(base: bytes, noise: random.Random, rules: Sequence[Rule]) -> list[Step]:
    """The steps to another version: parts left out, put in, cut in the middle of a value, or moved."""
    cuts = sorted(noise.randrange(len(base) + 1) for _ in range(noise.randrange(1, 6)))
    edges = [0, *cuts, len(base)]
    steps: list[Step] = []
    for start, end in pairwise(edges):
        if end > start and noise.random() < 0.9:
            steps.append((start, end - start))
        if noise.random() < 0.5:
            whole = piece(noise.choice(rules), noise)
            steps.append(whole if noise.random() < 0.5 else whole[: noise.randrange(1, len(whole) + 1)])
    return steps


@pytest.mark.parametrize("seed", range(8))
def test_a_version_holds_what_its_base_holds_or_what_is_new(detector: PatternDetector, seed: int) -> None:
    noise = random.Random(seed)
    told = 0
    for _ in range(ROUNDS):
        rules = noise.sample(OWN, 3)
        base = text_of(noise, rules)
        delta, version = delta_of(base, version_of(base, noise, rules))
        parts = windows(fresh_in(delta, len(base), len(version)), len(version), MARGIN)
        before, added, whole = detector.rules_in([Asked(base), Asked(version, parts), Asked(version)])
        if not before.near or not added.near:
            continue
        assert whole.near
        assert whole.rules <= before.rules | added.rules, (seed, base, version)
        told += bool(whole.rules - before.rules)
    assert told > LEAST  # the law was put to the test


def test_patterns_that_may_begin_far_away_are_told_by_a_word() -> None:
    wide = [
        rule.pattern
        for rule in OWN
        if rule.pattern.hunt and not rule.pattern.limit and hunt_width(rule.pattern.hunt) > NEAR
    ]
    assert wide
    words = [re.compile(hunt.encode()) for hunt in far_words(wide)]
    assert words
    texts = [path.read_bytes() for path in sorted(Path(get_path("stdlib")).glob("*.py"))]
    told = {word.pattern: sum(word.search(text) is not None for text in texts) / len(texts) for word in words}
    assert not [word for word, share in told.items() if share > 0.02], (
        "too common a word: histories would be read whole"
    )


def test_the_plain_engine_never_stops_short() -> None:
    pattern = Pattern(r"(?P<value>abc)", "abc", 3, ("abc",))
    (held,) = PlainEngine([pattern]).holds([Asked(b"x abc x", [(0, 1)])], lambda text, span: isinstance(span, Span))
    assert held.patterns == {0} and not held.is_near


@pytest.mark.parametrize("seed", range(8))
def test_texts_that_are_looked_at_together_hold_what_each_holds_alone(detector: PatternDetector, seed: int) -> None:
    noise = random.Random(seed)
    for _ in range(LEAST):
        asked: list[Asked] = []
        for _ in range(noise.randrange(1, 25)):
            text = noise.choice((text_of(noise, noise.sample(OWN, 2)), b"", noise.choice(PROBING)))
            cuts = sorted(noise.randrange(len(text) + 1) for _ in range(4))
            asked.append(Asked(text, None if noise.random() < 0.7 else [(cuts[0], cuts[1]), (cuts[2], cuts[3])]))
        together = detector.rules_in(asked)
        assert together == [alone for each in asked for alone in detector.rules_in([each])]


def test_no_probe_of_one_text_is_taken_for_that_of_another(detector: PatternDetector) -> None:
    texts = [Asked(text) for text in (b"a", *PROBING, b"b", *PROBING)]
    said = [(heard.wide, heard.near) for heard in detector.rules_in(texts)]
    probed = said[1 : 1 + len(PROBING)]
    assert any(wide for wide, _ in probed) and not any(near for _, near in probed)
    assert said == [(False, True), *probed, (False, True), *probed]
