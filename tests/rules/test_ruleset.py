"""A set of rules makes each rule when it is looked at, and is otherwise the sequence that it seems to be."""

from __future__ import annotations

import pickle

import pytest
from msgspec.structs import replace

from modelguard.engine.interface import Patterns, identity
from modelguard.rules.interface import Rule
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.ruleset import Listed, RuleSet, listed

RULES = tuple(builtin_rules()[:5])


def lazy(made: list[str]) -> RuleSet:
    """The first rules; `made` gets the id of each that is made."""
    by_id = {rule.id: rule for rule in RULES}

    def make(entry: Listed) -> Rule:
        made.append(entry.id)
        return by_id[entry.id]

    return RuleSet(map(listed, RULES), make)


def test_a_rule_is_made_once_and_when_it_is_looked_at() -> None:
    made: list[str] = []
    rules = lazy(made)
    few = rules.where(lambda entry: entry.id != RULES[0].id)
    patterns = few.patterns()
    assert (len(rules), len(few), len(patterns), made) == (5, 4, 4, [])
    assert few[1] is RULES[2] and rules[2] is RULES[2] and patterns[1] is RULES[2].pattern
    assert made == [RULES[2].id]


def test_it_is_a_sequence() -> None:
    rules = lazy([])
    assert tuple(rules) == RULES and tuple(rules[1:3]) == RULES[1:3] and rules[-1] is RULES[-1]
    with pytest.raises(IndexError):
        rules[5]
    assert tuple(pickle.loads(pickle.dumps(rules))) == RULES


def test_what_is_added_takes_the_place_of_what_has_its_id() -> None:
    other, new = replace(RULES[1], title="Another"), replace(RULES[0], id="new-rule")
    rules = lazy([])
    more = rules.with_added([other, new])
    assert tuple(more) == (RULES[0], other, *RULES[2:], new)
    assert more.listed[1] == listed(other) and tuple(rules) == RULES


def test_patterns_are_told_apart_by_what_they_are_and_by_their_order() -> None:
    patterns = [rule.pattern for rule in RULES]
    assert len(set(map(identity, patterns))) == 5
    assert lazy([]).patterns().digest == Patterns.of(patterns).digest
    wider = replace(patterns[0], width=patterns[0].width + 1)
    others = [patterns[1:], patterns[::-1], [wider, *patterns[1:]]]
    assert len({Patterns.of(each).digest for each in [patterns, *others]}) == 4
    joined = lazy([]).patterns().followed_by([wider])
    assert joined.digest == Patterns.of([*patterns, wider]).digest
    assert list(joined) == [*patterns, wider] and joined[-1] is wider and joined[4:] == [patterns[4], wider]
