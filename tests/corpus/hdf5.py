"""HDF5 and Keras: attributes and datasets, as h5py writes them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.corpus.items import CARD_ALONE, Item, at_one_place, named, pairs, sentence, values_for
from tests.packed import zipped

FAMILY = "hdf5"


def written(fill: Callable[[Any], object]) -> bytes:
    """A file that `fill` has filled."""
    import h5py

    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        fill(file)
    return out.getvalue()


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    path = "keras/attributes.h5"
    values = values_for(seed, path)
    config = json.dumps({"class_name": "Sequential", "config": pairs(values)})
    data = written(lambda file: file.attrs.update(model_config=config))
    yield Item(FAMILY, path, data, at_one_place(values, 'attribute "model_config" of /'))
    path = "keras/texts.h5"
    values = values_for(seed, path)
    data = written(lambda file: file.create_dataset("notes", data=["fine", *values]))
    yield Item(FAMILY, path, data, named(values, [f"/notes[{1 + at}]" for at in range(5)], card=CARD_ALONE))
    path = "keras/settings.h5"
    values = values_for(seed, path)
    data = written(lambda file: [file.create_dataset(key, data=value) for key, value in pairs(values).items()])
    yield Item(FAMILY, path, data, named(values, [f"/{key}" for key in pairs(values)]))
    path = "keras/bytes.h5"
    values = values_for(seed, path)
    packed = list((sentence(values) + "\n").encode())
    data = written(lambda file: file.create_dataset("a/blob", data=packed, dtype="u1", compression="gzip", chunks=True))
    yield Item(FAMILY, path, data, at_one_place(values, "/a/blob", 1))
    path = "keras/model.keras"
    values = values_for(seed, path)
    config = json.dumps({"module": "keras", "config": {"name": "m", "layers": ["Dense"] * 30, **pairs(values)}})
    data = zipped(("metadata.json", b"{}"), ("config.json", config.encode()))
    places = [f"config.json → config.{key}" for key in pairs(values)]
    yield Item(FAMILY, path, data, named(values, places, 1))
