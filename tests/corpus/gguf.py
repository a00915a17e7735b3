"""GGUF 3: strings and arrays of strings among the key-value pairs, names of tensors, and tensors of bytes."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator, Sequence

from tests.corpus.items import (
    CARD_ALONE,
    CARD_IN_VOCABULARY,
    Item,
    at_one_place,
    chance,
    named,
    pairs,
    planted,
    sentence,
    settings,
    values_for,
)

FAMILY = "gguf"
_U32, _STRING, _ARRAY = 4, 8, 9
_I8 = 24
_ALIGNMENT = 32

Value = str | int | Sequence[str]


def written(pairs_of: Sequence[tuple[str, Value]], tensors: Sequence[tuple[str, bytes]] = ()) -> bytes:
    """A file of little-endian version 3; tensors are of type I8."""
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs_of))
    for key, value in pairs_of:
        out += _string(key) + _typed(value)
    data = b""
    for name, content in tensors:
        out += _string(name) + struct.pack("<IQIQ", 1, len(content), _I8, len(data))
        data += _padded(content)
    return _padded(out) + data


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _typed(value: Value) -> bytes:
    if isinstance(value, str):
        return struct.pack("<I", _STRING) + _string(value)
    if isinstance(value, int):
        return struct.pack("<II", _U32, value)
    return struct.pack("<IIQ", _ARRAY, _STRING, len(value)) + b"".join(map(_string, value))


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % _ALIGNMENT)


ABOUT: list[tuple[str, Value]] = [("general.architecture", "llama"), ("general.alignment", 32)]


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    rng = random.Random(chance(seed, FAMILY))
    weights = [("blk.0.w", rng.randbytes(4096))]
    path = "gguf/description.gguf"
    values = values_for(seed, path)
    data = written([*ABOUT, ("general.description", sentence(values))], weights)
    yield Item(FAMILY, path, data, at_one_place(values, 'kv "general.description"'))
    path = "gguf/template.gguf"
    values = values_for(seed, path)
    template = "\n".join(["{# notes", *settings(values), "#}{{ messages }}"])
    data = written([*ABOUT, ("tokenizer.chat_template", template)], weights)
    plants = named(values, [f'kv "tokenizer.chat_template":{2 + at}' for at in range(5)])
    yield Item(FAMILY, path, data, plants)
    path = "gguf/keys.gguf"
    values = values_for(seed, path)
    data = written([*ABOUT, *((f"training.{key}", value) for key, value in pairs(values).items())], weights)
    yield Item(FAMILY, path, data, named(values, [f'kv "training.{key}"' for key in pairs(values)]))
    path = "gguf/tokens.gguf"
    values = values_for(seed, path)
    data = written([*ABOUT, ("tokenizer.ggml.tokens", ["<s>", "the", *values])], weights)
    places = [f'kv "tokenizer.ggml.tokens"[{2 + at}]' for at in range(5)]
    yield Item(FAMILY, path, data, named(values, places, card=CARD_IN_VOCABULARY))
    path = "gguf/merges.gguf"
    values = values_for(seed, path)
    merges = ["t he", *(f"{value[:8]} {value[8:]}" for value in values)]
    data = written([*ABOUT, ("tokenizer.ggml.merges", merges)], weights)
    places = [f'kv "tokenizer.ggml.merges"[{1 + at}]' for at in range(5)]
    yield Item(FAMILY, path, data, named(values, places, card=CARD_IN_VOCABULARY))
    path = "gguf/tags.gguf"
    values = values_for(seed, path)
    data = written([*ABOUT, ("general.tags", list(values))], weights)
    yield Item(FAMILY, path, data, named(values, [f'kv "general.tags"[{at}]' for at in range(5)], card=CARD_ALONE))
    path = "gguf/names.gguf"
    values = values_for(seed, path)
    data = written(ABOUT, [(f"blk.{value}", b"\0" * 64) for value in values])
    yield Item(FAMILY, path, data, named(values, [f"tensor {at}" for at in range(5)], card=CARD_ALONE))
    path = "gguf/bytes.gguf"
    values = values_for(seed, path)
    noise, text = rng.randbytes(512), ("\n" + "\n".join(settings(values)) + "\n").encode()
    data = written(ABOUT, [("notes", noise + text + noise)])
    places = []
    for value in values:
        line = data.count(b"\n", 0, data.index(value.encode())) + 1
        places.append((f'tensor "notes", byte {512 + text.index(value.encode())}', line))
    yield Item(FAMILY, path, data, planted(values, places))
