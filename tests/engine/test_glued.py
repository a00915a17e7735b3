"""Whether a pattern may match where nothing beside its matches counts: both engines say so of every glued example."""

from __future__ import annotations

import pytest

from modelguard.engine.fast import FastEngine, build
from modelguard.engine.plain import PlainEngine
from modelguard.engine.syntax import derive

HEAD = "AKZ[A-Z0-9]{8}"
PATTERNS = [
    derive(rf"\b(?P<value>{HEAD})\b"),
    derive(r"\b(?P<value>tok_[a-z]{6,9})\b"),
    derive(r"(?<![\w-])(?P<value>key-[0-9a-f]{8})(?![\w-])"),
]
EXAMPLES = [b"AKZ12345678", b"tok_abcdefgh", b"key-0123abcd"]


@pytest.fixture(scope="module")
def engines() -> tuple[FastEngine, PlainEngine]:
    return FastEngine(PATTERNS, build(PATTERNS)), PlainEngine(PATTERNS)


@pytest.mark.parametrize("behind", [b"", b"W", b"_", b"9", b"z", b"\0", b"\xda"])
@pytest.mark.parametrize("before", [b"", b"W", b"_", b"9", b"\0"])
@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_what_is_beside_an_example_does_not_count(
    engines: tuple[FastEngine, PlainEngine], number: int, before: bytes, behind: bytes
) -> None:
    text = b"some text \0" + before + EXAMPLES[number] + behind + b"\0 and more"
    for engine in engines:
        assert number in engine.glued(text), engine.name


def test_nothing_is_in_other_text(engines: tuple[FastEngine, PlainEngine]) -> None:
    for engine in engines:
        assert engine.glued(b"some other text") == set()


def test_it_is_kept_in_what_is_stored(engines: tuple[FastEngine, PlainEngine]) -> None:
    compiled = build(PATTERNS)
    assert compiled.glued is not None
    assert len(compiled.stored()) == 5
