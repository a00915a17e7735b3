"""The common hunt: what it looks for, and which patterns it hands on to be looked at."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from modelguard.engine.common import HUNT, SEPARATORS, VALUE, WORDS, has_shape
from modelguard.engine.fast import FastEngine, build
from modelguard.engine.syntax import MIN_COMMON, derive, may_be_common
from modelguard.rules.near import near_pattern
from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand

PATTERNS = [rule.pattern for rule in builtin_rules()]
COMMON = [number for number, pattern in enumerate(PATTERNS) if pattern.common]


def test_it_is_the_hunting_form_of_what_every_common_pattern_ends_in() -> None:
    assert derive((f"(?i:{WORDS})[^\\r\\n]{{0,24}}?", SEPARATORS + VALUE)).hunt == HUNT


def test_most_rules_share_it() -> None:
    assert len(COMMON) > 500


@pytest.mark.parametrize("value", [r"[0-9a-f]{32}", r"[A-Za-z0-9_-]{20,80}", r"sk_[A-Z2-7]{12}"])
def test_values_that_may_be_common(value: str) -> None:
    assert may_be_common(value)


@pytest.mark.parametrize("value", [r"[0-9a-f]{9}", r"[A-Za-z]{32}", r"[^ ]{20}", r"[0-9a-f%]{20}"])
def test_values_that_may_not_be(value: str) -> None:
    assert not may_be_common(value)


@pytest.mark.parametrize("template", ["<alnum:10>", "<hex:32>", "<base64:64>", "<digit:10>", "<upperalnum:40>"])
@pytest.mark.parametrize("seed", range(20))
def test_whatever_has_a_digit_and_ten_characters_has_the_shape(template: str, seed: int) -> None:
    value = expand(template, seed)
    assert len(value) >= MIN_COMMON
    assert has_shape(value.encode())


def test_what_has_no_digit_has_not() -> None:
    assert not has_shape(b"abcdefghijklmnopqrstuvwxyz")


def test_names_are_found_before_a_word_that_stands_near() -> None:
    patterns = [derive(near_pattern([name], "[0-9a-f]{12}")) for name in ("abyss", "cumulus")]
    common = [replace(pattern, common=True, keywords=pattern.keywords, hunt="") for pattern in patterns]
    engine = FastEngine(common, build(common, encoded=False))
    text = b"abyss" + b" " * 130 + b"\nCUMULUS secret:\n0123456789ab"

    def asked_of(text: bytes) -> set[int]:
        asked: set[int] = set()
        engine.scan(text, lambda pattern: bool(asked.add(pattern)))
        return asked

    assert asked_of(text) == {1}
    assert asked_of(text[131:]) == {1}
    assert asked_of(text.replace(b"secret", b"number")) == set()
    assert asked_of(text.replace(b"CUMULUS", b"NIMBUS")) == set()
    assert asked_of(b"abyss key=0123456789ab cumulus") == {0}
