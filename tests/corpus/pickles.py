"""Pickles of every protocol, and what is made of them: joblib, PyTorch in both of its formats, compiled Python."""

from __future__ import annotations

import collections
import gzip
import importlib.util
import marshal
import pickle
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from tests.corpus.items import (
    CARD_ALONE,
    KEYS,
    Item,
    at_one_place,
    named,
    pairs,
    planted,
    sentence,
    settings,
    values_for,
)
from tests.packed import zipped

FAMILY = "pickles"


_STORAGE = "@storage@"


def torch_pickle(told: object, count: int) -> bytes:
    """The `data.pkl` of a checkpoint: where `told` says `@storage@` it names storage 0, of so many bytes."""
    data = pickle.dumps(told, 2)
    named_id = b"(" + _text("storage") + b"ctorch\nByteStorage\n" + _text("0") + _text("cpu")
    named_id += b"J" + struct.pack("<i", count) + b"tQ"
    assert data.count(_text(_STORAGE)) == 1
    return data.replace(_text(_STORAGE), named_id)


def _text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def _glued(values: Sequence[str]) -> bytes:
    """A table of Arrow, whose strings stand one behind the other."""
    import pyarrow as pa

    return pickle.dumps(pa.table({"n": [str(number) for number in range(7)], "t": ["x9", *values, "x9"]}))


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    for protocol in range(6):
        path = f"pickle/protocol{protocol}.pkl"
        values = values_for(seed, path)
        data = pickle.dumps({"args": pairs(values), "loss": [0.5, 0.25], "steps": 10**20}, protocol)
        yield Item(FAMILY, path, data, named(values, [f'["args"]["{key}"]' for key in pairs(values)]))
    for protocol in (0, 2, 4):
        path = f"pickle/list{protocol}.pickle"
        values = values_for(seed, path)
        data = pickle.dumps(["log", *values], protocol)
        yield Item(FAMILY, path, data, named(values, [f"[{1 + at}]" for at in range(5)], card=CARD_ALONE))
    path = "pickle/arrow.pkl"
    values = values_for(seed, path)
    yield Item(
        FAMILY, path, _glued(values), named(values, [f'row {2 + at}, column "t"' for at in range(5)], card=CARD_ALONE)
    )
    path = "pickle/array.pkl"
    values = values_for(seed, path)
    data = pickle.dumps({"names": np.array(["log", *values])}, 4)
    yield Item(FAMILY, path, data, named(values, [f'["names"][{1 + at}]' for at in range(5)], card=CARD_ALONE))
    path = "pickle/text.pkl"
    values = values_for(seed, path)
    data = pickle.dumps(collections.OrderedDict(log="\n".join(["start", *settings(values)])), 4)
    yield Item(FAMILY, path, data, named(values, [f'["log"]:{2 + at}' for at in range(5)]))
    path = "pickle/bytes.pkl"
    values = values_for(seed, path)
    data = pickle.dumps({"raw": ("\n".join(settings(values)) + "\n").encode()}, 5)
    yield Item(FAMILY, path, data, named(values, [f'["raw"]:{1 + at}' for at in range(5)]))
    path = "pickle/two.pkl"
    values = values_for(seed, path)
    data = pickle.dumps([1, 2, 3], 4) + pickle.dumps({"note": sentence(values)}, 4)
    yield Item(FAMILY, path, data, at_one_place(values, '["note"]'))
    path = "pickle/packed.pkl.gz"
    values = values_for(seed, path)
    data = gzip.compress(pickle.dumps({"cfg": pairs(values)}, 4), mtime=0)
    yield Item(FAMILY, path, data, named(values, [f'packed.pkl → ["cfg"]["{key}"]' for key in pairs(values)]))
    path = "pickle/model.joblib"
    values = values_for(seed, path)
    data = zlib.compress(pickle.dumps({"cfg": pairs(values)}, 4), 3)
    yield Item(FAMILY, path, data, named(values, [f'model.joblib → ["cfg"]["{key}"]' for key in pairs(values)]))
    yield from _torch(seed)
    yield from _compiled(seed)


def _torch(seed: int) -> Iterator[Item]:
    for path, root in (("torch/last.ckpt", "archive"), ("torch/pytorch_model.bin", "pytorch_model")):
        values = values_for(seed, path)
        told = {"state_dict": {"w": _STORAGE}, "hyper_parameters": pairs(values)}
        members = [
            (f"{root}/data.pkl", torch_pickle(told, 64)),
            (f"{root}/data/0", b"\0" * 64),
            (f"{root}/version", b"3\n"),
        ]
        places = [f'{root}/data.pkl → ["hyper_parameters"]["{key}"]' for key in pairs(values)]
        yield Item(FAMILY, path, zipped(*members, method=zipfile.ZIP_STORED), named(values, places))
    path = "torch/rng.pt"
    values = values_for(seed, path)
    text = ("\n".join(settings(values)) + "\n").encode()
    members = [("archive/data.pkl", torch_pickle({"rng": _STORAGE}, len(text))), ("archive/data/0", text)]
    data = zipped(*members, method=zipfile.ZIP_STORED)
    yield Item(FAMILY, path, data, planted(values, (("archive/data/0", 1 + at) for at in range(5))))
    path = "torch/script.pt"
    values = values_for(seed, path)
    lines = [f'  print("{key}: {value}")' for key, value in pairs(values).items()]
    code = "\n".join(["def forward(self):", *lines, ""]).encode()
    members = [
        ("s/data.pkl", pickle.dumps({}, 2)),
        ("s/code/m.py", code),
        ("s/code/m.py.debug_pkl", pickle.dumps(lines, 2)),
    ]
    data = zipped(*members, method=zipfile.ZIP_STORED)
    yield Item(FAMILY, path, data, planted(values, (("s/code/m.py", 2 + at) for at in range(5))))
    path = "torch/old.pth"
    values = values_for(seed, path)
    parts = [pickle.dumps(each, 2) for each in (119547037146038801333356, 1001, {"little_endian": True})]
    data = b"".join([*parts, pickle.dumps({"notes": sentence(values)}, 2), pickle.dumps([], 2)])
    yield Item(FAMILY, path, data, at_one_place(values, '["notes"]'))


def _compiled(seed: int) -> Iterator[Item]:
    path = "src/__pycache__/settings.pyc"
    values = values_for(seed, path)
    source = "".join(f"{key.upper()} = {value!r}\n" for key, value in pairs(values).items())
    code = marshal.dumps(compile(source, "settings.py", "exec"))
    data = importlib.util.MAGIC_NUMBER + struct.pack("<III", 0, 0, len(source)) + code
    yield Item(FAMILY, path, data, named(values, [f"{key.upper()} in module" for key in KEYS]))
