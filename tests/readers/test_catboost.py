"""CatBoost: parameters, metadata and names of features at their places; what follows the core as it stands."""

from __future__ import annotations

import json
import struct

import pytest

from modelguard.model import GapReason
from tests.readers.opened import PASSWORD, RULES, bears_damage, places, scanned, values
from tests.readers.written_flatbuffers import Fields, flatbuffer

VALUES = values()


def model(core: Fields, behind: bytes = b"") -> bytes:
    packed = flatbuffer({0: "FlabuffersModel_v1", **core}, bytes(4))
    return b"CBM1" + struct.pack("<I", len(packed)) + packed + behind


@pytest.mark.parametrize(
    ("core", "place"),
    [
        ({2: [{0: "params", 1: json.dumps({"data": {"x": VALUES.hub}})}]}, 'info["params"]'),
        ({2: [{0: VALUES.hub, 1: "x"}]}, 'info["***"]'),
        ({1: {5: [{4: "age"}, {4: VALUES.hub}]}}, "trees.features[1].id"),
        ({1: {4: [{2: VALUES.hub}]}}, "trees.categorical_features[0].id"),
        ({1: {6: [{2: ["a", VALUES.hub]}]}}, "trees.one_hot_features[0].values[1]"),
        ({1: {12: [{2: VALUES.hub}]}}, "trees.text_features[0].id"),
        ({3: [VALUES.hub]}, "parts[0]"),
    ],
    ids=range(7),
)
def test_each_hiding_place(core: Fields, place: str) -> None:
    seen = scanned(model(core), "model.cbm")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_a_key_says_what_its_value_is() -> None:
    seen = scanned(model({2: [{0: "db_password", 1: PASSWORD}]}), "model.cbm")
    assert set(places(seen).values()) == {'info["db_password"]'}


def test_what_follows_the_core() -> None:
    assert places(scanned(model({}, b"words " + VALUES.hub.encode()), "a.cbm")) == {RULES.hub: None}


def test_a_core_that_is_longer_than_the_file() -> None:
    data = model({2: [{0: "note", 1: f"x {VALUES.hub}"}]})
    seen = scanned(data[:4] + b"\xff\xff\xff\x7f" + data[8:], "a.cbm")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}


def test_damage() -> None:
    core = {1: {5: [{4: "a"}], 6: [{2: ["b", "c"]}]}, 2: [{0: "k", 1: "v"}], 3: ["p"]}
    bears_damage(model(core, b"x" * 20), "a.cbm")
