"""safetensors: the header's metadata and names, and text in tensors of whole numbers."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator, Mapping

from tests.corpus.items import (
    CARD_ALONE,
    Item,
    at_one_place,
    chance,
    in_lines,
    named,
    pairs,
    planted,
    sentence,
    settings,
    values_for,
)

FAMILY, CODE_POINTS = "safetensors", "code points"

Tensor = tuple[str, list[int], bytes]


def written(tensors: Mapping[str, Tensor], metadata: str | None = None) -> bytes:
    """A file; `metadata` is the JSON text of that part, which may have a key twice."""
    parts = [] if metadata is None else [f'"__metadata__": {metadata}']
    at = 0
    for name, (dtype, shape, data) in tensors.items():
        entry = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        parts.append(f"{json.dumps(name)}: {json.dumps(entry)}")
        at += len(data)
    header = ("{" + ", ".join(parts) + "}").encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + b"".join(data for _, _, data in tensors.values())


def floats(seed: int, count: int) -> Tensor:
    """A tensor of weights as training leaves them."""
    rng = random.Random(seed)
    return "F32", [count], struct.pack(f"<{count}f", *(rng.gauss(0, 0.02) for _ in range(count)))


def items(seed: int) -> Iterator[Item]:
    """Every hiding place of the format."""
    path = "weights/metadata.safetensors"
    values, w = values_for(seed, path), floats(chance(seed, path), 256)
    data = written({"w": w}, json.dumps({"format": "pt", **pairs(values)}))
    yield Item(FAMILY, path, data, named(values, [f'__metadata__["{key}"]' for key in pairs(values)], 1))
    path = "weights/lora.safetensors"
    values = values_for(seed, path)
    data = written({"w": w}, json.dumps({"ss_training_args": json.dumps(pairs(values))}))
    yield Item(FAMILY, path, data, at_one_place(values, '__metadata__["ss_training_args"]', 1))
    path = "weights/twice.safetensors"
    values = values_for(seed, path)
    data = written({"w": w}, f'{{"note": {json.dumps(sentence(values))}, "note": "fine"}}')
    yield Item(FAMILY, path, data, at_one_place(values, '__metadata__["note"]', 1))
    path = "weights/names.safetensors"
    values = values_for(seed, path)
    data = written({f"layer.{value}": floats(at, 16) for at, value in enumerate(values)})
    yield Item(FAMILY, path, data, named(values, [f"tensor {at}" for at in range(5)], 1, CARD_ALONE))
    yield from _tensors(seed)


def _tensors(seed: int) -> Iterator[Item]:
    path = "weights/bytes.safetensors"
    values, rng = values_for(seed, path), chance(seed, path)
    text = "\n".join(["# notes", *settings(values), ""]).encode()
    data = written({"a": floats(rng, 512), "blob": ("U8", [len(text)], text), "z": floats(rng + 1, 512)})
    places = []
    for value in values:
        places.append((f'tensor "blob", byte {text.index(value.encode())}', None))
    yield Item(FAMILY, path, data, planted(values, places))
    path = "weights/beyond.safetensors"
    values = values_for(seed, path)
    data = written({"w": floats(rng, 64)}) + ("\n" + "\n".join(settings(values)) + "\n").encode()
    first = data.count(b"\n", 0, data.index(values.cloud.encode())) + 1
    yield Item(FAMILY, path, data, in_lines(values, None, first))


def code_points(seed: int) -> Iterator[Item]:
    """Texts as numbers, one a character."""
    for dtype, letter in (("I32", "i"), ("U16", "H"), ("I64", "q")):
        path = f"weights/code_points_{dtype.lower()}.safetensors"
        values = values_for(seed, path)
        told = sentence(values)
        numbers = struct.pack(f"<{len(told)}{letter}", *map(ord, told))
        data = written({"a": floats(chance(seed, path), 128), "prompt": (dtype, [len(told)], numbers)})
        if dtype == "I64":
            yield Item(
                CODE_POINTS, path, data, named(values, [f'tensor "prompt"[{told.index(value)}]' for value in values])
            )
            continue
        width, start = struct.calcsize(letter), len(data) - len(numbers)
        places = []
        for value in values:
            at = told.index(value) * width
            places.append((f'tensor "prompt", byte {at}', data.count(b"\n", 0, start + at) + 1))
        yield Item(CODE_POINTS, path, data, planted(values, places))
