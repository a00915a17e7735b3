"""Every piece of evidence can be put into words, and what is said adds up to the likelihood."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from modelguard.detectors.judgement.reasons import reasons
from modelguard.detectors.judgement.sentences import sentence
from modelguard.engine.interface import Span
from modelguard.rules.prepared import WEIGHTS
from modelguard.rules.templates import expand

LEARNED = json.loads(Path(WEIGHTS).read_text())["weights"]
VALUE = expand("<alpha:5>-<digit:3>-<alpha:5>")


def test_everything_that_was_learned_has_a_sentence() -> None:
    names = {name.rpartition("/")[2] if "/value:" in name else name for name in LEARNED}
    said = {name: sentence(name) for name in names}
    assert all(text.strip() == text and len(text) > 10 for text in said.values())
    assert len(set(said.values())) == len(said)


def test_what_is_no_evidence_has_none() -> None:
    with pytest.raises(KeyError):
        sentence("value:nonsense")


def told(text: str, value: str, path: str = "a.py") -> tuple[float, str, dict[str, float]]:
    start = text.index(value)
    span = Span(0, 0, start + len(value) + 1, start, start + len(value))
    likely, settled, evidence = reasons("generic-password-quoted", text.encode(), span, path)
    assert all(value not in each.sentence and value not in each.name for each in evidence)
    assert [abs(each.weight) for each in evidence] == sorted((abs(each.weight) for each in evidence), reverse=True)
    return likely, settled, {each.name: each.weight for each in evidence}


@pytest.mark.parametrize("value", [VALUE, "changeme", "the lazy fox", expand("<hex:40>"), "settings.db.value"])
def test_the_weights_add_up(value: str) -> None:
    likely, settled, evidence = told(f'db_password = "{value}"', value)
    assert settled == ""
    assert math.log(likely / (1 - likely)) == pytest.approx(sum(evidence.values()), abs=0.1)


def test_what_is_settled_beforehand_says_so() -> None:
    assert told('db_password = "<password>"', "<password>") == (
        0.0,
        "it is no name with its value: an argument, a list, a ruler or a template",
        {},
    )
    assert told('publishable_key = "tiger-77-x"', "tiger-77-x")[:2] == (
        0.0,
        "it is a key that its vendor has people publish",
    )
