"""Text from a hostile tree shows itself and does nothing."""

from __future__ import annotations

import json

import pytest

from modelguard.reports.escape import printable, valid
from modelguard.reports.json_text import dump


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 张 e\u0301 😀", "plain 张 e\u0301 😀"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x00\x1b[31m\x7f\x85\x9b", r"\x00\x1b[31m\x7f\x85\x9b"),
        ("\u202aa\u202e\u2066b\u2069", r"\u202aa\u202e\u2066b\u2069"),
        ("a\u200bb\ufeff\u2028", r"a\u200bb\ufeff\u2028"),
        ("\U000e0041", r"\U000e0041"),
        ("caf\udce9 \ud800", r"caf\xe9 \ud800"),
        ("##[error]x ##vso[task.x]y ###[z]", r"\x23#[error]x \x23#vso[task.x]y \x23\x23#[z]"),
        ("## Heading [link] #1", "## Heading [link] #1"),
    ],
)
def test_acting_characters_are_spelled_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_only_lone_surrogates_keep_text_from_being_valid() -> None:
    assert valid("\x1b\u202e caf\udce9") == "\x1b\u202e caf\\xe9"


def test_json_text_is_ascii_and_never_holds_a_runner_command() -> None:
    text = dump({"a##[b]": ["###vso[x]", "张\u202e", "\\##[y]"]})
    assert text.isascii() and "##" not in text
    assert json.loads(text) == {"a##[b]": ["###vso[x]", "张\u202e", "\\##[y]"]}


def test_json_text_refuses_what_json_does_not_have() -> None:
    with pytest.raises(ValueError):
        dump(float("nan"))
