"""Seeds of formats with columns and of what Python packs: nested types, every codec and encoding, several protocols."""

from __future__ import annotations

import io
import json
import pickle
import struct
from collections.abc import Callable, Iterator
from typing import Any

import fastavro
import numpy as np
import pyarrow as pa

from tests.readers import test_arrow, test_arrow_pickles, test_avro, test_gguf, test_parquet, test_pickles
from tests.readers.opened import values
from tests.readers.test_gguf import ARRAY, F32, STRING, U8, U64

VALUES = values(8)


def of_columns() -> Iterator[tuple[str, bytes]]:
    """A path that says what each is, and its bytes."""
    for path, make in _MADE.items():
        for data in make():
            yield path, data


def _nested() -> Any:
    pairs = pa.array([[("a", VALUES.hub)], None, []], pa.map_(pa.string(), pa.string()))
    columns: dict[str, Any] = {
        "m": pairs,
        "l": [["x", VALUES.cloud], [], None],
        "s": [{"t": VALUES.forge, "n": [1]}, None, {"t": "x", "n": []}],
        "b": [b"\1" + VALUES.hub.encode(), b"", None],
        "f": pa.array([b"four", None, b"five"], pa.binary(4)),
        "d": pa.array([VALUES.cloud, "k", "k"]).dictionary_encode(),
        "i": pa.array([1, None, 3], pa.int8()),
        "w": [[0.5, 1.5], None, [2.5]],
    }
    return pa.table(columns).replace_schema_metadata({"info": json.dumps({"t": [VALUES.forge]})})


def _arrow() -> Iterator[bytes]:
    views = {"v": pa.array(["short", VALUES.hub, None], pa.string_view()), "g": pa.array(["a"] * 3, pa.large_string())}
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([1, 3], pa.int32()), pa.array(["a", VALUES.cloud]))
    union = pa.UnionArray.from_sparse(
        pa.array([0, 1, 0], pa.int8()), [pa.array(["a", "b", VALUES.forge]), pa.array([1, 2, 3])]
    )
    for made in (_nested(), pa.table(views), pa.table({"r": runs, "u": union, "z": pa.nulls(3)})):
        for as_file in (False, True):
            yield test_arrow.written(made, as_file, rows=2)
    for compression in ("zstd", "lz4"):
        yield test_arrow.written(test_parquet.table(5), True, compression)


def _parquet() -> Iterator[bytes]:
    for how in (
        {"compression": "none", "data_page_version": "2.0"},
        {"compression": "gzip", "use_dictionary": False, "write_page_index": True},
        {"compression": "zstd", "store_schema": False, "row_group_size": 2},
        {"compression": "brotli", "write_statistics": False},
        {"compression": "lz4", "use_byte_stream_split": ["w.list.element"], "use_dictionary": False},
        {"compression": "none", "use_dictionary": False, "column_encoding": {"l.list.element": "DELTA_BYTE_ARRAY"}},
    ):
        yield test_parquet.written(_nested().select(["m", "l", "s", "b", "w"]), **how)


def _avro() -> Iterator[bytes]:
    kinds = [
        ("u", ["null", "string", "int"], VALUES.hub),
        ("b", "bytes", VALUES.cloud.encode()),
        ("f", {"type": "fixed", "name": "F", "size": 4}, b"four"),
        ("l", {"type": "array", "items": ["string", "double"]}, ["a", 0.5, VALUES.forge]),
        ("m", {"type": "map", "values": {"type": "map", "values": "float"}}, {"k": {"n": 1.5}}),
        ("e", {"type": "enum", "name": "E", "symbols": ["A", "B"]}, "B"),
        ("t", {"type": "long", "logicalType": "timestamp-millis"}, 1),
        ("r", test_avro.LIST, {"t": "a", "n": {"t": "b", "n": None}}),
        ("z", "boolean", True),
    ]
    fields = [{"name": name, "type": kind, "doc": "of it"} for name, kind, _ in kinds]
    row = {name: value for name, _, value in kinds}
    for codec in ("null", "deflate", "bzip2", "xz"):
        out = io.BytesIO()
        schema = {"type": "record", "name": "R", "namespace": "a.b", "fields": fields}
        fastavro.writer(out, schema, [row, row], codec, sync_marker=bytes(16), metadata={"note": VALUES.hub})
        yield out.getvalue()
    yield test_avro.packed_by_hand("snappy", test_avro.snappy, ["a" * 9, VALUES.hub])


def _pickles() -> Iterator[bytes]:
    shared = [VALUES.hub]
    whole = {"a": ("b", b"c", 1.5, None, True), "s": {1}, "f": frozenset((2,)), "n": -(2**40), "x": [shared, shared]}
    arrays = {"U": np.array(["a", VALUES.cloud]), "S": np.array([b"x"]), "O": np.array(["y", None], object)}
    frame = test_arrow_pickles.frame()
    for protocol in test_pickles.PROTOCOLS:
        yield pickle.dumps(whole, protocol)
        yield pickle.dumps(frame, protocol)
    for protocol in (2, 5):
        yield pickle.dumps(arrays, protocol)
        yield from (pickle.dumps(made, protocol) for made, _ in test_arrow_pickles.ARRAYS.values())
    yield test_pickles.OLD + test_pickles.SYSTEM + pickle.dumps({"b": VALUES.forge}, 0)


def _gguf() -> Iterator[bytes]:
    note = f"x {VALUES.hub} "
    pairs = [
        test_gguf.NAMED,
        ("tokenizer.ggml.tokens", ARRAY, (STRING, ["<s>", VALUES.cloud, "Ġthe"])),
        ("tokenizer.ggml.merges", ARRAY, (STRING, ["t he", f"{VALUES.forge[:9]} {VALUES.forge[9:]}"])),
        ("tokenizer.ggml.scores", ARRAY, (F32, [0.5] * 3)),
        ("a.bytes", ARRAY, (U8, [*VALUES.cloud.encode()])),
        ("a.long", ARRAY, (U64, [*VALUES.forge.encode()])),
        ("a.lists", ARRAY, (ARRAY, [(STRING, ["a", VALUES.hub]), (U8, [1, 2])])),
    ]
    tensors = [
        ("w", 0, [4], b"\1" * 16),
        ("notes", 27, [len(note)], struct.pack(f"<{len(note)}q", *note.encode())),
        ("bytes", 24, [len(note)], note.encode()),
    ]
    yield test_gguf.gguf(pairs, tensors)
    yield test_gguf.gguf(pairs[:3], tensors[:1], version=1)
    yield test_gguf.gguf(pairs, [], ">")


_MADE: dict[str, Callable[[], Iterator[bytes]]] = {
    "a.arrow": _arrow,
    "a.parquet": _parquet,
    "a.avro": _avro,
    "a.pkl": _pickles,
    "a.gguf": _gguf,
}
