"""Formats that are met less often: LMDB."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.corpus.items import Item, chance, named, pairs, values_for

FAMILY = "further"


def lmdb(pairs: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The file of an environment with these keys and values."""
    import lmdb

    with tempfile.TemporaryDirectory() as folder:
        with lmdb.open(folder, map_size=1 << 22, sync=False) as environment, environment.begin(write=True) as writer:
            for key, value in pairs:
                writer.put(key, value)
        return Path(folder, "data.mdb").read_bytes()


def items(seed: int) -> Iterator[Item]:
    """Every format once."""
    path = "train_lmdb/data.mdb"
    values = values_for(seed, path)
    rng = random.Random(chance(seed, path))
    samples = [(b"sample-%05d" % at, rng.randbytes(rng.choice((60, 3000)))) for at in range(200)]
    told = [(key.encode(), value.encode()) for key, value in pairs(values).items()]
    places = [f'main["{key}"]' for key in pairs(values)]
    yield Item(FAMILY, path, lmdb([*samples, *told]), named(values, places))


def look_alikes(rng: random.Random, ids: Sequence[str]) -> Iterator[Item]:
    """The same with nothing to find."""
    samples = [(b"image-%08d" % at, rng.randbytes(2000)) for at in range(200)]
    labels = [(b"label-%08d" % at, each.encode()) for at, each in enumerate(ids)]
    yield Item(FAMILY, "clean/data.mdb", lmdb([*samples, *labels]))
