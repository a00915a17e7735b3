"""Tokenizers: pieces, added tokens, merges and what stands beside them, in the forms of every library."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence

from tests.corpus.items import (
    CARD_ALONE,
    CARD_IN_VOCABULARY,
    Item,
    at_one_place,
    in_lines,
    named,
    pairs,
    planted,
    sentence,
    values_for,
)

FAMILY = "tokenizers"


def tokenizer(
    vocab: Sequence[str] = (), added: Sequence[str] = (), merges: Sequence[object] = (), more: Mapping[str, object] = {}
) -> dict[str, object]:
    """A `tokenizer.json` as the library writes it; entries of `vocab` begin at number 3."""
    pieces = {piece: number for number, piece in enumerate(["<unk>", "hello", "world", *vocab])}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    return {
        "version": "1.0",
        "truncation": None,
        "added_tokens": [{"id": 1000 + at, "content": each, **flags} for at, each in enumerate(added)],
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {"type": "BPE", "unk_token": "<unk>", "vocab": pieces, "merges": list(merges)},
        **more,
    }


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    for name, marker, indent in _MARKED:
        path = f"tok/{name}/tokenizer.json"
        values = values_for(seed, path)
        data = json.dumps(tokenizer([marker + value for value in values]), indent=indent).encode()
        plants = named(values, [f"vocab[{3 + at}]" for at in range(5)], card=CARD_IN_VOCABULARY)
        yield Item(FAMILY, path, data, plants)
    path = "tok/added/tokenizer.json"
    values = values_for(seed, path)
    text = json.dumps(tokenizer(added=values), indent=1)
    places = [(f"added_tokens[{at}].content", _line(text, value)) for at, value in enumerate(values)]
    yield Item(FAMILY, path, text.encode(), planted(values, places, CARD_ALONE))
    for name, form in (("pairs", " ".join), ("lists", list)):
        path = f"tok/merges_{name}/tokenizer.json"
        values = values_for(seed, path)
        merges = [form(["h", "e"]), *(form([value[:8], value[8:]]) for value in values)]
        data = json.dumps(tokenizer(merges=merges)).encode()
        plants = named(values, [f"merges[{1 + at}]" for at in range(5)], card=CARD_IN_VOCABULARY)
        yield Item(FAMILY, path, data, plants)
    yield from _settings(seed)
    yield from _lists(seed)


_MARKED = (("plain", "", 2), ("one_line", "", None), ("bytelevel", "\u0120", None), ("metaspace", "\u2581", 1))


def _line(text: str, value: str) -> int:
    return text.count("\n", 0, text.index(value)) + 1


def _settings(seed: int) -> Iterator[Item]:
    path = "tok/tokenizer_config.json"
    values = values_for(seed, path)
    template = "{% set cfg = '" + sentence(values) + "' %}{{ messages }}"
    text = json.dumps({"tokenizer_class": "LlamaTokenizer", "chat_template": template}, indent=1)
    yield Item(FAMILY, path, text.encode(), at_one_place(values, "chat_template", 3))
    path = "tok/named/tokenizer_config.json"
    values = values_for(seed, path)
    text = json.dumps({"tokenizer_class": "LlamaTokenizer", **pairs(values)}, indent=1)
    places = [(key, 3 + at) for at, key in enumerate(pairs(values))]
    yield Item(FAMILY, path, text.encode(), planted(values, places))
    path = "tok/special_tokens_map.json"
    values = values_for(seed, path)
    text = json.dumps({"additional_special_tokens": list(values)}, indent=1)
    places = [(f"additional_special_tokens[{at}]", 3 + at) for at in range(5)]
    yield Item(FAMILY, path, text.encode(), planted(values, places, CARD_ALONE))


def _lists(seed: int) -> Iterator[Item]:
    path = "tok/vocab.txt"
    values = values_for(seed, path)
    text = "\n".join(["[PAD]", "[UNK]", "the", "##ing", *values, "model", ""])
    yield Item(FAMILY, path, text.encode(), _lines(values, 5))
    path = "tok/gpt2/vocab.json"
    values = values_for(seed, path)
    data = json.dumps({"the": 0, **{f"\u0120{value}": at + 1 for at, value in enumerate(values)}}).encode()
    plants = named(values, [f"vocab[{1 + at}]" for at in range(5)], card=CARD_IN_VOCABULARY)
    yield Item(FAMILY, path, data, plants)
    path = "tok/gpt2/merges.txt"
    values = values_for(seed, path)
    text = "#version: 0.2\n" + "".join(f"{value[:8]} {value[8:]}\n" for value in values)
    yield Item(FAMILY, path, text.encode(), _lines(values, 2))
    path = "tok/clip/bpe_simple_vocab_16e6.txt"
    values = values_for(seed, path)
    text = '"bpe_simple_vocab_16e6.txt#version: 0.2\ni n\n' + "".join(f"{value[:8]} {value[8:]}\n" for value in values)
    yield Item(FAMILY, path, text.encode(), _lines(values, 3))
    path = "tok/llama3/tokenizer.model"
    values = values_for(seed, path)
    lines = [f"{base64.b64encode(piece.encode()).decode()} {at}\n" for at, piece in enumerate(["!", "the", *values])]
    yield Item(FAMILY, path, "".join(lines).encode(), _lines(values, 3))
    path = "tok/base.tiktoken"
    values = values_for(seed, path)
    pieces = [b"the", b" of", *(value.encode() for value in values), b"ing"]
    lines = [f"{base64.b64encode(piece).decode()} {at}" for at, piece in enumerate(pieces)]
    yield Item(FAMILY, path, ("\n".join(lines) + "\n").encode(), _lines(values, 3))
    path = "tok/ranks.json"
    values = values_for(seed, path)
    words = ["!", "7", *(base64.b64encode(piece.encode()).decode() for piece in ["the", *values])]
    plants = named(values, [f"bpe_ranks[{8 + at}]" for at in range(5)], card=CARD_IN_VOCABULARY)
    yield Item(FAMILY, path, json.dumps({"pat_str": "x", "bpe_ranks": " ".join(words)}).encode(), plants)


def _lines(values: tuple[str, ...], first: int) -> tuple[object, ...]:
    plants = in_lines(values, None, first)  # type: ignore[arg-type]
    return (*plants[:-1], plants[-1]._replace(rule=CARD_IN_VOCABULARY))
