"""All families of the corpus, by name: `python -m tests.corpus.make FOLDER [SEED]` writes it to look at."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

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
    real,
    runs,
    safetensors,
    tables,
    texts,
    tokenizers,
)
from tests.corpus.items import Item

FAMILIES: Mapping[str, Callable[[int], Iterator[Item]]] = {
    texts.FAMILY: texts.items,
    archives.FAMILY: archives.items,
    safetensors.FAMILY: safetensors.items,
    safetensors.CODE_POINTS: safetensors.code_points,
    gguf.FAMILY: gguf.items,
    numpy.FAMILY: numpy.items,
    hdf5.FAMILY: hdf5.items,
    pickles.FAMILY: pickles.items,
    messages.FAMILY: messages.items,
    tokenizers.FAMILY: tokenizers.items,
    notebooks.FAMILY: notebooks.items,
    documents.FAMILY: documents.items,
    tables.FAMILY: tables.items,
    runs.FAMILY: runs.items,
    others.FAMILY: others.items,
    real.FAMILY: real.items,
    further.FAMILY: further.items,
}
"""Each makes its files for a seed."""


def corpus(seed: int, families: Sequence[str] = tuple(FAMILIES)) -> Iterator[Item]:
    """The files of these families."""
    for family in families:
        yield from FAMILIES[family](seed)


def write(folder: Path, seed: int, families: Sequence[str] = tuple(FAMILIES)) -> list[Item]:
    """Write the files below `planted/` of a folder, the look-alikes below `clean/`, and a list of what is where."""
    from tests.corpus.clean import clean

    made = list(corpus(seed, families))
    for part, listed in (("planted", made), ("clean", [each for each in clean(seed) if each.family in families])):
        for item in listed:
            path = folder / part / item.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.data)
    told = [{"path": item.path, "plants": [plant._asdict() for plant in item.plants]} for item in made]
    (folder / "planted.json").write_text(json.dumps({"seed": seed, "items": told}, indent=1))
    return made


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
