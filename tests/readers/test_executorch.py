"""ExecuTorch: texts by their names in the schema, what backends are handed, constants that are text."""

from __future__ import annotations

import pickle
import struct
from array import array
from collections.abc import Sequence

import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Member
from tests.readers.opened import PASSWORD, RULES, bears_damage, opened, places, scanned, values
from tests.readers.written_flatbuffers import Fields, flatbuffer

VALUES = values()
HUB = VALUES.hub.encode()
FLOAT, LONG = 6, 4


def program(plan: Fields, segments: Sequence[bytes] = (), more: Fields | None = None) -> bytes:
    """A program of one method, and segments behind it, each at a multiple of 16."""
    spans: list[Fields] = []
    data = b""
    for segment in segments:
        spans.append({0: len(data), 1: len(segment)})
        data += segment + b"\0" * (-len(segment) % 16)
    fields = {1: [plan], 4: spans, **(more or {})}
    size = len(flatbuffer(fields, b"ET12" + bytes(40)))
    base = size + -size % 16
    head = b"ET12eh00" + struct.pack("<IQQQ", 32, size, base, len(data)) + bytes(8)
    return flatbuffer(fields, head).ljust(base, b"\0") + data


def tensor(scalar: int, number: int) -> Fields:
    return {0: 5, 1: {0: scalar, 5: number}}


@pytest.mark.parametrize(
    ("plan", "place"),
    [
        ({0: VALUES.hub}, "execution_plan[0].name"),
        ({1: {1: f"x {VALUES.hub}"}}, "execution_plan[0].container_meta_type.encoded_out_str"),
        ({2: [{0: 1, 1: {}}, {0: 6, 1: {0: VALUES.hub}}]}, "execution_plan[0].values[1].val.string_val"),
        (
            {2: [{0: 5, 1: {9: {1: VALUES.hub}}}]},
            "execution_plan[0].values[0].val.extra_tensor_info.fully_qualified_name",
        ),
        (
            {5: [{3: [{0: [{2: "f", 3: f"login('{VALUES.hub}')"}]}]}]},
            "execution_plan[0].chains[0].stacktrace[0].items[0].context",
        ),
        ({6: [{0: "aten::add"}, {1: VALUES.hub}]}, "execution_plan[0].operators[1].overload"),
        ({7: [{0: VALUES.hub}]}, "execution_plan[0].delegates[0].id"),
        ({7: [{2: [{0: "token", 1: HUB}]}]}, 'execution_plan[0].delegates[0].compile_specs["token"]'),
    ],
    ids=range(8),
)
def test_each_hiding_place(plan: Fields, place: str) -> None:
    seen = scanned(program(plan), "model.pte")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_a_value_of_bytes_ends_where_it_ends() -> None:
    """No zero byte follows it; what stands there next is no part of it."""
    value = VALUES.cloud.encode()
    data = program({7: [{2: [{0: "id", 1: value}]}]})
    data = data.replace(value + b"\0", value + b"Z")
    assert places(scanned(data, "model.pte")) == {RULES.cloud: 'execution_plan[0].delegates[0].compile_specs["id"]'}


def test_a_key_says_what_its_value_is() -> None:
    seen = scanned(program({7: [{2: [{0: "db_password", 1: PASSWORD.encode()}]}]}), "model.pte")
    assert set(places(seen).values()) == {'execution_plan[0].delegates[0].compile_specs["db_password"]'}


def test_what_backends_are_handed_is_a_file() -> None:
    inner = pickle.dumps({"token": VALUES.hub})
    delegates = [{0: "A", 1: {0: 0, 1: 0}}, {0: "B", 1: {0: 1, 1: 0}}]
    data = program({7: delegates}, [inner], {3: [{0: b"x: " + VALUES.cloud.encode() + b" "}]})
    seen = scanned(data, "model.pte")
    assert places(seen) == {RULES.hub: 'delegate "B" → ["token"]', RULES.cloud: 'delegate "A"'}
    assert not seen.gaps


def test_named_data() -> None:
    data = program({}, [b"x", b"x: " + HUB], {7: [{0: "layer.weight", 1: 1}]})
    assert places(scanned(data, "model.pte")) == {RULES.hub: 'named_data["layer.weight"]'}


