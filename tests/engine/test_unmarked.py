"""A value without a mark is hunted from a digit on: the fast engine misses none, wherever it lies in a text."""

from __future__ import annotations

import random
import re

from modelguard.detectors.patterns import PatternDetector
from modelguard.detectors.proving import engines
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand

from .texts import UNMARKED

_AROUND = b"abc XYZ0123456789.,;:\n\t-/<>\"'=_%#"
_CARDS = ("<luhn:4:16>", "<luhn:51:16>", "<luhn:37:15>", "<luhn:2221:16>", "<luhn:6011:16>")


def _text(chance: random.Random) -> bytes:
    parts = [bytes(chance.choices(_AROUND, k=chance.randrange(80)))]
    for _ in range(chance.randrange(1, 4)):
        card = expand(chance.choice(_CARDS), chance.randrange(1 << 30))
        parts.append(f" {card}".encode() + bytes(chance.choices(_AROUND, k=chance.randrange(60))))
    return b"".join(parts)


def test_none_is_missed() -> None:
    rules = builtin_rules().where(lambda rule: rule.id in UNMARKED or rule.category.value == "pii")
    detectors = [PatternDetector(rules, engine=make) for make in engines().values()]
    (number,) = (number for number, rule in enumerate(rules.listed) if rule.id in UNMARKED)
    regex = re.compile(rules[number].pattern.regex.encode())
    chance = random.Random(5)
    found = 0
    for text in (_text(chance) for _ in range(2000)):
        expected = {match.span("value") for match in regex.finditer(text)}
        found += len(expected)
        for detector in detectors:
            spans = detector.engine.scan(text).spans
            told = {(span.value_start, span.value_end) for span in spans if span.pattern == number}
            assert expected <= told, (detector.engine, text)
    assert found > 1000
