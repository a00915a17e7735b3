"""Repositories of a Hub, scanned by range: what is found, what is asked for, and what it costs in bytes."""

from __future__ import annotations

import io
import json
import struct
import zipfile

import pytest

from modelguard.rules.templates import expand
from tests.tools.hub import Bytes, Entry, Hub, Sparse
from tests.tools.hub.scanning import HubTool

MB = 1_000_000
HF = "hf-user-token"
TOKENS = [expand("hf_<alnum:34>", seed) for seed in range(9)]


def shard(number: int, size: int, **metadata: str) -> Entry:
    """A safetensors file of 32 tensors and so many bytes, of which only the header is in memory."""
    each = size // 32 // 4 * 4
    header: dict[str, object] = {"__metadata__": {"format": "pt", **metadata}}
    for index in range(32):
        offsets = [index * each, (index + 1) * each]
        header[f"layers.{number}.{index}.weight"] = {"dtype": "F32", "shape": [each // 4], "data_offsets": offsets}
    text = json.dumps(header).encode()
    head = struct.pack("<Q", len(text)) + text
    return Entry(Sparse(len(head) + 32 * each, {0: head}), lfs=True)


def tokenizer(*more: str) -> Entry:
    vocabulary = {f"token{number}": number for number in range(60_000)} | dict.fromkeys(more, 60000)
    model = {"type": "BPE", "vocab": vocabulary, "merges": []}
    return Entry(Bytes(json.dumps({"version": "1.0", "added_tokens": [], "model": model}).encode()), lfs=True)


def test_a_model_of_20_gb_costs_its_headers(hub: Hub, hub_tool: HubTool) -> None:
    shards = {f"model-{number + 1:05}-of-00008.safetensors": shard(number, 2_500 * MB) for number in range(8)}
    shards["model-00006-of-00008.safetensors"] = shard(5, 2_500 * MB, note=f"made with {TOKENS[0]}")
    hub.add("model", "org/large", {**shards, "tokenizer.json": tokenizer(TOKENS[1]), "config.json": b'{"a": 1}'})
    told = hub_tool.scan("org/large")
    assert told.places == [
        (HF, "hf://models/org/large/model-00006-of-00008.safetensors"),
        (HF, "hf://models/org/large/tokenizer.json"),
    ]
    assert [each["inner"] for each in told.result["findings"]] == ['__metadata__["note"]', "vocab[60000]"]
    assert told.status == 1 and told.gaps == []
    assert hub.record.bytes_sent < 10 * MB
    assert "10 files, 20.0 GB; about 3.3 MB will be read" in told.stderr


def storage(key: str, count: int) -> bytes:
    """A tensor of floats in a pickle of PyTorch: a call of what rebuilds it with its storage."""

    def text(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    named = text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu") + b"J" + struct.pack("<i", count)
    return text(f"layer.{key}") + b"ctorch._utils\n_rebuild_tensor_v2\n((" + named + b"tQK\x00)tR"


def torch_archive(size: int, token: str, count: int = 64) -> Entry:
    """A state dict as `torch.save` writes it: a pickle, and each storage a stored member that begins at 64 bytes."""
    held, numbers = io.BytesIO(), size // count // 4
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        notes = b"X\x05\0\0\0notesX" + struct.pack("<I", len(token)) + token.encode()
        tensors = b"".join(storage(str(number), numbers) for number in range(count))
        archive.writestr("archive/data.pkl", b"\x80\x02}(" + notes + tensors + b"u.")
        for number in range(count):
            member = zipfile.ZipInfo(f"archive/data/{number}")
            padding = -(held.tell() + 30 + len(member.filename) + 4) % 64
            member.extra = b"FB" + struct.pack("<H", padding) + b"Z" * padding
            archive.writestr(member, bytes(4 * numbers))
        archive.writestr("archive/version", "3\n")
    return Entry(Bytes(held.getvalue()), lfs=True)


def gguf(size: int, token: str) -> Entry:
    def text(value: bytes) -> bytes:
        return struct.pack("<Q", len(value)) + value

    pairs = text(b"general.description") + struct.pack("<I", 8) + text(token.encode())
    tensor = text(b"blk.0.weight") + struct.pack("<IQIQ", 1, size // 4, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + pairs + tensor
    head += bytes(-len(head) % 32)
    return Entry(Sparse(len(head) + size, {0: head}), lfs=True)


def parquet(rows: int, token: str) -> Entry:
    import pyarrow
    from pyarrow import parquet as library

    numbers = pyarrow.array([(number * 2654435761) % 2**40 for number in range(rows)])
    texts = pyarrow.array(["nothing"] * (rows - 1) + [token])
    held = io.BytesIO()
    library.write_table(pyarrow.table({"number": numbers, "text": texts}), held, compression="snappy")
    return Entry(Bytes(held.getvalue()), lfs=True)


@pytest.mark.parametrize(
    ("name", "entry", "most"),
    [
        ("model.safetensors", lambda token: shard(0, 5_000 * MB, author=token), 0.2 * MB),
        ("model.gguf", lambda token: gguf(5_000 * MB, token), 0.3 * MB),
        ("pytorch_model.bin", lambda token: torch_archive(128 * MB, token), 1.5 * MB),
        ("train.parquet", lambda token: parquet(1_000_000, token), 1 * MB),
    ],
    ids=["safetensors", "gguf", "torch", "parquet"],
)
def test_each_format_costs_what_its_reader_asks_for(hub: Hub, hub_tool: HubTool, name: str, entry, most: float) -> None:
    made: Entry = entry(TOKENS[0])
    hub.add("model", "org/model", {name: made})
    told = hub_tool.scan("org/model")
    assert told.places == [(HF, f"hf://models/org/model/{name}")] and told.gaps == []
    print(name, made.content.size, hub.record.bytes_sent, len(hub.record.asked("resolve")))
    assert hub.record.bytes_sent < most


def test_a_long_text_goes_over_the_network_once(hub: Hub, hub_tool: HubTool) -> None:
    lines = [f"line {number}: nothing here to be seen\n" for number in range(700_000)]
    planted = [100, 150_000, 150_001, 300_000, 450_000, 650_000]
    for number in planted:
        lines[number] = f'login("{TOKENS[0]}")\n'
    text = "".join(lines).encode()
    hub.add("dataset", "org/data", {"train.txt": Entry(Bytes(text), lfs=True)})
    told = hub_tool.scan("datasets/org/data")
    assert [each["line"] for each in told.result["findings"]] == [number + 1 for number in planted]
    assert len(text) < hub.record.bytes_sent < len(text) * 1.02


@pytest.mark.parametrize(
    "head", [b"lmgg" + bytes(100), struct.pack("<Q", 2_000) + b'{"a": '], ids=["unknown", "broken"]
)
def test_what_is_called_weights_and_is_none_is_read_a_little(hub: Hub, hub_tool: HubTool, head: bytes) -> None:
    weights = Sparse(3_000 * MB, {0: head, 40 * MB: TOKENS[0].encode()})
    hub.add("model", "org/model", {"model.safetensors": Entry(weights, lfs=True)})
    told = hub_tool.scan("org/model")
    assert told.places == [(HF, "hf://models/org/model/model.safetensors")]
    assert ("hf://models/org/model/model.safetensors", "over-budget") in told.gaps
    assert hub.record.bytes_sent < 75 * MB


def test_nothing_of_it_is_written(hub: Hub, hub_tool: HubTool) -> None:
    hub.add("model", "org/model", {"model.safetensors": shard(0, 10 * MB, note=TOKENS[0]), "a.txt": b"text" * 100})
    before = set(hub_tool.program.home.rglob("*"))
    assert hub_tool.scan("org/model", "--weights").status == 1
    assert set(hub_tool.program.home.rglob("*")) == before
    assert hub.record.bytes_sent > 10 * MB
