"""Protocol buffers by hand: ONNX, SavedModel, SentencePiece, TensorBoard's events, the log of W&B."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator

from tests.corpus.items import (
    CARD_ALONE,
    CARD_IN_VOCABULARY,
    Item,
    at_one_place,
    chance,
    named,
    pairs,
    sentence,
    values_for,
)

FAMILY = "messages"


def number(field: int, value: int) -> bytes:
    """A field with a whole number."""
    return varint(field << 3) + varint(value)


def text(field: int, value: str | bytes) -> bytes:
    """A field with a text, bytes or a message."""
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def double(field: int, value: float) -> bytes:
    """A field with a fraction."""
    return varint(field << 3 | 1) + struct.pack("<d", value)


def varint(value: int) -> bytes:
    """A number as protobuf writes it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def onnx(*, graph: bytes = b"", node: bytes = b"", more: bytes = b"") -> bytes:
    """A model of one node: IR 8, made by `demo`, operators of version 17."""
    nodes = text(1, text(1, "x") + text(2, "y") + text(4, "Identity") + (node or text(3, "n0")))
    shape = text(2, text(1, text(1, number(1, 1) + text(2, text(1, number(1, 1))))))
    whole = nodes + text(2, "g") + graph + text(11, text(1, "x") + shape) + text(12, text(1, "y") + shape)
    return number(1, 8) + text(2, "demo") + text(7, whole) + text(8, text(1, "") + number(2, 17)) + more


def record(data: bytes) -> bytes:
    """A record of a TFRecord file."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", _masked(length)) + data + struct.pack("<I", _masked(data))


def _masked(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 & -(crc & 1))
    crc ^= 0xFFFFFFFF
    return (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    yield from _onnx(seed)
    yield from _tensorflow(seed)
    path = "tok/tokenizer.model"
    values = values_for(seed, path)
    rng = random.Random(chance(seed, path))
    words = ["".join(rng.choices("abcdefgh", k=5)) for _ in range(60)]
    pieces = [("<unk>", 2), ("<s>", 3), ("</s>", 3), *((value, 4) for value in values), *((word, 1) for word in words)]
    made = (
        text(1, text(1, piece) + b"\x15" + struct.pack("<f", -float(at)) + number(3, kind))
        for at, (piece, kind) in enumerate(pieces)
    )
    symbols = b"".join(text(31, value) for value in values)  # as the trainer writes them: once more
    data = b"".join(made) + text(2, number(3, 2) + number(4, len(pieces)) + symbols)
    yield Item(FAMILY, path, data, named(values, [f"piece[{3 + at}]" for at in range(5)], card=CARD_IN_VOCABULARY))
    path = "wandb/run-20260101_000000-abcd1234/run-abcd1234.wandb"
    values = values_for(seed, path)
    line = number(1, 1) + text(13, number(1, 0) + text(3, sentence(values) + "\n"))
    data = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
    for each in (number(1, 0) + text(2, text(1, text(1, "loss") + text(2, "0.5"))), line):
        data += struct.pack("<IHB", zlib.crc32(b"\x01" + each), len(each), 1) + each
    yield Item(FAMILY, path, data, at_one_place(values, "record 1, output_raw.line"))


def _onnx(seed: int) -> Iterator[Item]:
    path = "onnx/props.onnx"
    values = values_for(seed, path)
    props = b"".join(text(14, text(1, key) + text(2, value)) for key, value in pairs(values).items())
    yield Item(FAMILY, path, onnx(more=props), named(values, [f'metadata_props["{key}"]' for key in pairs(values)]))
    path = "onnx/doc.onnx"
    values = values_for(seed, path)
    yield Item(FAMILY, path, onnx(graph=text(10, sentence(values))), at_one_place(values, "graph.doc_string"))
    path = "onnx/raw.onnx"
    values = values_for(seed, path)
    raw = sentence(values).encode()
    tensor = number(1, len(raw)) + number(2, 2) + text(8, "blob") + text(9, raw)
    yield Item(FAMILY, path, onnx(graph=text(5, tensor)), at_one_place(values, 'graph.initializer["blob"].raw_data'))
    path = "onnx/labels.onnx"
    values = values_for(seed, path)
    tensor = number(1, 5) + number(2, 8) + b"".join(text(6, value) for value in values) + text(8, "labels")
    places = [f'graph.initializer["labels"].string_data[{at}]' for at in range(5)]
    yield Item(FAMILY, path, onnx(graph=text(5, tensor)), named(values, places, card=CARD_ALONE))
    path = "onnx/node.onnx"
    values = values_for(seed, path)
    node = text(3, "n0") + text(6, sentence(values))
    yield Item(FAMILY, path, onnx(node=node), at_one_place(values, "graph.node[0].doc_string"))
    path = "onnx/edges.onnx"
    values = values_for(seed, path)
    edges = ["x", *values, "y"]
    nodes = b"".join(text(1, text(1, edges[at]) + text(2, edges[at + 1])) for at in range(6))
    places = [f"graph.node[{1 + at}].output[0]" for at in range(5)]
    yield Item(FAMILY, path, onnx(graph=nodes), named(values, places, card=CARD_ALONE))


def _tensorflow(seed: int) -> Iterator[Item]:
    path = "tf/saved_model.pb"
    values = values_for(seed, path)
    tensor = number(1, 7) + text(8, sentence(values))
    node = text(1, "c") + text(2, "Const") + text(5, text(1, "value") + text(2, text(8, tensor)))
    data = number(1, 1) + text(2, text(1, text(4, "serve")) + text(2, text(1, node)))
    place = 'meta_graphs[0].graph_def.node["c"].attr["value"].tensor.string_val[0]'
    yield Item(FAMILY, path, data, at_one_place(values, place))
    path = "runs/exp1/events.out.tfevents.1700000000.host.1.0"
    values = values_for(seed, path)
    summary = (
        text(1, "args/text_summary")
        + text(8, number(1, 7) + text(8, sentence(values)))
        + text(9, text(1, text(1, "text")))
    )
    data = record(double(1, 1.7e9) + text(3, "brain.Event:2"))
    data += record(double(1, 1.7e9) + number(2, 3) + text(5, text(1, summary)))
    yield Item(FAMILY, path, data, at_one_place(values, 'record 1 (step 3), tag "args/text_summary"'))
