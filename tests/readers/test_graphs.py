"""Graphs: names where the message is known, field numbers where it is not, keys beside their values."""

from __future__ import annotations

import struct

import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Text
from tests.readers.opened import RULES, bears_damage, kind, opened, places, scanned, values
from tests.readers.written_messages import pair, text, whole

VALUES = values()
STRING, FLOAT, INT32 = 7, 1, 3


def node(name: str, *attrs: bytes, op: str = "Const") -> bytes:
    return text(1, text(1, name) + text(2, op) + b"".join(attrs))


def attr(key: str, value: bytes) -> bytes:
    return text(5, text(1, key) + text(2, value))


def tensor(kind_: int, rest: bytes) -> bytes:
    return text(8, whole(1, kind_) + text(2, b"") + rest)


def saved(graph: bytes) -> bytes:
    return whole(1, 1) + text(2, text(1, text(4, "serve") + text(5, "2.16.1")) + text(2, graph))


CONST = node("x", attr("dtype", whole(6, 1))) + node("const", attr("value", tensor(STRING, text(8, VALUES.hub))))
POINTS = struct.pack(f"<{len(VALUES.hub)}i", *VALUES.hub.encode())
GRAPH = "meta_graphs[0].graph_def."

PLACES = {
    ("saved_model.pb", GRAPH + 'node["const"].attr["value"].tensor.string_val[0]'): saved(CONST),
    ("saved_model.pb", GRAPH + 'node["n"].attr["hub_token"].s'): saved(
        node("n", attr("hub_token", text(2, VALUES.hub)))
    ),
    ("saved_model.pb", GRAPH + 'node["n"].attr["l"].list.s[1]'): saved(
        node("n", attr("l", text(1, text(2, "one text") + text(2, VALUES.hub))))
    ),
    ("saved_model.pb", GRAPH + 'node["n"].attr["value"].tensor.tensor_content[0]'): saved(
        node("n", attr("value", tensor(INT32, text(4, POINTS))))
    ),
    ("saved_model.pb", GRAPH + 'library.function[0].node_def["n"].attr["a"].s'): saved(
        text(2, text(1, text(3, node("n", attr("a", text(2, VALUES.hub)))[2:])))
    ),
    ("frozen.pb", 'node["const"].attr["value"].tensor.string_val[0]'): CONST,
    ("model.ckpt.meta", 'graph_def.node["const"].attr["value"].tensor.string_val[0]'): text(1, text(1, "v"))
    + text(2, CONST),
    ("model.ckpt.meta", 'collection_def["c"].bytes_list.value[0]'): text(
        4, text(1, "c") + text(2, text(2, text(1, VALUES.hub)))
    ),
    ("other.pb", 'field 3["hub_token"]'): whole(1, 1) + pair(3, "hub_token", VALUES.hub),
    ("other.pb", "field 2.1.5"): whole(1, 1) + text(2, text(1, whole(1, 1) + text(5, VALUES.hub))),
    ("a.mlmodel", 'description.metadata.userDefined["hub_token"]'): whole(1, 4)
    + text(2, text(1, text(1, "in")) + text(100, text(3, "me") + pair(100, "hub_token", VALUES.hub))),
    ("a.mlmodel", "description.metadata.license"): whole(1, 4) + text(2, text(100, text(4, VALUES.hub))),
    ("a.mlmodel", "field 500.1.5"): whole(1, 4) + text(2, b"") + text(500, text(1, whole(1, 1) + text(5, VALUES.hub))),
    ("__model__", 'blocks[0].ops[0].attrs["op_callstack"].strings[1]'): text(
        1,
        whole(1, 0)
        + text(4, text(3, "fill") + text(4, text(1, "op_callstack") + text(8, "a line") + text(8, VALUES.hub))),
    ),
    ("m.pdmodel", 'blocks[0].vars["w"].name'): text(1, whole(1, 0) + text(3, text(1, "w") + text(1, VALUES.hub))),
}


