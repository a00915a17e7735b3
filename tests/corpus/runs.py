"""What tools leave behind: settings of models, indexes of shards, metadata of runs, caches and files of a home folder."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.corpus.items import CARD_ALONE, FORGE, HUB, Item, Plant, at_one_place, pairs, planted, sentence, values_for

FAMILY = "runs"


def items(seed: int) -> Iterator[Item]:
    """Settings in JSON, which are looked at as they stand, with places that lead into them."""
    for path, before in _SETTINGS:
        values = values_for(seed, path)
        text = json.dumps({**before, **pairs(values)}, indent=1)
        first = text.count("\n", 0, text.index(values.cloud)) + 1
        places = [(key, first + at) for at, key in enumerate(pairs(values))]
        yield Item(FAMILY, path, text.encode(), planted(values, places))
    path = "model/model.safetensors.index.json"
    values = values_for(seed, path)
    index = {"metadata": {"total_size": 10, "note": sentence(values)}, "weight_map": {"w": "model-00001.safetensors"}}
    yield Item(FAMILY, path, json.dumps(index, indent=1).encode(), at_one_place(values, "metadata.note", 4))
    path = "wandb/run-1/files/wandb-metadata.json"
    values = values_for(seed, path)
    told = {"os": "Linux", "host": "gpu-07", "args": ["--token", *values]}
    text = json.dumps(told, indent=1)
    places = [(f"args[{1 + at}]", 6 + at) for at in range(5)]
    yield Item(FAMILY, path, text.encode(), planted(values, places, CARD_ALONE))
    path = "home/.cache/huggingface/stored_tokens"
    values = values_for(seed, path)
    yield Item(FAMILY, path, f"[laptop]\nhf_token = {values.hub}\n".encode(), (Plant(HUB, values.hub, None, 2),))
    path = "requirements-private.txt"
    values = values_for(seed, path)
    text = f"torch\ngit+https://{values.forge}@github.com/acme/private.git\n"
    yield Item(FAMILY, path, text.encode(), (Plant(FORGE, values.forge, None, 2),))


_SETTINGS: tuple[tuple[str, dict[str, object]], ...] = (
    ("model/config.json", {"architectures": ["LlamaForCausalLM"], "vocab_size": 32000}),
    ("model/adapter_config.json", {"peft_type": "LORA", "r": 8}),
    ("data/dataset_info.json", {"splits": {}, "version": "0.0.0"}),
    ("model/generation_config.json", {"max_length": 20}),
)
