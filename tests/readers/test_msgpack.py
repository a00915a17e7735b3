"""MessagePack: each text of a model at its path, once; arrays are weights; lies end as gaps."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from modelguard.model import GapReason
from modelguard.readers.json_places import Path
from modelguard.readers.weights import tree
from tests.readers.opened import PASSWORD, RULES, bears_damage, kind, places, scanned, values

VALUES = values()


class Array(tuple[str, bytes]):
    """An array as Flax writes it: its type and its bytes."""


def packed(value: Any) -> bytes:
    if isinstance(value, Array):
        name, data = value
        inner = packed([[len(data)], name, data])
        return b"\xc9" + struct.pack(">I", len(inner)) + b"\x01" + inner
    if isinstance(value, dict):
        return b"\xde" + struct.pack(">H", len(value)) + b"".join(packed(key) + packed(value[key]) for key in value)
    if isinstance(value, list):
        return b"\xdc" + struct.pack(">H", len(value)) + b"".join(map(packed, value))
    if isinstance(value, str):
        data = value.encode()
        return (bytes((0xA0 | len(data),)) if len(data) < 32 else b"\xda" + struct.pack(">H", len(data))) + data
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack(">I", len(value)) + value
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    return b"\xd3" + struct.pack(">q", value) if value is not None else b"\xc0"


def test_each_hiding_place() -> None:
    tree = {
        "params": {
            "dense 1": {"note": f"see {VALUES.hub}", "kernel": Array(("float32", b"\0" * 8000))},
            "n": [1, "x", VALUES.cloud],
        },
        "step": 7,
        "ids": Array(("int64", struct.pack(f"<{len(VALUES.forge)}q", *VALUES.forge.encode()))),
    }
    seen = scanned(packed(tree), "flax_model.msgpack")
    assert places(seen) == {
        RULES.hub: 'params["dense 1"].note',
        RULES.cloud: "params.n[2]",
        RULES.forge: "ids[0]",
    }
    assert not seen.gaps
    assert [(left.path, left.bytes) for left in seen.left_out] == [("flax_model.msgpack!arrays", 8000)]


@pytest.mark.parametrize("path", ["checkpoint_0", "vectors", "docs.spacy"])
def test_a_map_of_names_is_known_whatever_its_file_is_called(path: str) -> None:
    data = b"\x83" + packed("step") + packed(7) + packed("db_password") + packed(PASSWORD) + packed("w") + packed(0.5)
    assert {each.place.inner for each in scanned(data, path).findings} == {"db_password"}
    for other in ("ぁ password".encode("shift-jis"), b"\x82\xa5 \x00\x01\x02abc", b"\x83\xa4ste"):
        assert kind(other, path) is None


def test_the_key_stands_beside_its_value() -> None:
    seen = scanned(packed({"db_password": PASSWORD}), "a.msgpack")
    assert {each.place.inner for each in seen.findings} == {"db_password"}


def test_the_byte_before_a_text_does_not_belong_to_it() -> None:
    """A text of 48 to 122 bytes has a letter or digit before it, its length; the next key follows it at once."""
    data = b"\x82\xa1a\xd9\x41" + (VALUES.hub + " and some more words xxxxxxxx")[:65].ljust(65).encode() + b"\xa1b\xc0"
    assert places(scanned(data, "a.msgpack")) == {RULES.hub: "a"}
    data = b"\x82\xa1a" + packed(VALUES.cloud) + b"\x01\x02"
    assert places(scanned(data, "a.msgpack")) == {RULES.cloud: "a"}


def test_a_key_that_is_a_value_is_not_shown() -> None:
    for value in (1, "text", [], {"a": 1}):
        (finding,) = scanned(packed({"a": {VALUES.hub: value}}), "a.msgpack").findings
        assert VALUES.hub not in str(finding)
        assert (finding.place.inner or "").startswith("a")


@pytest.mark.parametrize("size", [100, 10_000])
def test_bytes_are_looked_at(size: int) -> None:
    data = b"\n" * size + VALUES.hub.encode()
    for value in (data, Array(("uint8", data))):
        assert places(scanned(packed({"a": [value]}), "a.msgpack")) == {RULES.hub: "a[0]"}


def test_weights_are_looked_at_when_asked_for() -> None:
    data = packed({"w": Array(("bfloat16", VALUES.hub.encode().ljust(5000)))})
    assert not scanned(data, "a.msgpack").findings
    assert places(scanned(data, "a.msgpack", weights=True)) == {RULES.hub: None}


def test_numbers_that_are_letters() -> None:
    data = packed({"a": 1})[:-9] + b"\xdc\x00\x25" + VALUES.hub.encode()
    assert places(scanned(data, "a.msgpack")) == {RULES.hub: None}


def test_the_way_is_written_only_to_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty kilobytes of short texts that lay 500 deep took more than the time that there is, and nothing was told."""
    written = []
    monkeypatch.setattr(tree, "Path", lambda *parts: written.append(parts) or Path(*parts))
    texts = b"\xa1a" * 5000 + packed(VALUES.hub)
    for begins, way in ((b"\x81\xa1b" * 500, "b." * 499 + "b"), (b"\x81\xa1b" + b"\x91" * 499, "b" + "[0]" * 499)):
        seen = scanned(begins + b"\xdd" + struct.pack(">I", 5001) + texts, "a.msgpack")
        assert places(seen) == {RULES.hub: f"{way}[5000]"}
        assert not seen.gaps
    assert 0 < len(written) < 50


def test_what_follows_is_looked_at() -> None:
    assert places(scanned(packed({"a": 1}) + b"\n" + VALUES.hub.encode(), "a.msgpack")) == {RULES.hub: None}


def test_the_same_key_twice() -> None:
    data = b"\x82" + packed("a") + packed(VALUES.hub) + packed("a") + packed(VALUES.cloud)
    assert places(scanned(data, "a.msgpack")) == {RULES.hub: "a", RULES.cloud: "a"}


LYING = {
    "map": b"\x81\xa1a\xdf" + b"\xff" * 4,
    "array": b"\x81\xa1a\xdd" + b"\xff" * 4,
    "text": b"\x81\xa1a\xdb" + b"\xff" * 4,
    "bytes": b"\x81\xa1a\xc6" + b"\xff" * 4,
    "extension": b"\x81\xa1a\xc9" + b"\xff" * 4 + b"\x01",
    "nothing": b"\x81\xa1a\xc1",
    "nested": b"\x81\xa1a" + b"\x91" * 3000,
    "nested maps": b"\x81\xa1a" * 3000,
    "map as a key": b"\x82\xa1a\xc0\x81\xc0\xc0\xc0",
}


@pytest.mark.parametrize("name", LYING)
def test_a_lie_is_a_gap_and_everything_is_looked_at(name: str) -> None:
    seen = scanned(LYING[name] + b"\n" + VALUES.hub.encode() + b"\n" * 3000, "a.msgpack")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert [each.rule for each in seen.findings] == [RULES.hub]


def test_text_is_no_such_file() -> None:
    for text in (b"words", b'{"a": 1}', "ähm".encode(), b"\xff\xfea\0", b""):
        assert kind(text, "a.msgpack") is None


def test_damage() -> None:
    bears_damage(
        packed({"a": [1, "b", b"c", None, 0.5], "d": Array(("int32", b"\0" * 16)), "e": {"f": "g"}}), "a.msgpack"
    )
