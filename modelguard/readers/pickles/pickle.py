"""Pickles of protocols 0 to 5, several on end, with arrays and storages between and behind them. Walked, never loaded.

Opcodes: CPython's `Lib/pickletools.py`. What joblib and PyTorch write around pickles: `arrays.py`, `torch.py`.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed, Piece
from modelguard.readers.kinds import HEAD_BYTES
from modelguard.readers.pickles.arrays import Weights, after_wrapper, dtype_of, looked_at
from modelguard.readers.pickles.machine import Broken, Machine, Paused, Stopped, put
from modelguard.readers.pickles.nodes import Built, Literal
from modelguard.readers.pickles.starts import opens
from modelguard.readers.pickles.told import Told
from modelguard.readers.pickles.torch import MAGIC, PICKLES_BEFORE_STORAGES, behind, end_of, storages

_START = re.compile(rb"\x80[\x02-\x05]")
_STEP = 1024 * 1024
_MOST_STARTS = 100_000
_DEEPEST = 50


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The strings of all pickles in a blob, each with its key, and what they import. See `Reader`."""
    told, weights = Told(blob), Weights()
    broken: Broken | None = None
    made: list[Machine] = []
    at: int | None = 0
    while at is not None and at < blob.size:
        try:
            machine, at = yield from _walked(blob, told, limits, weights, at)
            made.append(machine)
            yield from told.arrays.pieces(limits)
            keys = _keys(made, told)
            if keys or told.is_full():
                yield from told.pieces()
            if keys:
                known = storages(made[3].storages)
                yield from behind(blob, at, keys, known, limits, weights)
                at = end_of(blob, at, keys, known)
            made = made[:PICKLES_BEFORE_STORAGES]
        except Broken as error:
            broken = broken or error
            yield from told.arrays.pieces(limits)
            yield from told.pieces()
            at = error.at + 1
        at = _next(blob, at, limits)
    yield from told.pieces()
    yield from weights.pieces()
    if broken is not None:
        raise Malformed(broken.why)


def _walked(
    blob: Blob, told: Told, limits: Limits, weights: Weights, at: int
) -> Generator[Piece, None, tuple[Machine, int]]:
    """One pickle, with those in the arrays of objects that joblib writes between its opcodes."""
    machines = [Machine(blob, told, limits)]
    arrays: list[Built] = []
    since = at
    while True:
        machine = machines[-1]
        try:
            at = machine.walk(at)
        except Broken as error:
            told.doubt(since, error.at)
            raise
        except Stopped as stopped:
            at = stopped.at
            machines.pop()
            if not machines:
                told.cover(since, at)
                return machine, at
            if isinstance(machine.result, Built):
                machine.result.root = False
                put(machine.result, arrays.pop(), None)
        except Paused as paused:
            told.cover(since, paused.at)
            kept = paused.made.kept or {}
            if dtype_of(kept.get(b"dtype")).startswith(b"O"):
                at = since = paused.at
                arrays.append(paused.made)
                machines.append(Machine(blob, told, limits, len(machines)))
                if len(machines) > _DEEPEST:
                    raise Broken(at, "it holds arrays in arrays without end") from None
                continue
            numbers = after_wrapper(blob, paused.at, paused.made)
            if numbers is None:
                raise Broken(paused.at, "an array in it has no size") from None
            yield from looked_at(blob, numbers, "array", limits, weights)
            at = since = numbers.end
        if told.is_full():
            told.cover(since, at)
            since = at
            yield from told.pieces()


def _keys(made: Sequence[Machine], told: Told) -> list[Literal]:
    """Of PyTorch's older files, the keys of the storages that follow what was read so far."""
    if len(made) != PICKLES_BEFORE_STORAGES or made[0].result != MAGIC:
        return []
    listed = made[-1].result
    return [literal for literal in told.literals if literal.parent is listed]


def _next(blob: Blob, at: int, limits: Limits) -> int | None:
    """Where the next pickle begins, at this byte or behind it; None where there is none."""
    if opens(blob.read(min(at, blob.size), min(blob.size, at + HEAD_BYTES)), blob.size - at):
        return at
    tried = 0
    while at < blob.size:
        limits.check_time()
        data = blob.read(at, min(blob.size, at + _STEP))
        for start in _START.finditer(data):
            tried += 1
            begin = start.start()
            if opens(data[begin : begin + HEAD_BYTES], blob.size - at - begin):
                return at + begin
            if tried > _MOST_STARTS:
                return None
        at += max(1, len(data) - 1) if len(data) == _STEP else len(data)
    return None
