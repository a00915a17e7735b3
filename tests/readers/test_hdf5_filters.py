"""Filters of HDF5 datasets, undone: what HDF5 and hdf5plugin write comes out as it was, or is a gap that says so."""

from __future__ import annotations

import contextlib
import io
import random
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Malformed
from modelguard.readers.weights import hdf5_filters
from modelguard.readers.weights.hdf5_filters import Filter, undone
from tests.readers.opened import RULES, bears_damage, places, scanned, values

VALUES = values()
HUB = VALUES.hub.encode()
LINES = np.frombuffer(b"".join(b"line %d\n" % n for n in range(900)) + HUB + b"\n" + b"end of it\n" * 300, "u1")
ROWS = np.array([b"x", b"y"] * 200 + [HUB])
FILTERS: dict[str, dict[str, Any]] = {
    "zstd": dict(hdf5plugin.Zstd()),
    "lz4": dict(hdf5plugin.LZ4()),
    "lz4, small blocks": dict(hdf5plugin.LZ4(nbytes=256)),
    "bzip2": dict(hdf5plugin.BZip2()),
    "bitshuffle": dict(hdf5plugin.Bitshuffle(cname="none")),
    "bitshuffle, lz4": dict(hdf5plugin.Bitshuffle()),
    "bitshuffle, zstd": dict(hdf5plugin.Bitshuffle(cname="zstd")),
    "bitshuffle, blocks": dict(hdf5plugin.Bitshuffle(nelems=64)),
    **{
        f"blosc, {name}, {shuffle}": dict(hdf5plugin.Blosc(cname=name, clevel=9, shuffle=shuffle))
        for name in ("blosclz", "lz4", "lz4hc", "zlib", "zstd")
        for shuffle in range(3)
    },
    "checksum": {"fletcher32": True, "shuffle": True},
    "lzf": {"compression": "lzf", "shuffle": True},
}


def written(data: Any, **how: Any) -> bytes:
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file.create_dataset("notes", data=data, **how)
    return out.getvalue()


@pytest.mark.parametrize("name", FILTERS)
def test_what_is_packed_is_told(name: str) -> None:
    seen = scanned(written(LINES, chunks=(5000,), **FILTERS[name]), "a.h5")
    assert places(seen) == {RULES.hub: "/notes"}
    assert not seen.gaps
    seen = scanned(written(ROWS, chunks=(64,), **FILTERS[name]), "a.h5")
    assert places(seen) == {RULES.hub: "/notes[400]"}
    assert not seen.gaps


def undo(data: bytes) -> tuple[bytes, bytes]:
    """The first chunk of a dataset as it was, and what we make of it."""
    with h5py.File(io.BytesIO(data), "r") as file:
        notes = file["notes"]
        made = notes.id.get_create_plist()
        filters = [Filter(made.get_filter(n)[0], made.get_filter(n)[2]) for n in range(made.get_nfilters())]
        mask, chunk = notes.id.read_direct_chunk((0,))
        plain = notes[:].tobytes()
    for number, each in reversed(list(enumerate(filters))):
        if not mask >> number & 1:
            hdf5_filters.check(each)
            chunk = undone(each, chunk, len(plain) + 4)
    return plain, chunk


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("kind", ["u1", "i2", "i4", ">i8", "S7", "S300"])
def test_it_comes_out_as_it_was(name: str, kind: str) -> None:
    chance = random.Random(f"{name}{kind}")
    for length in (1, 7, 8, 100, 1003, 20_000):
        width = np.dtype(kind).itemsize
        words = [chance.randbytes(6), b"abc", b"\0" * 9, b"a longer one that comes again"]
        parts = b"".join(chance.choices(words, k=length * width // 3 + 1))
        data = np.frombuffer(parts[: length * width].ljust(length * width, b"."), kind)
        plain, ours = undo(written(data, chunks=(length,), **FILTERS[name]))
        assert ours == plain, length


@pytest.mark.parametrize("kind", ["u1", "i2", ">i4", "i8"])
@pytest.mark.parametrize("spread", [0, 1, 5, 120])
def test_scaled_numbers(kind: str, spread: int) -> None:
    chance = random.Random(spread)
    data = np.array([chance.randint(1, 1 + spread) for _ in range(20_001)], dtype=kind)
    plain, ours = undo(written(data, chunks=(20_001,), scaleoffset=0))
    assert ours == plain
    seen = scanned(written(LINES, chunks=(len(LINES),), scaleoffset=0), "a.h5")
    assert places(seen) == {RULES.hub: "/notes"}


@pytest.mark.parametrize("how", [dict(hdf5plugin.Blosc2()), {"compression": "szip"}], ids=["blosc2", "szip"])
def test_what_cannot_be_undone_is_a_gap_that_says_what_to_do(how: dict[str, Any]) -> None:
    seen = scanned(written(LINES, chunks=(5000,), **how), "a.h5")
    (gap,) = seen.gaps
    assert (gap.reason, gap.inner) == (GapReason.UNREADABLE, "/notes")
    assert "h5repack" in gap.detail


def test_without_lz4_it_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lz4.block", None)
    (gap,) = scanned(written(LINES, chunks=(5000,), **FILTERS["lz4"]), "a.h5").gaps
    assert gap.reason is GapReason.MISSING_EXTRA
    assert "artifacts" in gap.detail


BOMBS = {
    "zstd": dict(hdf5plugin.Zstd()),
    "bzip2": dict(hdf5plugin.BZip2()),
    "lz4": dict(hdf5plugin.LZ4(nbytes=1 << 30)),
    "bitshuffle": dict(hdf5plugin.Bitshuffle()),
    "blosc": dict(hdf5plugin.Blosc()),
    "blosc, blosclz": dict(hdf5plugin.Blosc(cname="blosclz")),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_more_comes_out_than_a_dataset_holds(name: str) -> None:
    data = written(np.zeros(4 << 20, "u1"), chunks=(4 << 20,), **BOMBS[name])
    with h5py.File(io.BytesIO(data), "r") as file:
        made = file["notes"].id.get_create_plist()
        _, chunk = file["notes"].id.read_direct_chunk((0,))
        applied = Filter(made.get_filter(0)[0], made.get_filter(0)[2])
    with pytest.raises(Malformed):
        undone(applied, chunk, 1000)


@pytest.mark.parametrize("name", ["lz4", "bitshuffle, lz4", "blosc, blosclz, 1"])
def test_damage(name: str) -> None:
    rows = ROWS[-24:]
    bears_damage(written(rows, chunks=(len(rows),), **FILTERS[name]), "a.h5")


@pytest.mark.parametrize("name", FILTERS)
def test_damaged_chunks_are_told_as_such(name: str) -> None:
    chance = random.Random(name)
    number = {"zstd": 32015, "lz4": 32004, "bzip2": 307, "lzf": 32000}.get(name.partition(",")[0], 0)
    number = number or (32001 if "blosc" in name else 32008)
    for _ in range(300):
        said = (0, 3, 4, 0, chance.choice((0, 2, 3)))
        chunk = bytes([2, 1, chance.randrange(256), chance.choice((0, 1, 4, 255))]) + chance.randbytes(
            chance.randrange(60)
        )
        with contextlib.suppress(Malformed):
            assert len(undone(Filter(number, said), chunk, 5000)) <= 5000
