"""Look-alikes with nothing planted: hashes, random numbers, vocabularies, placeholders, pictures."""

from __future__ import annotations

import base64
import json
import pickle
import plistlib
import random
import string
from collections.abc import Iterator

import lz4.frame

from tests.corpus import (
    archives,
    documents,
    further,
    gguf,
    hdf5,
    messages,
    notebooks,
    numpy,
    others,
    pickles,
    recorded,
    runs,
    safetensors,
    tables,
    texts,
    tokenizers,
)
from tests.corpus.items import Item, chance
from tests.packed import zipped

_PIECES = "sk \u0120sk AKIA ghp_ @gmail .com password api_key Bearer 0123456789 1234567890123456 -----BEGIN hf_ secret token= xoxb eyJ 4242424242424242"  # fmt: skip


def vocabulary(rng: random.Random, count: int = 4000) -> list[str]:
    """Pieces as a tokenizer has them, and some that begin as a secret does."""
    made = ("".join(rng.choices(string.ascii_letters, k=rng.randrange(2, 14))) for _ in range(count))
    return list(dict.fromkeys([*made, *_PIECES.split()]))


def ids(rng: random.Random, count: int) -> list[str]:
    """Random numbers as long as a card's; one of thirty looks like one."""
    return [str(rng.randrange(10**15, 10**16)) for _ in range(count)]


def hexadecimal(rng: random.Random, count: int) -> str:
    """So many digits."""
    return "".join(rng.choices("0123456789abcdef", k=count))


def _digest(rng: random.Random) -> str:
    return base64.urlsafe_b64encode(rng.randbytes(32)).decode().rstrip("=")


def clean(seed: int) -> Iterator[Item]:
    """Files of each family in which there is nothing to find."""
    rng = random.Random(chance(seed, "clean"))
    yield from _texts(rng)
    yield from _weights(rng)
    yield from _tokenizers(rng)
    yield from recorded.look_alikes()
    yield from further.look_alikes(random.Random(chance(seed, "further")), ids(rng, 200))
    members = [("README.md", b"HF_TOKEN=hf_xxx\nuser@example.com\n"), ("noise.bin", rng.randbytes(60_000))]
    yield Item(archives.FAMILY, "clean/app.zip", zipped(*members))
    yield Item(archives.FAMILY, "clean/noise.bin.lz4", lz4.frame.compress(rng.randbytes(60_000)))
    yield Item(archives.FAMILY, "clean/app.pex", b"#!/usr/bin/env python3\n" + zipped(*members))
    yield Item(archives.FAMILY, "clean/empty.zip", zipped())
    told = {
        "w": rng.randbytes(100_000),
        "sha": hexadecimal(rng, 64),
        "names": vocabulary(rng, 300),
        "ids": ids(rng, 500),
    }
    yield Item(pickles.FAMILY, "clean/random.pkl", pickle.dumps(told, 4))
    picture = base64.b64encode(documents.png((b"tEXt", b"Software\0matplotlib")) + rng.randbytes(40_000)).decode()
    data = notebooks.notebook(notebooks.code((), notebooks.shown(image_png=picture), notebooks.stream("ok\n")))
    yield Item(notebooks.FAMILY, "clean/plot.ipynb", data)
    yield Item(documents.FAMILY, "clean/plot.png", documents.png((b"tEXt", b"Software\0matplotlib 3.10")))
    yield Item(documents.FAMILY, "clean/scan.tif", documents.tiff(b"scan of page 12, 300 dpi") + rng.randbytes(40_000))
    rows = "".join(f"{rng.random():.16f},{number}\n" for number in ids(rng, 3000))
    yield Item(tables.FAMILY, "clean/loss.csv", ("loss,id\n" + rows).encode())
    data = tables.database("create table t(id text)", [(number,) for number in ids(rng, 800)])
    yield Item(tables.FAMILY, "clean/ids.db", data)
    words = "".join(f"{word},{rng.randrange(99)},{word}\n" for word in ("running", "password", "secrets", "token"))
    yield Item(tables.FAMILY, "clean/words.csv", f"token,count,password\n{words}".encode())
    yield Item(tables.FAMILY, "clean/masked.csv", b"key,value\npassword,********\napi_key,<redacted>\ntoken,none\n")
    record = "".join(f"x/wecom_{at}.py,sha256={_digest(rng)},{at}\n" for at in range(50))
    yield Item(texts.FAMILY, "clean/x.dist-info/RECORD", record.encode())
    steps = "".join(f"\x1b[32mstep {at}\x1b[0m id \x1b[1m{number}\x1b[0m\n" for at, number in enumerate(ids(rng, 500)))
    yield Item(texts.FAMILY, "clean/coloured.log", steps.encode())
    table = b"| token | string | of a user |\n| password | VARCHAR(255) | no |\n| api_key | v1.2.3 | sha256 |\n"
    yield Item(texts.FAMILY, "clean/table.md", table)
    usage = b"usage: x [--password PASSWORD] [--token TOKEN]\nThe --password options are required.\n"
    yield Item(texts.FAMILY, "clean/usage.log", usage)
    code = b"password = password.encode('utf-8')\ntoken = token.strip()\nTOKEN = re.compile(r'hf_[A-Za-z]{34}')\n"
    yield Item(texts.FAMILY, "clean/login.py", code)
    yield Item(others.FAMILY, "clean/model.msgpack", others.msgpack({"ids": ids(rng, 600), "name": "llama"}))
    listed = {"ids": ids(rng, 300), "CFBundleIdentifier": "org.llama.app", "password": ""}
    yield Item(others.FAMILY, "clean/Info.plist", plistlib.dumps(listed, fmt=plistlib.FMT_BINARY))
    config = {"architectures": ["LlamaForCausalLM"], "hub_token": None, "_name_or_path": "/home/user/llama"}
    yield Item(runs.FAMILY, "clean/config.json", json.dumps(config, indent=1).encode())


