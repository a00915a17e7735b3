"""Both engines say of the same texts that they may hold wide text, and never miss one that a pattern would match."""

from __future__ import annotations

from functools import lru_cache

import pytest

from modelguard.detectors.proving import engines
from modelguard.engine.interface import Engine
from modelguard.engine.syntax import derive
from modelguard.engine.wide import shortest_keywords

from .texts import RULES, UNMARKED, examples

CODECS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


@lru_cache(maxsize=1)
def _engines() -> dict[str, Engine]:
    return {name: make([rule.pattern for rule in RULES]) for name, make in engines().items()}


@pytest.mark.parametrize("name", engines())
@pytest.mark.parametrize("codec", CODECS)
def test_wide_text_that_a_pattern_would_match_is_noticed(name: str, codec: str) -> None:
    engine = _engines()[name]
    for _, text in examples()[::8]:
        if any(RULES[span.pattern].id not in UNMARKED for span in engine.scan(text.encode()).spans):
            assert engine.scan(text.encode(codec)).wide, text
            assert engine.scan(b"x" + text.swapcase().encode(codec)).wide, text
        assert not engine.scan(text.encode()).wide
        assert not engine.scan(text.encode(codec).replace(b"\0", b" ")).wide


@pytest.mark.parametrize("codec", CODECS)
def test_engines_agree_where_a_view_would_finish_a_keyword(codec: str) -> None:
    one, other = (make([derive("(?P<value>login[ /])[a-z]")]) for make in engines().values())
    for escape in ("\\/", "\\n", "\\t", "\\u003d", "\\/ \\u003d"):
        for text in ("login".encode(codec) + escape.encode(), f"login{escape}x".encode(codec)):
            assert one.scan(text) == other.scan(text) == ([], True, ())  # its first letters are enough
    assert one.scan("login x".encode(codec)) == other.scan("login x".encode(codec)) == ([], True, ())


def test_a_keyword_that_holds_another_is_not_looked_for() -> None:
    assert shortest_keywords(["abcd", "bc", "xbcx", "abc", "zz", "zz"]) == ["bc", "zz"]
