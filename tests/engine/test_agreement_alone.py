"""Each rule in a database of its own: a user may choose a single one, and it is compiled unlike a part of all."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from modelguard.engine.fast import FastEngine, build
from modelguard.engine.interface import Pattern
from modelguard.engine.plain import PlainEngine
from modelguard.rules.interface import Rule

from .texts import RULES, WRITINGS, examples

_PARTS = 8
_ALIGNMENTS = 72


@pytest.mark.parametrize("part", range(_PARTS))
def test_each_rule_alone_is_found_alike(part: int) -> None:
    for rule in RULES[part::_PARTS]:
        plain, fast = PlainEngine([rule.pattern]), _fast(rule.pattern)
        for text in _texts(rule, random.Random(rule.id)):
            assert fast.scan(text)[:2] == plain.scan(text)[:2], (rule.id, text)


def _fast(pattern: Pattern) -> FastEngine:
    """The engine without the forms of what is encoded, which are the same for every rule (see `test_hidden.py`)."""
    return FastEngine([pattern], build([pattern], encoded=False))


def _texts(rule: Rule, rnd: random.Random) -> Iterator[bytes]:
    own = [text for other, text in examples() if other is rule]
    for text in own[::2]:
        for shift in range(rnd.randrange(2), _ALIGNMENTS, 2):
            yield (rnd.choice(("\n", "y", " ", "{", "z\\n", '"')) * shift + text).encode()
    for _ in range(40):
        text = rnd.choice(own)
        text = text[: rnd.randint(0, len(text))] + rnd.choice(("", "\n", "y" * rnd.randrange(40))) + text
        yield (rnd.choice(WRITINGS)(text) if rnd.random() < 0.3 else text).encode()
