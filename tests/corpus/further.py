"""Formats that are met less often: LMDB, ExecuTorch, CatBoost."""

from __future__ import annotations

import random
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.corpus.items import Item, at_one_place, chance, named, pairs, sentence, values_for
from tests.readers.written_flatbuffers import flatbuffer

FAMILY = "further"


def lmdb(pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The file of an environment with these keys and values."""
    import lmdb

    with tempfile.TemporaryDirectory() as folder:
        with lmdb.open(folder, map_size=1 << 22, sync=False) as environment, environment.begin(write=True) as writer:
            for key, value in pairs:
                writer.put(key, value)
        return Path(folder, "data.mdb").read_bytes()


def executorch(text: str) -> bytes:
    """A program of one method, which gives a text."""
    plan = {0: "get_note", 2: [{0: 6, 1: {0: text}}], 6: [{0: "aten::add", 1: "out"}]}
    return flatbuffer({1: [plan]}, b"ET12" + bytes(40))


def catboost(info: Mapping[str, str]) -> bytes:
    """A model of one feature and no trees."""
    told = [{0: key, 1: value} for key, value in info.items()]
    core = flatbuffer({0: "FlabuffersModel_v1", 1: {5: [{4: "age"}]}, 2: told}, bytes(4))
    return b"CBM1" + struct.pack("<I", len(core)) + core


def items(seed: int) -> Iterator[Item]:
    """Every format once."""
    for path, count in (("train_lmdb/data.mdb", 200), ("small_lmdb/data.mdb", 0)):
        values = values_for(seed, path)
        rng = random.Random(chance(seed, path))
        samples = [(b"sample-%05d" % at, rng.randbytes(rng.choice((60, 3000)))) for at in range(count)]
        told = [(key.encode(), value.encode()) for key, value in pairs(values).items()]
        places = [f'main["{key}"]' for key in pairs(values)]
        yield Item(FAMILY, path, lmdb([*samples, *told]), named(values, places))
    path = "lite/model.pte"
    values = values_for(seed, path)
    place = "execution_plan[0].values[0].val.string_val"
    yield Item(FAMILY, path, executorch(sentence(values)), at_one_place(values, place))
    path = "boost/model.cbm"
    values = values_for(seed, path)
    yield Item(FAMILY, path, catboost(pairs(values)), named(values, [f'info["{key}"]' for key in pairs(values)]))


def look_alikes(rng: random.Random, ids: Sequence[str]) -> Iterator[Item]:
    """The same with nothing to find."""
    yield Item(FAMILY, "clean/model.pte", executorch("forward " + " ".join(ids)))
    yield Item(FAMILY, "clean/model.cbm", catboost({f"metric {at}": each for at, each in enumerate(ids)}))
    samples = [(b"image-%08d" % at, rng.randbytes(2000)) for at in range(200)]
    labels = [(b"label-%08d" % at, each.encode()) for at, each in enumerate(ids)]
    yield Item(FAMILY, "clean/data.mdb", lmdb([*samples, *labels]))