def _texts(rng: random.Random) -> Iterator[Item]:
    uuid = "-".join(hexadecimal(rng, count) for count in (8, 4, 4, 4, 12))
    config = {"_commit_hash": hexadecimal(rng, 40), "sha256": hexadecimal(rng, 64), "uuid": uuid, "hub_token": None}
    config |= {"api_key": "${API_KEY}", "token": "<YOUR_TOKEN>", "HF_TOKEN": "hf_" + "x" * 34, "eos_token": "</s>"}
    yield Item(texts.FAMILY, "clean/settings.txt", json.dumps(config, indent=1).encode())
    card = "---\nlicense: mit\n---\nexport HF_TOKEN=hf_xxx\nAWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\nuser@example.com\n"
    yield Item(texts.FAMILY, "clean/README.md", card.encode())
    lock = "".join(f"pkg{at}==1.{at} --hash=sha256:{hexadecimal(rng, 64)}\n" for at in range(200))
    yield Item(texts.FAMILY, "clean/requirements.lock", lock.encode())
    numbers = "".join(f"{rng.random():.16f} {number}\n" for number in ids(rng, 3000))
    yield Item(texts.FAMILY, "clean/loss.txt", numbers.encode())
    orders = "".join(f"2026-01-01 user {rng.randrange(10**16)} order {rng.randrange(10**16):016}\n" for _ in range(500))
    yield Item(texts.FAMILY, "clean/orders.log", orders.encode())


def _weights(rng: random.Random) -> Iterator[Item]:
    hashes = {"sshs_model_hash": hexadecimal(rng, 64), "modelspec.hash_sha256": "0x" + hexadecimal(rng, 64)}
    tensors = {f"h.{at}.w": safetensors.floats(rng.randrange(1 << 30), 5000) for at in range(4)}
    tensors["noise"] = ("U8", [200_000], rng.randbytes(200_000))
    yield Item(safetensors.FAMILY, "clean/model.safetensors", safetensors.written(tensors, json.dumps(hashes)))
    noise = {"prompt": ("I32", [4000], rng.randbytes(16_000))}
    yield Item(safetensors.CODE_POINTS, "clean/numbers.safetensors", safetensors.written(noise))
    pieces: list[tuple[str, gguf.Value]] = [*gguf.ABOUT, ("tokenizer.ggml.tokens", vocabulary(rng))]
    yield Item(gguf.FAMILY, "clean/model.gguf", gguf.written(pieces, [("blk.0.w", rng.randbytes(100_000))]))
    longest, cells = numpy.texts(ids(rng, 3000))
    yield Item(numpy.FAMILY, "clean/ids.npy", numpy.written(f"'<U{longest}'", "(3000,)", cells))
    yield Item(numpy.FAMILY, "clean/w.npy", numpy.written("'<f4'", "(25000,)", rng.randbytes(100_000)))
    weights = [rng.gauss(0, 0.02) for _ in range(2000)]
    data = hdf5.written(lambda file: file.create_dataset("dense/w", data=weights, dtype="f4"))
    yield Item(hdf5.FAMILY, "clean/model.h5", data)
    labels = (
        messages.number(1, 900) + messages.number(2, 8) + b"".join(messages.text(6, each) for each in ids(rng, 900))
    )
    yield Item(
        messages.FAMILY, "clean/labels.onnx", messages.onnx(graph=messages.text(5, labels + messages.text(8, "ids")))
    )


def _tokenizers(rng: random.Random) -> Iterator[Item]:
    pieces = vocabulary(rng)
    yield Item(tokenizers.FAMILY, "clean/tokenizer.json", json.dumps(tokenizers.tokenizer(pieces)).encode())
    yield Item(tokenizers.FAMILY, "clean/vocab.txt", "\n".join(pieces).encode())
    lines = (f"{base64.b64encode(piece.encode()).decode()} {at}\n" for at, piece in enumerate(pieces))
    yield Item(tokenizers.FAMILY, "clean/cl.tiktoken", "".join(lines).encode())
    numbered = json.dumps(tokenizers.tokenizer(ids(rng, 2000))).encode()
    yield Item(tokenizers.FAMILY, "clean/items/tokenizer.json", numbered)
