"""The files in `tests/data/recorded/`, with values in the places of their placeholders."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

from tests.corpus.items import (
    CARD_ALONE,
    Item,
    Values,
    at_one_place,
    in_lines,
    named,
    pairs,
    values_for,
)
from tests.corpus.messages import record
from tests.data.recorded.make import FOLDER, PLACEHOLDERS
from tests.packed import zipped

FAMILY = "real"
_WANDB_HEADER_BYTES, _WANDB_FRAGMENT_HEADER_BYTES = 7, 7

_NAMED: dict[str, Callable[[str], str]] = {
    "checkpoint.pt": lambda key: f'checkpoint/data.pkl → ["args"].{key}',
    "legacy.pt": lambda key: f'["args"].{key}',
    "lightning.ckpt": lambda key: f'lightning/data.pkl → ["hyper_parameters"]["{key}"]',
    "training_args.bin": lambda key: f"training_args/data.pkl → .{key}",
    "checkpoint.msgpack": lambda key: f"settings.{key}",
    "model.ubj": lambda key: f"learner.attributes.{key}",
    "model.mlmodel": lambda key: f'description.metadata.userDefined["{key}"]',
    "model.cbm": lambda key: f'info["{key}"]',
    "model.pdparams": lambda key: f'["settings"]["{key}"]',
    "run-1.wandb": lambda key: f'record 1, run.config.update["{key}"]',
}
"""Files in which each value is at a place with its key."""

_TOGETHER = {
    "saved_model.pb": 'meta_graphs[0].graph_def.library.function[1].node_def["Const"].attr["value"].tensor.string_val[0]',
    "constant.tflite": 'tensor "Identity"[0]',
    "events.out.tfevents": 'record 1 (step 3), tag "args/text_summary"',
    "model.pdmodel": 'blocks[0].ops[0].attrs["op_device"].s',
}
"""Those in which all are in one text."""

_IN_LINES = {"script.pt": "script/extra/settings.env", "model.mar": "settings.env"}
"""Those that hold them as a file of settings."""


def items(seed: int) -> Iterator[Item]:
    """Every file."""
    for name, place in _NAMED.items():
        data, values = _filled(seed, name)
        yield Item(FAMILY, f"real/{name}", data, named(values, [place(key) for key in pairs(values)]))
    for name, inner in _TOGETHER.items():
        data, values = _filled(seed, name)
        yield Item(FAMILY, f"real/{name}", data, at_one_place(values, inner))
    for name, inner in _IN_LINES.items():
        data, values = _filled(seed, name)
        yield Item(FAMILY, f"real/{name}", data, in_lines(values, inner))
    data, values = _filled(seed, "lightgbm.txt")
    line = data.count(b"\n", 0, data.index(b"pandas_categorical")) + 1
    yield Item(FAMILY, "real/lightgbm.txt", data, at_one_place(values, None, line, CARD_ALONE))
    data, values = _filled(seed, "model.pte")
    places = [f"execution_plan[{1 + at}].values[0].val.string_val" for at in range(5)]
    yield Item(FAMILY, "real/model.pte", data, named(values, places, card=CARD_ALONE))
    data, values = _filled(seed, "variables.data-00000-of-00001")
    places = [f"strings at byte 19[{2 + at}]" for at in range(5)]
    plants = named(values, places, card=CARD_ALONE)
    yield Item(FAMILY, "real/variables.data-00000-of-00001", data, plants)
    data, values = _filled(seed, "lookup.keras")
    places = [f"config.json → config.layers[1].config.vocabulary[{at}]" for at in range(5)]
    plants = named(values, places, 1)[:4]  # of numbers beside each other none is told, and addresses of memory are here
    yield Item(FAMILY, "real/lookup.keras", data, plants)


def look_alikes() -> Iterator[Item]:
    """The files as they are kept."""
    for path in sorted(FOLDER.iterdir()):
        if path.suffix != ".py" and path.is_file():
            yield Item(FAMILY, f"clean/recorded/{path.name}", path.read_bytes())


def _filled(seed: int, name: str) -> tuple[bytes, Values]:
    """A file with the values for it, packed and with checksums as it must have them, and these values."""
    values = values_for(seed, f"real/{name}")
    data = (FOLDER / name).read_bytes()
    if name.endswith(".mar"):
        with ZipFile(io.BytesIO(data)) as archive:
            members = [(each, _replaced(archive.read(each), values)) for each in archive.namelist()]
        return zipped(*members), values
    data = _replaced(data, values)
    summed = _SUMMED.get(Path(name).suffix)
    return data if summed is None else summed(data), values


def _replaced(data: bytes, values: Values) -> bytes:
    for placeholder, value in zip(PLACEHOLDERS.values(), values, strict=True):
        data = data.replace(placeholder.encode(), value.encode())
    return data


def _events(data: bytes) -> bytes:
    """The same records with checksums of what is in them now."""
    out, at = b"", 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 8], "little")
        out += record(data[at + 12 : at + 12 + size])
        at += 16 + size
    return out


def _wandb(data: bytes) -> bytes:
    """The same of records of W&B, none of which is cut in fragments."""
    out, at = data[:_WANDB_HEADER_BYTES], _WANDB_HEADER_BYTES
    while at < len(data):
        end = at + _WANDB_FRAGMENT_HEADER_BYTES + int.from_bytes(data[at + 4 : at + 6], "little")
        told = data[at + 6 : end]  # its kind, and what is in it
        out += zlib.crc32(told).to_bytes(4, "little") + data[at + 4 : at + 6] + told
        at = end
    return out


_SUMMED: dict[str, Callable[[bytes], bytes]] = {".tfevents": _events, ".wandb": _wandb}