def constants(*scalars: int, data: bytes, offsets: Sequence[int]) -> bytes:
    plan = {2: [tensor(scalar, number) for number, scalar in enumerate(scalars, 1)]}
    return program(plan, [data], {5: {0: 0, 1: array("Q", [0, *offsets])}})


def test_constants() -> None:
    fractions = VALUES.cloud.encode().ljust(64)
    data = constants(FLOAT, LONG, data=fractions + struct.pack("<37q", *HUB), offsets=[0, 64])
    seen = scanned(data, "model.pte")
    assert places(seen) == {RULES.hub: "constant 2[0]"}
    assert [left.bytes for left in seen.left_out] == [64]
    assert set(places(scanned(data, "model.pte", weights=True))) == {RULES.hub, RULES.cloud}


def test_a_constant_of_two_kinds_is_looked_at() -> None:
    plan = {2: [tensor(FLOAT, 1), tensor(0, 1)]}
    data = program(plan, [HUB.ljust(64)], {5: {0: 0, 1: array("Q", [0, 0])}})
    assert places(scanned(data, "model.pte")) == {RULES.hub: None}


def test_constants_in_buffers() -> None:
    data = program({2: [tensor(FLOAT, 1)]}, (), {2: [{}, {0: HUB.ljust(64)}]})
    seen = scanned(data, "model.pte")
    assert not seen.findings and [left.bytes for left in seen.left_out] == [64]


def test_tensors_beside_a_program() -> None:
    layouts = [{0: "a.weight", 1: 0, 2: {0: FLOAT}}, {0: "notes", 1: 1, 2: {0: LONG}}, {0: "c", 1: 2}]
    segments = [{0: at, 1: size} for at, size in ((0, 64), (64, 296), (360, 40))]
    fields = {1: segments, 2: layouts}
    base = len(flatbuffer(fields, b"FT01" + bytes(40)))
    head = b"FT01FH01" + struct.pack("<IQQQQ", 40, 48, base - 48, base, 400)
    data = flatbuffer(fields, head) + bytes(64) + struct.pack("<37q", *HUB) + VALUES.cloud.encode().ljust(40)
    seen = scanned(data, "model.ptd")
    assert places(seen) == {RULES.hub: 'named_data["notes"][0]', RULES.cloud: 'named_data["c"]'}
    assert [left.bytes for left in seen.left_out] == [64]
    assert not seen.gaps


@pytest.mark.parametrize(
    ("plan", "more"),
    [
        ({7: [{0: "A", 1: {0: 1, 1: 9}}]}, {}),
        ({}, {7: [{0: "k", 1: 1 << 31}]}),
        ({}, {4: [{0: 1 << 62, 1: 1 << 62}]}),
        ({}, {5: {0: 7, 1: array("Q", [0, 1])}}),
    ],
)
def test_what_is_not_there(plan: Fields, more: Fields) -> None:
    seen = scanned(program({0: f"x {VALUES.hub}", **plan}, (), more), "model.pte")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert set(places(seen)) == {RULES.hub}


def test_millions_of_parts_that_are_one() -> None:
    operators = [{0: "x"}] * 3000
    seen = scanned(flatbuffer({1: [{6: operators}] * 3000}, b"ET12" + bytes(40)), "a.pte")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_long_texts_are_members() -> None:
    (member,), gaps = opened(program({0: "x" * (2 << 20)}), "a.pte")
    assert isinstance(member, Member) and not gaps
    assert member.blob.way == "execution_plan[0].name"


def test_damage() -> None:
    plan = {
        0: "forward",
        2: [tensor(FLOAT, 1), tensor(LONG, 2), {0: 6, 1: {0: "s"}}],
        7: [{0: "A", 1: {0: 1, 1: 1}, 2: [{0: "k", 1: b"v"}]}],
    }
    more = {5: {0: 0, 1: array("Q", [0, 0, 32])}, 7: [{0: "n", 1: 2}]}
    bears_damage(program(plan, [bytes(64), b"abc", b"def"], more), "a.pte")
