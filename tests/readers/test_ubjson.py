"""UBJSON: each text of a model at its path, once; arrays of floats are weights; lies end as gaps."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from modelguard.model import GapReason
from tests.readers.opened import RULES, bears_damage, kind, places, scanned, values

VALUES = values()


class Typed(tuple[str, bytes]):
    """An array with one type: its marker, and its numbers as they are written."""


def length(count: int) -> bytes:
    return b"L" + struct.pack(">q", count)


def packed(value: Any, counted: bool = False) -> bytes:
    """As XGBoost writes it, or with counts."""
    if isinstance(value, Typed):
        marker, data = value
        width = {"d": 4, "D": 8, "i": 1, "U": 1, "I": 2, "l": 4, "L": 8}[marker]
        return b"[$" + marker.encode() + b"#" + length(len(data) // width) + data
    if isinstance(value, dict):
        inner = b"".join(length(len(key)) + key.encode() + packed(value[key], counted) for key in value)
        return b"{#" + length(len(value)) + inner if counted else b"{" + inner + b"}"
    if isinstance(value, list):
        inner = b"".join(packed(each, counted) for each in value)
        return b"[#" + length(len(value)) + inner if counted else b"[" + inner + b"]"
    if isinstance(value, str):
        return b"S" + length(len(value)) + value.encode()
    return b"Z" if value is None else b"i" + struct.pack(">b", value)


@pytest.mark.parametrize("counted", [False, True])
def test_each_hiding_place(counted: bool) -> None:
    tree = {
        "learner": {"attributes": {"note": VALUES.hub, "best iteration": "7"}, "names": ["a", VALUES.cloud]},
        "weights": Typed(("d", b"\0" * 8000)),
        "ids": Typed(("L", struct.pack(f">{len(VALUES.forge)}q", *VALUES.forge.encode()))),
        "version": [3, 2, 0],
    }
    seen = scanned(packed(tree, counted), "model.ubj")
    assert places(seen) == {
        RULES.hub: "learner.attributes.note",
        RULES.cloud: "learner.names[1]",
        RULES.forge: "ids[0]",
    }
    assert not seen.gaps
    assert [left.bytes for left in seen.left_out] == [8000]


def test_what_stands_beside_a_text_does_not_belong_to_it() -> None:
    """A marker follows a text at once."""
    assert places(scanned(packed({"a": VALUES.cloud, "b": "c"}), "m.ubj")) == {RULES.cloud: "a"}


def test_a_model_is_told_by_its_bytes() -> None:
    assert kind(packed({"learner": 1}), "model.bin") is not None
    for text in (b'{"a": 1}', b"{i}", b"[1]", b"{ L"):
        assert kind(text, "a.txt") is None


@pytest.mark.parametrize("size", [100, 10_000])
def test_bytes_are_looked_at(size: int) -> None:
    data = b"\n" * size + VALUES.hub.encode()
    assert places(scanned(packed({"a": Typed(("U", data))}), "m.ubj")) == {RULES.hub: "a"}


def test_members_of_one_type() -> None:
    text = length(len(VALUES.hub)) + VALUES.hub.encode()
    data = (
        b"{"
        + length(1)
        + b"a[$S#"
        + length(2)
        + text
        + length(1)
        + b"x"
        + length(1)
        + b"b{$i#"
        + length(1)
        + length(1)
        + b"c\x01}"
    )
    seen = scanned(data, "m.ubj")
    assert places(seen) == {RULES.hub: "a[0]"}
    assert not seen.gaps


KEY = b"{" + length(1) + b"a"
LYING = {
    "text": KEY + b"S" + length(2**62),
    "negative": KEY + b"Si\xff",
    "array": KEY + b"[#" + length(2**40),
    "array of numbers": KEY + b"[$d#" + length(2**61),
    "array of nothing": KEY + b"[$Z#" + length(2**61),
    "object": KEY + b"{#" + length(2**40),
    "nested": KEY + b"[" * 3000,
    "no type": KEY + b"?",
    "no length": KEY + b"S\xc8",
}


@pytest.mark.parametrize("name", LYING)
def test_a_lie_is_a_gap_and_everything_is_looked_at(name: str) -> None:
    seen = scanned(LYING[name] + b"\n" + VALUES.hub.encode(), "m.ubj")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert [each.rule for each in seen.findings] == [RULES.hub]


def test_damage() -> None:
    tree = {"a": ["b", None, 1], "c": Typed(("l", b"\0" * 16)), "d": {"e": "f"}}
    bears_damage(packed(tree), "m.ubj")
    bears_damage(packed(tree, counted=True), "m.ubj")
