"""Candidates as the rules find them in a text, for tests of judgement by itself."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from modelguard.detectors.judgement import likelihood
from modelguard.detectors.judgement.candidate import Candidate, candidate_of
from modelguard.engine.interface import Span
from modelguard.engine.plain import PlainEngine
from modelguard.rules.interface import Rule
from modelguard.rules.prepared import builtin_rules


@lru_cache(maxsize=1)
def _judged() -> tuple[Sequence[Rule], PlainEngine]:
    rules = [rule for rule in builtin_rules() if rule.judged]
    return rules, PlainEngine([rule.pattern for rule in rules])


def _spans(text: str) -> list[tuple[Rule, Span]]:
    rules, engine = _judged()
    return [(rules[span.pattern], span) for span in engine.scan(text.encode()).spans]


def candidates(text: str, path: str = "settings.py") -> list[Candidate]:
    """All candidates that judged rules find in a text, whatever files they are bound to."""
    return [candidate_of(rule.id, text.encode(), span, path) for rule, span in _spans(text)]


def candidate(text: str, value: str, path: str = "settings.py") -> Candidate:
    """The first candidate of that value."""
    found = [each for each in candidates(text, path) if each.value == value]
    assert found, f"no candidate {value!r} among {[each.value for each in candidates(text, path)]}"
    return found[0]


def likely(text: str, value: str, path: str = "settings.py") -> float:
    """How likely the value is a secret, by the rule that thinks most of it; 0 where none takes it for a candidate."""
    data = text.encode()
    said = [
        likelihood(rule.id, data, span, path)
        for rule, span in _spans(text)
        if data[span.value_start : span.value_end] == value.encode()
    ]
    return max(said, default=0.0)
