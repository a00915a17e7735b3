"""PyTorch: which members of its zip files, and which bytes of its older files, are weights.

Format: `torch/serialization.py`. A pickle names each storage by a persistent id, `('storage', torch.FloatStorage, key,
device, count)`. Of a zip file, the member `data/KEY` beside `data.pkl` has its numbers. An older file is a pickle of a
magic number, of the protocol, of the system, of the object and of the keys in order; then for each of these eight bytes
that say how many numbers there are, and the numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Piece
from modelguard.readers.json_places import quoted
from modelguard.readers.pickles.arrays import Numbers, Weights, looked_at
from modelguard.readers.pickles.machine import Broken, Machine, Paused, Stopped
from modelguard.readers.pickles.nodes import Built, Imported, Literal
from modelguard.readers.pickles.told import Told

MAGIC = 0x1950A86A20F9469CFC6C
"""What the first pickle of an older file makes."""

PICKLES_BEFORE_STORAGES = 5

_REAL = {
    "Float": 4,
    "Double": 8,
    "Half": 2,
    "BFloat16": 2,
    "ComplexFloat": 8,
    "ComplexDouble": 16,
    "ComplexHalf": 4,
    "Float8_e4m3fn": 1,
    "Float8_e5m2": 1,
}
_WHOLE = {"Short": 2, "Int": 4, "Long": 8, "QInt32": 4, "UInt16": 2, "UInt32": 4, "UInt64": 8}
_ITEMS_OF_ID = 5


class Storage(NamedTuple):
    """Numbers of one type: bytes of each, how many, and what they are. Types that are not known are bytes."""

    width: int
    items: int
    is_real: bool
    is_whole: bool


def storages(named: Sequence[Built]) -> dict[str, Storage]:
    """The storages that a pickle names, by their keys."""
    found: dict[str, Storage] = {}
    for each in named:
        match each.items:
            case [Literal(text=b"storage"), Imported() as kind, Literal(text=bytes() as key), _, int() as count, *_]:
                sort = kind.name.rpartition(".")[2].removesuffix("Storage")
                width = _REAL.get(sort) or _WHOLE.get(sort) or 1
                found.setdefault(
                    key.decode("utf-8", "replace"), Storage(width, max(0, count), sort in _REAL, sort in _WHOLE)
                )
    return found


def storages_in(blob: Blob, limits: Limits) -> Mapping[str, Storage]:
    """The storages that the pickle of a zip file names, by their keys; those so far, where it is damaged."""
    told = Told(blob)
    machine = Machine(blob, told, limits)
    at = 0
    try:
        while True:
            at = machine.walk(at)
            told.drop()
    except (Stopped, Paused, Broken):
        return storages(machine.storages)


def behind(
    blob: Blob, at: int, keys: Sequence[Literal], known: Mapping[str, Storage], limits: Limits, weights: Weights
) -> Iterator[Piece]:
    """The storages behind the pickles of an older file, as far as they are where they should be."""
    for key in keys:
        name = (key.text or b"").decode("utf-8", "replace")
        storage = known.get(name)
        if storage is None:
            return
        limits.check_time()
        count = int.from_bytes(blob.read(min(at, blob.size), min(at + 8, blob.size)), "little")
        start = at + 8
        end = start + count * storage.width
        if count != storage.items or end > blob.size:
            raise Malformed("its tensors are not where it says")
        numbers = Numbers(start, end, storage.width, storage.is_real, storage.is_whole)
        yield from looked_at(blob, numbers, f"storage {quoted(name)}", limits, weights)
        at = end


def end_of(blob: Blob, at: int, keys: Sequence[Literal], known: Mapping[str, Storage]) -> int:
    """Where the storages of an older file end."""
    for key in keys:
        storage = known.get((key.text or b"").decode("utf-8", "replace"))
        if storage is None:
            break
        at += 8 + storage.items * storage.width
    return min(at, blob.size)
