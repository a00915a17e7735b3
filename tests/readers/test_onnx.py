"""ONNX: each string at its place, once; numbers that are text; data outside the folder; weights left out."""

from __future__ import annotations

import struct

import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Text
from tests.packed import zipped
from tests.readers.opened import RULES, bears_damage, kind, opened, places, scanned, values
from tests.readers.written_messages import pair, text, varint, whole

VALUES = values()
FLOAT, UINT8, INT32, INT64, STRING = 1, 2, 6, 7, 8


def tensor(name: str, kind_: int, data: bytes = b"", rest: bytes = b"") -> bytes:
    return whole(2, kind_) + rest + text(8, name) + (text(9, data) if data else b"")


def model(graph: bytes = b"", rest: bytes = b"") -> bytes:
    return (
        whole(1, 8) + text(2, "pytorch") + text(3, "2.1") + text(7, text(2, "g") + graph) + rest + text(8, whole(2, 17))
    )


NODES = b"".join(text(1, text(1, "x") + text(2, "y") + text(3, f"n{number}") + text(4, "Relu")) for number in range(3))
SECRET = f"token={VALUES.hub}"

PLACES = {
    "producer_version": model(rest=text(3, VALUES.hub)),
    "doc_string": model(rest=text(6, f"see {SECRET}")),
    "graph.doc_string": model(text(10, SECRET)),
    'metadata_props["hub_token"]': model(rest=pair(14, "hub_token", VALUES.hub)),
    'graph.metadata_props["hub_token"]': model(pair(16, "hub_token", VALUES.hub)),
    "graph.node[3].doc_string": model(NODES + text(1, text(3, "n3") + text(6, SECRET))),
    "graph.node[3].name": model(NODES + text(1, text(3, VALUES.hub))),
    'graph.node[0].attribute["body"].s': model(text(1, text(5, text(1, "body") + text(4, VALUES.hub) + whole(20, 3)))),
    'graph.node[0].attribute["body"].strings[1]': model(
        text(1, text(5, text(1, "body") + text(9, "some text") + text(9, VALUES.hub)))
    ),
    'graph.node[0].attribute["then"].g.doc_string': model(
        text(1, text(5, text(1, "then") + text(6, text(10, SECRET))))
    ),
    'graph.initializer["blob"].raw_data': model(text(5, tensor("blob", UINT8, SECRET.encode()))),
    'graph.initializer["labels"].string_data[1]': model(
        text(5, tensor("labels", STRING, rest=text(6, "a label") + text(6, VALUES.hub)))
    ),
    'graph.initializer["packed"].int32_data': model(text(5, tensor("packed", INT32, rest=text(5, VALUES.hub)))),
    'graph.initializer["points"].raw_data[6]': model(
        text(5, tensor("points", INT64, struct.pack(f"<{len(SECRET)}q", *SECRET.encode())))
    ),
    'functions["f"].doc_string': model(rest=text(25, text(1, "f") + text(8, SECRET))),
    'graph.initializer["x"].external_data["checksum"]': model(
        text(5, tensor("x", FLOAT, rest=pair(13, "checksum", VALUES.hub)))
    ),
    "field 99": model(rest=text(99, VALUES.hub)),
    "graph.field 77.5": model(text(77, whole(1, 1) + text(5, VALUES.hub))),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_hiding_place(place: str) -> None:
    seen = scanned(PLACES[place], "model.onnx")
    assert {rule: name and name.replace(VALUES.hub, "***") for rule, name in places(seen).items()} == {RULES.hub: place}
    assert not seen.gaps
    (finding,) = seen.findings
    data = PLACES[place][finding.place.byte_start : finding.place.byte_end]
    assert data in (VALUES.hub.encode(), struct.pack(f"<{len(VALUES.hub)}q", *VALUES.hub.encode()))


def test_a_name_that_others_use_is_told_where_it_is_given() -> None:
    name = f"/layer/{VALUES.hub}/out"
    given = text(1, text(1, "x") + text(2, name)) + text(1, text(1, name) + text(2, "y"))
    assert places(scanned(model(given + text(13, text(1, name))), "a.onnx")) == {RULES.hub: "graph.node[0].output[0]"}
    weights = text(5, tensor(f"w.{VALUES.hub}", FLOAT, b"\0" * 8)) + text(1, text(1, f"w.{VALUES.hub}") + text(2, "y"))
    assert places(scanned(model(weights), "a.onnx")) == {RULES.hub: 'graph.initializer["w.***"].name'}
    sizes = text(2, text(1, text(2, text(1, text(2, VALUES.hub)))))
    both = text(11, text(1, "x") + sizes) + text(12, text(1, "x") + sizes)
    where = 'graph.input["x"].type.tensor_type.shape.dim[0].dim_param'
    assert places(scanned(model(both), "a.onnx")) == {RULES.hub: where}
    used_only = model(text(1, text(1, f"{VALUES.hub}:0") + text(2, "y")))
    assert places(scanned(used_only, "a.onnx")) == {RULES.hub: "graph.node[0].input[0]"}


def test_a_model_is_known_by_its_content_alone() -> None:
    data = model(rest=pair(14, "hub_token", VALUES.hub))
    for path in ("model.bin", "weights", "model.safetensors"):
        assert places(scanned(data, path)) == {RULES.hub: 'metadata_props["hub_token"]'}
    for other in (b"\x08\x07 text", b"\x08\x01\x12\x20\x0a\x08" + b"a" * 30, b"\x08\x07\x12\x05hello", b"\x08\x07"):
        assert kind(other, "a.bin") is None


def test_a_model_whose_fields_are_in_another_order() -> None:
    data = pair(14, "hub_token", VALUES.hub) + text(7, text(2, "g")) + whole(1, 8)
    assert places(scanned(data, "a.onnx")) == {RULES.hub: 'metadata_props["hub_token"]'}
    late = text(5, text(9, struct.pack(f"<{len(SECRET)}i", *SECRET.encode())) + text(8, "t") + whole(2, INT32))
    assert places(scanned(model(late), "a.onnx")) == {RULES.hub: 'graph.initializer["t"].raw_data[6]'}


def test_keys_stand_beside_their_values() -> None:
    pieces, _ = opened(model(rest=pair(14, "password", "abc")), "a.onnx")
    assert b"password: abc" in b"\n".join(each.text for each in pieces if isinstance(each, Text)).split(b"\n")


def test_a_model_that_begins_with_what_is_not_known() -> None:
    data = text(99, "unknown") + model(rest=pair(14, "hub_token", VALUES.hub))
    assert places(scanned(data, "a.onnx")) == {RULES.hub: 'metadata_props["hub_token"]'}


def test_a_value_that_is_long_is_named_too() -> None:
    filler = b"\xff\xfe" * (1 << 20)
    data = model(text(5, tensor("blob", UINT8, SECRET.encode() + filler)))
    assert places(scanned(data, "a.onnx")) == {RULES.hub: 'graph.initializer["blob"].raw_data'}


def test_weights_are_left_out_unless_they_are_asked_for() -> None:
    weights = SECRET.encode() + b"\0" * (2000 - len(SECRET))
    data = model(text(5, tensor("w", FLOAT, weights)) + text(5, tensor("v", FLOAT, rest=text(4, b"\0" * 400))))
    seen = scanned(data, "a.onnx")
    assert not seen.findings
    assert [(each.path, each.bytes) for each in seen.left_out] == [("a.onnx!tensors", 2400)]
    assert places(scanned(data, "a.onnx", weights=True)) == {RULES.hub: 'graph.initializer["w"].raw_data'}


@pytest.mark.parametrize(
    ("location", "is_told"),
    [("../../x", True), ("/etc/passwd", True), ("a/../../b", True), ("C:\\x", True), ("..", True), ("file:///x", True)]
    + [("weights.bin", False), ("data/w..bin", False), ("a..b/c", False), ("..data", False)],
)
def test_external_data_outside_the_folder_are_told(location: str, is_told: bool) -> None:
    pieces, _ = opened(model(text(5, tensor("w", FLOAT, rest=pair(13, "location", location)))), "a.onnx")
    remarks = [(piece.text.decode(), piece.name(0)) for piece in pieces if isinstance(piece, Text) and piece.sort]
    place = 'graph.initializer["w"].external_data["location"]'
    assert remarks == ([(f"external data at {location}", place)] if is_told else [])
    assert {piece.sort for piece in pieces if isinstance(piece, Text)} <= {"", "onnx"}


def test_clean_models_give_nothing() -> None:
    shapes = b"".join(text(5, tensor(f"shape{n}", INT64, struct.pack("<4q", 1, 3, 224, n))) for n in range(50))
    seen = scanned(model(NODES * 30 + shapes + text(5, tensor("w", FLOAT, bytes(range(256)) * 40))), "a.onnx")
    assert not seen.findings
    assert not seen.gaps


def test_a_message_that_is_broken_within_is_told_as_bytes() -> None:
    data = model(text(1, text(3, "node one") + b"\x0a\x50\x01" + f" {SECRET}".encode()))
    seen = scanned(data, "a.onnx")
    assert places(seen) == {RULES.hub: "graph.node[0]"}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_lengths_that_lie() -> None:
    data = model() + varint(7 << 3 | 2) + varint(1 << 40) + f"A{SECRET} ".encode()
    seen = scanned(data, "a.onnx")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert set(places(seen)) == {RULES.hub}


def test_a_deep_model_ends() -> None:
    graph = text(10, SECRET)
    for _ in range(300):
        graph = text(1, text(5, text(1, "g") + text(6, graph)))
    assert set(places(scanned(model(graph), "a.onnx"))) == {RULES.hub}


def test_too_many_messages_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelguard.readers.messages._MOST_MESSAGES", 100)
    seen = scanned(model(NODES * 50 + text(10, f" {SECRET} ")), "a.onnx")
    assert [gap.reason for gap in seen.gaps] == [GapReason.OVER_BUDGET]
    assert set(places(seen)) == {RULES.hub}, "the rest is looked at as bytes"


def test_a_model_in_an_archive() -> None:
    packed = zipped(("model.onnx", model(NODES * 2000 + text(5, tensor("blob", UINT8, SECRET.encode())))))
    assert places(scanned(packed, "a.zip")) == {RULES.hub: 'model.onnx → graph.initializer["blob"].raw_data'}


def test_a_damaged_model() -> None:
    bears_damage(PLACES['graph.initializer["points"].raw_data[6]'] + pair(14, "a", "b"), "a.onnx")
