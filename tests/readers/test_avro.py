"""Avro: metadata and texts of records at their rows and columns, as fastavro writes them, however they are packed."""

from __future__ import annotations

import io
import json
import pickle
import zlib
from collections.abc import Sequence
from typing import Any

import fastavro
import pyarrow as pa
import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Limits
from tests.corpus.archives import packed_by_zstd
from tests.readers.opened import PASSWORD, RULES, bears_damage, places, scanned, values

VALUES = values()
HUB = VALUES.hub
LIST = {
    "type": "record",
    "name": "L",
    "fields": [{"name": "t", "type": "string"}, {"name": "n", "type": ["null", "L"]}],
}


def written(kind: Any, rows: Sequence[Any], codec: str = "null", **more: Any) -> bytes:
    """Rows of one column `c`."""
    schema = {"type": "record", "name": "R", "fields": [{"name": "c", "type": kind}]}
    out = io.BytesIO()
    fastavro.writer(out, schema, [{"c": row} for row in rows], codec=codec, sync_marker=bytes(16), **more)
    return out.getvalue()


def packed_by_hand(codec: str, pack: Any, rows: Sequence[str]) -> bytes:
    """The same with blocks packed by another library."""
    plain = written("string", rows)
    at = plain.index(bytes(17)) + 17
    (_, after), (size, start) = (long(plain, each) for each in (at, long(plain, at)[1]))
    data = pack(plain[start : start + size])
    head = plain[:at].replace(b"\x08null", bytes([2 * len(codec)]) + codec.encode())
    return head + plain[at:after] + number(len(data)) + data + bytes(16)


def long(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value >> 1, at


def number(value: int) -> bytes:
    value, out = value << 1, b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_rows_and_columns(codec: str) -> None:
    rows = [f"row {number}" for number in range(3000)] + [HUB] + ["A"] * 5
    seen = scanned(written("string", rows, codec), "train.avro")
    assert places(seen) == {RULES.hub: 'row 3001, column "c"'}
    assert not seen.gaps


def snappy(data: bytes) -> bytes:
    packed: bytes = pa.Codec("snappy").compress(data, asbytes=True)
    return packed + b"\0\0\0\0"


@pytest.mark.parametrize(("codec", "pack"), [("zstandard", packed_by_zstd), ("snappy", snappy)])
def test_codecs_of_other_libraries(codec: str, pack: Any) -> None:
    seen = scanned(packed_by_hand(codec, pack, ["a" * 50, f" {HUB} "]), "train.avro")
    assert places(seen) == {RULES.hub: 'row 2, column "c"'}
    assert not seen.gaps


@pytest.mark.parametrize(
    ("kind", "value", "column"),
    [
        (["null", "string"], HUB, "c"),
        ("bytes", HUB.encode(), "c"),
        ({"type": "fixed", "name": "F", "size": 37}, HUB.encode(), "c"),
        ({"type": "array", "items": "string"}, ["a", HUB], "c[]"),
        ({"type": "map", "values": "string"}, {"k": HUB}, "c{}"),
        ({"type": "map", "values": "long"}, {HUB: 1}, "c{key}"),
        ({"type": "record", "name": "S", "fields": [{"name": "f", "type": "string"}]}, {"f": HUB}, "c.f"),
        ({"type": "string", "logicalType": "uuid"}, HUB, "c"),
        (LIST, {"t": "a", "n": {"t": HUB, "n": None}}, "c.n.t"),
    ],
    ids=range(9),
)
def test_every_kind_of_value(kind: Any, value: Any, column: str) -> None:
    out = io.BytesIO()
    first = {"name": "x", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}}
    fields = [first, {"name": "d", "type": "double"}, {"name": "c", "type": kind}, {"name": "z", "type": "boolean"}]
    record = {"x": "B", "d": 0.5, "c": value, "z": True}
    if isinstance(kind, dict) and "logicalType" in kind:
        del kind["logicalType"]
    fastavro.writer(out, {"type": "record", "name": "R", "fields": fields}, [record])
    seen = scanned(out.getvalue(), "a.avro")
    assert places(seen) == {RULES.hub: f'row 1, column "{column}"'}
    assert not seen.gaps


