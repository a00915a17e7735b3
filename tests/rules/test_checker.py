"""`modelguard rules check`: every way in which a rule may fail to prove itself is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from modelguard.detectors.proving import Prover, is_check
from modelguard.engine.syntax import derive
from modelguard.model import Confidence, Severity
from modelguard.rules.checker import problems
from modelguard.rules.interface import Rule
from modelguard.rules.loader import load_file
from modelguard.rules.prepared import PACKS, builtin_rules
from tests.rules.test_loader import GOOD, written


@pytest.fixture
def rule(tmp_path: Path) -> Rule:
    (found,) = load_file(written(tmp_path, GOOD))
    return found


def said(*rules: Rule) -> Sequence[str]:
    return list(problems(rules, is_check, Prover(rules)))


def test_a_good_rule(rule: Rule) -> None:
    assert said(rule) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "x" * 61}, "the title has more than 60 characters"),
        ({"references": ()}, "names no reference"),
        ({"examples": ("acme-<digit:9>",)}, "needs at least 2 examples and one not_example"),
        ({"not_examples": ()}, "needs at least 2 examples and one not_example"),
        (
            {"examples": ("acme-<digit:9>", "acme <digit:9>")},
            "the plain engine finds 0 of 3 expansions of 'acme <digit:9>'",
        ),
        ({"not_examples": ("acme-<digit:9>",)}, "the fast engine finds 3 of 3 expansions of 'acme-<digit:9>'"),
        ({"examples": ("acme-<digit:9>", "acme-<digit:x>")}, "'acme-<digit:x>': <digit:N> needs a number"),
    ],
)
def test_what_is_wrong_is_said(rule: Rule, changes: dict[str, object], problem: str) -> None:
    assert f"acme-badge: {problem}" in said(replace(rule, **changes))  # type: ignore[arg-type]


def test_a_check_that_does_not_exist(rule: Rule) -> None:
    broken = replace(rule, checks=("entropy>=much", "not-placeholder"), examples=(), not_examples=())
    assert "acme-badge: there is no check entropy>=much" in said(broken)
    assert not is_check("no-such-check") and is_check("entropy>=3.5") and is_check("base64-json:key")


def test_a_pattern_without_a_literal(tmp_path: Path) -> None:
    (rule,) = load_file(written(tmp_path, GOOD.replace(r"\b(?P<value>acme-[0-9]{9})\b", r"\b(?P<value>[0-9]{9})\b")))
    assert any("no literal of at least 3 characters" in problem for problem in said(rule))


def test_an_id_used_twice(rule: Rule) -> None:
    other = replace(rule, id="other-badge", was=("acme-badge",))
    assert "acme-badge: the id is used more than once" in said(rule, other)


def test_the_packs_hold_what_they_say() -> None:
    rules = builtin_rules()
    assert len(rules) >= 120
    assert {path.parent.name for path in Path(PACKS).rglob("*.yaml")} == {"secrets", "config", "pii"}
    for rule in rules:
        assert rule.remedy.endswith(".") and rule.why.endswith(".") and rule.what.endswith("."), rule.id
        assert all(reference.startswith("https://") for reference in rule.references), rule.id


def test_a_rule_that_looks_at_too_many_files(rule: Rule) -> None:
    often = replace(rule, pattern=derive(r"(?P<value>import [a-z]{2,9})"))
    assert any("of ordinary source files looked at more closely; 1% is the limit" in problem for problem in said(often))
    assert not any("more closely" in problem for problem in said(replace(often, structured=False)))


def test_a_rule_that_never_speaks(rule: Rule) -> None:
    better = replace(rule, id="acme-better", severity=Severity.CRITICAL, confidence=Confidence.HIGH)
    assert said(better, rule) == ["acme-badge: is never the one to tell what it finds: acme-better does"]
    assert said(better, replace(rule, over=("acme-better",))) == [
        "acme-better: is never the one to tell what it finds: acme-badge does"
    ]
    family = [replace(each, judged=True) for each in (better, rule)]
    assert not any("never the one" in problem for problem in said(*family))
