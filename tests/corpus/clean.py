"""Look-alikes with nothing planted: hashes, random numbers, vocabularies, placeholders, pictures."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator

from tests.corpus import archives, safetensors, texts
from tests.corpus.items import Item, chance

_WORDS = "sk\n\u0120sk\nAKIA\nghp_\n@gmail\n.com\npassword\n\u0120password\napi_key\nBearer\n0123456789\n1234567890123456\n-----BEGIN"


def vocabulary(seed: int, count: int = 4000) -> list[str]:
    """Pieces as a tokenizer has them, and some that begin as a secret does."""
    rng = random.Random(seed)
    made = ["".join(rng.choices(string.ascii_letters, k=rng.randrange(2, 14))) for _ in range(count)]
    return [*dict.fromkeys(made), *_WORDS.split("\n"), "hf_", "secret", "token=", "xoxb", "eyJ", "4242424242424242"]


def hexadecimal(rng: random.Random, count: int) -> str:
    """So many digits."""
    return "".join(rng.choices("0123456789abcdef", k=count))


def clean(seed: int) -> Iterator[Item]:
    """Files of each family in which there is nothing to find."""
    rng = random.Random(chance(seed, "clean"))
    yield from _texts(rng)
    path = "clean/app.zip"
    members = [("README.md", b"HF_TOKEN=hf_xxx\nuser@example.com\n"), ("noise.bin", rng.randbytes(60_000))]
    yield Item(archives.FAMILY, path, archives.zipped(members))
    hashes = {"sshs_model_hash": hexadecimal(rng, 64), "modelspec.hash_sha256": "0x" + hexadecimal(rng, 64)}
    tensors = {f"h.{at}.w": safetensors.floats(at, 5000) for at in range(4)}
    tensors["noise"] = ("U8", [200_000], rng.randbytes(200_000))
    yield Item(safetensors.FAMILY, "clean/model.safetensors", safetensors.written(tensors, json.dumps(hashes)))


def _texts(rng: random.Random) -> Iterator[Item]:
    uuid = "-".join(hexadecimal(rng, count) for count in (8, 4, 4, 4, 12))
    config = {"_commit_hash": hexadecimal(rng, 40), "sha256": hexadecimal(rng, 64), "uuid": uuid, "hub_token": None}
    config |= {"api_key": "${API_KEY}", "token": "<YOUR_TOKEN>", "HF_TOKEN": "hf_" + "x" * 34, "eos_token": "</s>"}
    yield Item(texts.FAMILY, "clean/settings.txt", json.dumps(config, indent=1).encode())
    card = "---\nlicense: mit\n---\nexport HF_TOKEN=hf_xxx\nAWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nuser@example.com\n"
    yield Item(texts.FAMILY, "clean/README.md", card.encode())
    lock = "".join(f"pkg{at}==1.{at} --hash=sha256:{hexadecimal(rng, 64)}\n" for at in range(200))
    yield Item(texts.FAMILY, "clean/requirements.lock", lock.encode())
    numbers = "".join(f"{rng.random():.16f} {rng.randrange(10**15, 10**16)}\n" for _ in range(3000))
    yield Item(texts.FAMILY, "clean/loss.txt", numbers.encode())
    ids = "".join(f"2026-01-01 user {rng.randrange(10**16)} order {rng.randrange(10**16):016}\n" for _ in range(500))
    yield Item(texts.FAMILY, "clean/orders.log", ids.encode())
