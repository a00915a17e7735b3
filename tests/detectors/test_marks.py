"""Comments that allow findings, as each tool and language writes them."""

from __future__ import annotations

import re

import pytest

from modelguard.detectors.mark_pattern import MARK_PATTERN
from modelguard.detectors.marks import marks_on
from modelguard.model import Mark

OWN = "modelguard" + ": "  # in two parts, so that these lines allow nothing in our own scan


def only(text: str, line: int = 7) -> Mark:
    (mark,) = marks_on(text, line)
    return mark


@pytest.mark.parametrize("opening", ["#", "//", "/*", "<!--", "--", ";", "%", "*", "REM", "rem", "x = 1  #", "{  //"])
@pytest.mark.parametrize("ending", ["", " */", " -->", '",', "  "])
def test_our_own_mark_in_any_language(opening: str, ending: str) -> None:
    mark = only(f"{opening} {OWN}allow[hf-user-token] used in the docs{ending}")
    assert mark == Mark("modelguard", 7, 7, ("hf-user-token",), "used in the docs", comment=True)


@pytest.mark.parametrize(
    ("text", "line", "rules", "reason"),
    [
        ("allow", 7, (), ""),
        ("allow because", 7, (), "because"),
        ("allow[a-b,c-d]", 7, ("a-b", "c-d"), ""),
        ("allow[ a-b , c-d ]: why", 7, ("a-b", "c-d"), "why"),
        ("allow[]", 7, (), ""),
        ("allow-next-line[a-b] why", 8, ("a-b",), "why"),
        ("ALLOW[a-b]", 7, ("a-b",), ""),
        ("allow[a-b] " + "x" * 500, 7, ("a-b",), "x" * 200),
    ],
)
def test_what_our_own_mark_says(text: str, line: int, rules: tuple[str, ...], reason: str) -> None:
    mark = only(f"# {OWN}{text}")
    assert (mark.line, mark.written, mark.rules, mark.reason) == (line, 7, rules, reason)


def test_text_that_quotes_a_mark_is_no_comment() -> None:
    assert not only(f"write `{OWN}allow` behind it").comment
    assert only(f"# {OWN}allow").comment


@pytest.mark.parametrize(
    ("text", "tool", "line"),
    [
        ("# gitleaks" + ":allow", "gitleaks", 7),
        ("// betterleaks" + ":allow", "betterleaks", 7),
        ("# kingfisher" + ":ignore", "kingfisher", 7),
        ("# Kingfisher" + ":Ignore", "kingfisher", 7),
        ("# trufflehog" + ":ignore", "trufflehog", 7),
        ("# pragma: " + "allowlist secret", "detect-secrets", 7),
        ("# pragma:" + "whitelist secret", "detect-secrets", 7),
        ("# pragma: " + "allowlist nextline secret", "detect-secrets", 8),
        ("<!-- pragma: " + "allowlist-nextline-secret -->", "detect-secrets", 8),
    ],
)
def test_marks_of_other_tools(text: str, tool: str, line: int) -> None:
    mark = only(text)
    assert (mark.tool, mark.line, mark.written, mark.rules) == (tool, line, 7, ())
    assert re.search(MARK_PATTERN.regex.encode(), text.encode())


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("# nosec hf-user-token", ("hf-user-token",)),
        ("# nosec: a-b, c-d", ("a-b", "c-d")),
        ("# nosec B105", ("B105", "generic-assigned-quoted", "generic-assigned-bare")),
        ("# nosec B602", ("B602",)),
    ],
)
def test_nosec_only_with_a_rule(text: str, rules: tuple[str, ...]) -> None:
    assert only(text).rules == rules
    assert list(marks_on("# nosec", 7)) == []
    assert list(marks_on("# nosecrets here", 7)) == []


def test_several_marks_on_one_line() -> None:
    marks = list(marks_on(f"# gitleaks:allow # nosec a-b # {OWN}allow[c-d]", 1))
    assert [mark.tool for mark in marks] == ["modelguard", "gitleaks", "nosec"]
