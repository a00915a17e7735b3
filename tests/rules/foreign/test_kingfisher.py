"""Files of Kingfisher and Nosey Parker, written here: what is taken over, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelguard.detectors.proving import Prover, is_check
from modelguard.errors import RuleError
from modelguard.rules.checker import problems
from modelguard.rules.external import import_rules, load_external
from modelguard.rules.interface import Rule
from modelguard.rules.templates import expand

ACME = r"""
rules:
  - name: Acme Upload Key
    id: kingfisher.acme.1
    pattern: |
      (?xi)
      acme_upload_        # what it begins with
      ( [a-f0-9]{32} ) \b
    min_entropy: 3.3
    confidence: high
    references: [https://acme.test/keys]
"""


def rule_of(folder: Path, text: str) -> tuple[Rule, list[str]]:
    path = folder / "rules.yml"
    path.write_text(text, encoding="utf-8")
    told: list[str] = []
    (rule,) = load_external([path], (), told.append).rules
    return rule, [line.partition("kingfisher.acme.1: ")[2] for line in told]


def test_a_rule(tmp_path: Path) -> None:
    rule, told = rule_of(tmp_path, ACME)
    assert told == []
    assert (rule.id, rule.title, str(rule.confidence)) == ("kingfisher-acme-1", "Acme Upload Key", "high")
    assert rule.pattern.regex == r"(?i:acme_upload_(?P<value>[a-f0-9]{32})\b)"
    assert (rule.checks, rule.references) == (("entropy>=3.3",), ("https://acme.test/keys",))


def test_requirements_are_checks_and_words(tmp_path: Path) -> None:
    more = "    pattern_requirements: {min_digits: 1, min_uppercase: 1, min_lowercase: 2, ignore_if_contains: [Test]}\n"
    rule, told = rule_of(tmp_path, ACME + more)
    assert rule.checks == ("entropy>=3.3", "has-digit", "has-upper", "has-lower")
    assert rule.not_values == ("(?i:Test)",)
    assert told == ["finds more: the requirement min_lowercase: 2"]


LEFT_OUT = {
    "validation": (
        "    validation: {type: Http, content: {request: {url: 'https://acme.test'}}}\n",
        "validation is never run",
    ),
    "revocation": ("    revocation: {type: AWS}\n", "revocation is never run"),
    "dependency": (
        "    depends_on_rule: [{rule_id: x, variable: Y}]\n",
        "finds more: it no longer depends on another rule",
    ),
    "a key": ("    colour: red\n", "the key colour is not known"),
    "a checksum": ("    pattern_requirements: {checksum: {actual: x}}\n", "finds more: the requirement checksum: ..."),
}


@pytest.mark.parametrize("kind", LEFT_OUT)
def test_what_is_left_out_is_told(tmp_path: Path, kind: str) -> None:
    text, expected = LEFT_OUT[kind]
    assert rule_of(tmp_path, ACME + text)[1] == [expected]


def test_a_rule_that_only_serves_others_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(ACME + "    visible: false\n")
    told: list[str] = []
    assert load_external([path], (), told.append).rules == [] and "left out" in told[0]
    assert import_rules(path, ()).text.endswith("[]\n")


LOST = {
    "a class of classes": (ACME.replace("[a-f0-9]", "[a-z&&[^x]]"), "its pattern has a class made of classes"),
    "no id": (ACME.replace("    id: kingfisher.acme.1\n", ""), "it has no id"),
    "no mapping": ("rules: [acme]\n", "it is not a mapping"),
    "no pattern": ("rules:\n  - {id: acme.1, name: Acme}\n", "may be empty"),
}


@pytest.mark.parametrize("kind", LOST)
def test_a_rule_that_cannot_be_taken_over_stops_it(tmp_path: Path, kind: str) -> None:
    text, expected = LOST[kind]
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(RuleError) as error:
        load_external([path], ())
    assert expected in error.value.message


def test_its_own_examples_are_proved_and_never_written(tmp_path: Path) -> None:
    good, bad = expand("acme_upload_<hex:32>"), expand("acme_upload_<hex:31>")
    path = tmp_path / "rules.yml"
    path.write_text(ACME + f"    examples: ['{good}', '{bad}']\n    negative_examples: ['{bad}']\n")
    rules, adopted = load_external([path], ())
    found = list(problems(rules, is_check, Prover(rules), adopted))
    assert found and all("finds 0 of 3" in line for line in found)
    imported = import_rules(path, ())
    assert good not in imported.text and bad not in imported.text


@pytest.mark.parametrize("text", ["rules: []\n", "rules: 5\n", "other: x\n", "rules: [*a]\n"])
def test_what_is_no_such_file_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(RuleError, match=r"rules\.yaml"):
        load_external([path], ())
