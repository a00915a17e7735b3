"""What a pattern may take: what multiplies is counted, what its next byte ends is not."""

from __future__ import annotations

import pytest

from modelguard.engine.effort import MOST, check_bounded_test, check_pattern_effort, effort
from modelguard.engine.syntax import PatternError, derive

WAYS = {
    "acme[0-9]{20}": 1,
    "acme[0-9]{1,20}": 1,
    "acme[0-9]{1,20}!": 1,
    "acme[0-9]{1,20}1": 20,
    r"acme[0-9]{1,20}\b": 20,
    "acme[a-z]{0,9}(?i:Q)": 10,
    "[ab]{1,10}[bc]{1,10}c": 100,
    "(?:-[a-z]{1,20}){1,20};": 1,
    "(?:[ab]1|b2)c": 2,
    "(?:ab|cd)e": 1,
    "(?:a{1,20}){1,20}b": MOST,
    "(?:a|a){40}b": MOST,
    "(?:.|[\\n\\r]){0,64}x": MOST,
}


@pytest.mark.parametrize("regex", WAYS)
def test_ways_are_counted(regex: str) -> None:
    assert effort(regex) == WAYS[regex]


def test_parts_count_by_themselves() -> None:
    parts = ["acme[^x]{0,200}?", "key[^y]{0,200}?", "token[^z]{0,200}?", "(?P<value>[a-z]{9}1)"]
    check_pattern_effort(derive(parts))
    with pytest.raises(PatternError, match="could take very long"):
        check_pattern_effort(derive("".join(parts)))


def test_what_is_large_is_refused() -> None:
    check_pattern_effort(derive("acme(?P<value>[a-z]{5000})"))
    with pytest.raises(PatternError, match="too large"):
        check_pattern_effort(derive("acme(?P<value>(?:[a-f][0-9]){3000})"))


def test_a_test_may_say_where_it_stands() -> None:
    check_bounded_test("^a{1,9}$")
    for regex in ("a*", r"(a)\1", "(?i)a", "(", "é", "[a-z]{0,999}[a-z]{0,999}x"):
        with pytest.raises(PatternError):
            check_bounded_test(regex)