@pytest.mark.parametrize(("path", "place"), PLACES)
def test_each_hiding_place(path: str, place: str) -> None:
    seen = scanned(PLACES[path, place], path)
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_lines_of_a_text_are_counted() -> None:
    data = saved(node("n", attr("note", text(2, f"first\nsecond\n{VALUES.hub}\n"))))
    assert places(scanned(data, "saved_model.pb")) == {RULES.hub: GRAPH + 'node["n"].attr["note"].s:3'}


def test_a_value_in_a_name_is_masked() -> None:
    data = saved(node(VALUES.hub, attr("a", text(2, VALUES.cloud))))
    found = places(scanned(data, "saved_model.pb"))
    assert all(name and name.startswith(GRAPH + 'node["***') and VALUES.hub not in name for name in found.values())
    assert set(found) == {RULES.hub, RULES.cloud}


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("saved_model.pb", saved(node("n", attr("password", text(2, "abc"))))),
        ("a.mlmodel", whole(1, 4) + text(2, text(100, pair(100, "password", "abc")))),
        ("__model__", text(1, text(4, text(4, text(1, "password") + whole(2, 2) + text(5, "abc"))))),
        ("other.pb", whole(1, 1) + pair(3, "password", "abc")),
    ],
)
def test_keys_stand_beside_their_values(path: str, data: bytes) -> None:
    texts = [piece.text for piece in opened(data, path)[0] if isinstance(piece, Text)]
    assert b"password: abc" in b"\n".join(texts).split(b"\n")


def test_a_key_that_has_no_value_is_told() -> None:
    data = saved(node("n", text(5, text(1, VALUES.hub)), attr(VALUES.cloud, whole(3, 1))))
    found = places(scanned(data, "saved_model.pb"))
    assert all(name and name.startswith(GRAPH + 'node["n"].attr["***') for name in found.values())
    assert set(found) == {RULES.hub, RULES.cloud}


def test_weights_are_left_out() -> None:
    data = saved(node("w", attr("value", tensor(FLOAT, text(4, VALUES.hub.encode() + b"\0" * 3)))))
    seen = scanned(data, "saved_model.pb")
    assert not seen.findings
    assert [each.bytes for each in seen.left_out] == [len(VALUES.hub) + 3]


def test_a_file_within_a_string_is_opened() -> None:
    import gzip

    packed = gzip.compress(b"\n".join([b"# settings"] * 20) + f"\nHF_TOKEN={VALUES.hub}\n".encode())
    seen = scanned(saved(node("n", attr("asset", text(2, packed)))), "saved_model.pb")
    place = GRAPH + 'node["n"].attr["asset"].s'
    assert places(seen) == {RULES.hub: f"{place}!{place}"}


def test_other_files_are_no_graphs() -> None:
    for data in (b"node {\n  name: 'x'\n}\n", b"-----BEGIN", b"", b"fileFormatVersion: 2\nguid: 0\n"):
        for path in ("graph.pb", "a.meta", "__model__", "a.mlmodel"):
            assert kind(data, path) is None


def test_clean_graphs_give_nothing() -> None:
    data = saved(
        b"".join(node(f"layer_{n}/kernel", attr("dtype", whole(6, 1)), attr("s", text(2, "abc"))) for n in range(99))
    )
    seen = scanned(data, "saved_model.pb")
    assert not seen.findings
    assert not seen.gaps


def test_a_graph_that_is_cut_short_says_so() -> None:
    seen = scanned(whole(1, 1) + pair(3, "hub_token", VALUES.hub) + text(4, "and more")[:-3], "other.pb")
    assert places(seen) == {RULES.hub: 'field 3["hub_token"]'}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_damaged_graphs() -> None:
    bears_damage(saved(CONST + node("n", attr("value", tensor(INT32, text(4, POINTS))))), "saved_model.pb")
