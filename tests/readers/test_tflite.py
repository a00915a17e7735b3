"""TFLite: each text of a model by what it is, strings of tensors, metadata and attached files."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Member
from tests.readers.opened import RULES, bears_damage, opened, places, scanned, values
from tests.readers.written_flatbuffers import Fields, flatbuffer

VALUES = values()
HUB = VALUES.hub.encode()


def tensor(name: str, kind: int, buffer: int) -> Fields:
    return {1: kind, 2: buffer, 3: name}


def model(tensors: Sequence[Fields] = (), buffers: Sequence[bytes] = (), **more: Any) -> bytes:
    fields = {0: 3, 2: [{0: list(tensors), 4: "main"}], 4: [{}, *({0: each} for each in buffers)]}
    return flatbuffer({**fields, **{int(key[1:]): value for key, value in more.items()}})


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (model(_3=f"made with {VALUES.hub}"), "description"),
        (model(_1=[{}, {1: VALUES.hub}]), "operator code 1"),
        (model([tensor(VALUES.hub, 0, 0)]), "name of tensor 0 in subgraph 0"),
        (model(_7=[{2: VALUES.hub}]), "signature 0"),
        (model(_7=[{0: [{0: "x"}, {0: VALUES.hub}]}]), "input 1 of signature 0"),
        (model(_6=[{0: VALUES.hub}]), "name of metadata 0"),
        (model(buffers=[b"x: " + HUB], _6=[{0: "notes", 1: 1}]), 'metadata "notes"'),
        (model([tensor("a", 9, 1)], [b"x: " + HUB]), 'tensor "a"'),
        (model([tensor("a", 4, 1)], [struct.pack("<37q", *HUB)]), 'tensor "a"[0]'),
    ],
    ids=range(9),
)
def test_each_hiding_place(data: bytes, place: str) -> None:
    seen = scanned(data, "model.tflite")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_strings_of_a_tensor_stand_side_by_side() -> None:
    texts = [b"Zq", HUB, b"A" * 30]
    ends = [20]
    for text in texts:
        ends.append(ends[-1] + len(text))
    data = model([tensor("labels", 5, 1)], [struct.pack("<5I", 3, *ends) + b"".join(texts)])
    assert places(scanned(data, "a.tflite")) == {RULES.hub: 'tensor "labels"[1]'}


def test_attached_files() -> None:
    attached = io.BytesIO(model())
    attached.seek(0, io.SEEK_END)
    with zipfile.ZipFile(attached, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels.txt", b"one\n" + HUB)
    seen = scanned(attached.getvalue(), "a.tflite")
    assert [(each.place.inner, each.place.line) for each in seen.findings] == [("labels.txt", 2)]


def test_numbers_are_weights() -> None:
    data = model([tensor("w", 0, 1)], [HUB.ljust(40)])
    seen = scanned(data, "a.tflite")
    assert not seen.findings and [left.bytes for left in seen.left_out] == [40]
    assert places(scanned(data, "a.tflite", weights=True)) == {RULES.hub: 'tensor "w"'}


def test_data_behind_the_model() -> None:
    fields = {0: 3, 2: [{0: [tensor("w", 0, 1), tensor("n", 9, 2)]}], 4: [{}, {1: 4096, 2: 64}, {1: 4160, 2: 37}]}
    data = flatbuffer(fields).ljust(4096, b"\0") + VALUES.cloud.encode().ljust(64) + HUB
    assert places(scanned(data, "a.tflite")) == {RULES.hub: 'tensor "n"'}


@pytest.mark.parametrize("fields", [{1: 2**60, 2: 2**62}, {1: 4096, 2: 2**63}])
def test_a_buffer_that_lies_outside(fields: Fields) -> None:
    seen = scanned(flatbuffer({3: VALUES.hub, 4: [fields]}), "a.tflite")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}


def test_lying_counts() -> None:
    data = model(_3=VALUES.hub)
    broken = data.replace(struct.pack("<I", 37) + HUB, b"\xff\xff\xff\x7f" + HUB)
    seen = scanned(broken, "a.tflite")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert set(places(seen)) == {RULES.hub}
    for strings in (b"\xff\xff\xff\x7f" + b"\0" * 20, struct.pack("<3I", 1, 12, 2**31), struct.pack("<3I", 1, 12, 8)):
        (gap,) = scanned(model([tensor("labels", 5, 1)], [strings]), "a.tflite").gaps
        assert gap.reason is GapReason.MALFORMED and "Error" not in gap.detail


def test_millions_of_parts_that_are_one() -> None:
    """A few kilobytes say that two thousand graphs have two thousand tensors each."""
    shared = tensor("x", 0, 1)
    graph = {0: [shared] * 2000}
    seen = scanned(flatbuffer({2: [graph] * 2000, 3: VALUES.hub}), "a.tflite")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}


def test_metadata_is_a_file_of_its_own() -> None:
    (member,), gaps = opened(model(buffers=[b"abcd" * 4], _6=[{0: "x", 1: 1}]), "a.tflite")
    assert isinstance(member, Member) and not gaps
    assert member.blob.read(0, 99) == b"abcd" * 4


def test_damage() -> None:
    tensors = [tensor("a", 0, 1), tensor("b", 5, 2), tensor("c", 4, 1)]
    strings = struct.pack("<4I", 2, 16, 17, 19) + b"abc"
    bears_damage(model(tensors, [b"\0" * 16, strings], _6=[{0: "m", 1: 2}], _7=[{0: [{0: "x"}]}]), "a.tflite")