def test_metadata_and_schema() -> None:
    kind = {"type": "string", "doc": VALUES.forge}
    seen = scanned(written(kind, ["a"], metadata={"note": HUB}), "a.avro")
    expected = {RULES.hub: 'metadata["note"]', RULES.forge: 'metadata["avro.schema"].fields[0].type.doc'}
    assert places(seen) == expected


def test_a_column_says_what_its_cells_are() -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "password", "type": "string"}]}
    out = io.BytesIO()
    fastavro.writer(out, schema, [{"password": PASSWORD}], codec="deflate")
    assert set(places(scanned(out.getvalue(), "a.avro")).values()) == {'row 1, column "password"'}


def test_cells_that_are_files() -> None:
    data = pickle.dumps({"note": "x" * 80, "token": HUB})
    seen = scanned(written("bytes", [b"x" * 100, data], "deflate"), "a.avro")
    assert places(seen) == {RULES.hub: 'row 2, column "c" → ["token"]'}


@pytest.mark.parametrize("codec", ["null", "deflate"])
@pytest.mark.parametrize("schema", [b'{"type":"gone"}'.ljust(79), b"{".ljust(79), b"[" * 79])
def test_what_no_schema_tells_is_looked_at_as_bytes(codec: str, schema: bytes) -> None:
    data = written("string", ["words ", f" {HUB} "], codec)
    told = data[data.index(b'{"') : data.rindex(b"}", 0, data.index(bytes(16))) + 1]
    seen = scanned(data.replace(told, schema.ljust(len(told))[: len(told)]), "a.avro")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None if codec == "null" else "behind row 0"}


def test_records_of_nothing_and_lists_of_nothing_end() -> None:
    empty = {"type": "record", "name": "N", "fields": []}
    data = written({"type": "array", "items": empty}, [[{}] * 5])
    data = data.replace(bytes(16) + b"\x02\x04\x0a\x00", bytes(16) + b"\x02\x0e" + b"\xfe\xff\xff\xff\xff\x7f\x00")
    seen = scanned(data, "a.avro")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_a_schema_that_doubles() -> None:
    """Each of forty types has two fields of the one before."""
    kind: Any = "string"
    for number_ in range(40):
        kind = {
            "type": "record",
            "name": f"T{number_}",
            "fields": [{"name": "a", "type": kind}, {"name": "b", "type": f"T{number_ - 1}" if number_ else "string"}],
        }
    text = json.dumps({"type": "record", "name": "R", "fields": [{"name": "c", "type": kind}]}).encode()
    head = b"Obj\1" + number(1) + number(11) + b"avro.schema" + number(len(text)) + text + b"\0" + bytes(16)
    seen = scanned(head + number(1) + number(5) + b"\2a\2b\0" + bytes(16), "a.avro")
    assert {gap.reason for gap in seen.gaps} <= {GapReason.MALFORMED}


def test_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Limits(Budget(opened_bytes=1 << 20, held_bytes=1 << 20))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: small)
    seen = scanned(written("string", ["x" * (1 << 22)], "deflate", sync_interval=1), "a.avro")
    assert GapReason.OVER_BUDGET in {gap.reason for gap in seen.gaps}


def test_what_follows_what_is_packed_is_looked_at() -> None:
    data = packed_by_hand("deflate", lambda block: zlib.compress(block, wbits=-15) + b" " + HUB.encode(), ["a" * 50])
    assert places(scanned(data, "a.avro")) == {RULES.hub: None}


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_damage(codec: str) -> None:
    bears_damage(written(LIST, [{"t": "a", "n": {"t": "b", "n": None}}] * 3, codec), "a.avro")
    bears_damage(packed_by_hand("snappy", snappy, ["a", "b"]), "a.avro")


def test_a_block_that_is_damaged_is_looked_at_as_it_stands() -> None:
    data = packed_by_hand(
        "deflate", lambda block: zlib.compress(block, wbits=-15)[:4] + b"\xff\xff " + HUB.encode(), ["ab" * 50]
    )
    seen = scanned(data, "a.avro")
    assert [each.rule for each in seen.findings] == [RULES.hub]
    assert seen.gaps
