"""Zarr: attributes, and chunks of strings, each of which is looked at alone."""

from __future__ import annotations

import gzip
import io
import json
import struct

import h5py
import hdf5plugin
import numpy as np
import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Limits
from modelguard.readers.zarr_looks import looks_like_blosc, looks_like_string_cells
from tests.corpus.archives import packed_by_zstd
from tests.readers.opened import RULES, bears_damage, kind, places, scanned, values

VALUES = values()
TEXTS = [*(f"some words, the {number}. of them" for number in range(30)), VALUES.hub, "a" * 37, VALUES.cloud, "b" * 97]
WIDTH = len(VALUES.hub)


def string_cells(*texts: str) -> bytes:
    """As VLenUTF8 of numcodecs and `vlen-utf8` of Zarr write them."""
    cells = (struct.pack("<I", len(text.encode())) + text.encode() for text in texts)
    return struct.pack("<I", len(texts)) + b"".join(cells)


def blosc(data: bytes, width: int = 1, name: str = "lz4", shuffle: int = 1) -> bytes:
    """A chunk that the real library made, by way of HDF5; elements are of so many bytes."""
    array = np.frombuffer(data, f"V{width}")
    with h5py.File(io.BytesIO(), "w") as file:
        how = dict(hdf5plugin.Blosc(cname=name, clevel=9, shuffle=shuffle))
        dataset = file.create_dataset("x", data=array, chunks=array.shape, **how)
        return bytes(dataset.id.read_direct_chunk((0,))[1])


def fixed(*texts: str, letters: int = WIDTH) -> bytes:
    """As NumPy lays out bytes of one width."""
    return b"".join(text[:letters].encode().ljust(letters, b"\0") for text in texts)


CELLS = string_cells(*TEXTS)


@pytest.mark.parametrize(
    ("data", "before"),
    [
        (CELLS, ""),
        (packed_by_zstd(CELLS), "0 → "),
        (gzip.compress(CELLS), "0 → "),
        *((blosc(CELLS, name=name), "0 → ") for name in ("lz4", "zstd", "zlib", "blosclz")),
        (blosc(CELLS, shuffle=0), "0 → "),
    ],
)
def test_strings_of_any_length(data: bytes, before: str) -> None:
    seen = scanned(data, "data.zarr/text/c/0")
    assert places(seen) == {RULES.hub: f"{before}[30]", RULES.cloud: f"{before}[32]"}
    assert not seen.gaps


@pytest.mark.parametrize("shuffle", [0, 1, 2])
@pytest.mark.parametrize("kind_of_text", ["S", "<U", ">U"])
def test_strings_of_one_width_that_touch(shuffle: int, kind_of_text: str) -> None:
    texts = ["x" * WIDTH, VALUES.hub, "y" * WIDTH, VALUES.cloud, *("z" * WIDTH for _ in range(20))]
    array = np.array(texts, f"{kind_of_text}{WIDTH}")
    seen = scanned(blosc(array.tobytes(), array.itemsize, shuffle=shuffle), "data.zarr/text/0.0")
    assert places(seen) == {RULES.hub: "[1]", RULES.cloud: "[3]"}
    assert not seen.gaps


def test_many_strings_are_told_in_parts() -> None:
    texts = [*(f"{number}" for number in range(60_000)), VALUES.hub]
    seen = scanned(blosc(fixed(*texts), WIDTH), "data.zarr/text/0")
    assert places(seen) == {RULES.hub: "[60000]"}


@pytest.mark.parametrize("name", [".zattrs", ".zarray", ".zmetadata", "zarr.json"])
def test_attributes_are_named(name: str) -> None:
    told = json.dumps({"zarr_format": 2, "attributes": {"notes": ["x", VALUES.hub]}}).encode()
    assert places(scanned(told, f"data.zarr/text/{name}")) == {RULES.hub: "attributes.notes[1]"}


def test_what_is_no_chunk_is_looked_at_as_it_stands() -> None:
    header = b"\2\1\x20\1" + struct.pack("<III", 4096, 4096, 4112)
    short = header + VALUES.hub.encode()
    too_many = struct.pack("<I", 9) + string_cells(VALUES.hub)[4:] + bytes(3)
    for data in (short, short + bytes(5000), too_many):
        seen = scanned(data, "data.zarr/0")
        assert places(seen) == {RULES.hub: None}
        assert not seen.gaps


@pytest.mark.parametrize(
    ("at", "byte"), [(0, 3), (1, 2), (2, 8), (2, 5), (2, 2 << 5), (3, 0), (11, 255), (15, 255), (15, 128)]
)
def test_headers_that_are_none(at: int, byte: int) -> None:
    data = bytearray(blosc(CELLS))
    of_kind = kind(bytes(data), "0")
    assert of_kind is not None and of_kind.reader == "weights.blosc_file"
    data[at] = byte
    of_kind = kind(bytes(data), "0")
    assert of_kind is None or of_kind.reader != "weights.blosc_file"


def test_a_chunk_that_says_it_is_huge_is_a_gap() -> None:
    data = bytearray(blosc(CELLS))
    data[7] = 255
    assert [gap.reason for gap in scanned(bytes(data), "0").gaps] == [GapReason.OVER_BUDGET]


@pytest.mark.parametrize(
    ("data", "is_one"),
    [
        (string_cells("some words"), True),
        (string_cells("", "some words", ""), True),
        (string_cells(*["some words"] * 1000), True),
        (string_cells("x" * 10_000), True),
        (string_cells("é" * 10_000), True),
        (string_cells("words"), False),
        (string_cells(), False),
        (string_cells("some words") + b"\0", False),
        (string_cells("some\0words"), False),
        (string_cells("some words")[:-1], False),
        (struct.pack("<II", 1, 10) + b"\xff" * 10, False),
        (bytes(4096), False),
        (b"", False),
    ],
)
def test_what_looks_like_strings(data: bytes, is_one: bool) -> None:
    assert looks_like_string_cells(data[:4096]) is is_one


@pytest.mark.parametrize("name", ["lz4", "zstd"])
def test_a_chunk_that_is_cut_short_is_a_gap(name: str) -> None:
    for data in (blosc(CELLS, name=name), blosc(fixed(*TEXTS) * 40_000, WIDTH, name=name)):
        seen = scanned(data[:-1], "0")
        assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_a_chunk_that_is_damaged_is_a_gap() -> None:
    data = bytearray(blosc(CELLS))
    data[16:20] = b"\xff" * 4
    assert [gap.reason for gap in scanned(bytes(data), "0").gaps] == [GapReason.MALFORMED]


def test_a_chunk_that_is_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(Budget(held_bytes=1 << 16))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: limits)
    assert [gap.reason for gap in scanned(blosc(bytes(1 << 20)), "0").gaps] == [GapReason.OVER_BUDGET]


def test_damaged_chunks() -> None:
    bears_damage(string_cells(*TEXTS[-6:]), "0")
    bears_damage(blosc(CELLS), "0")
    bears_damage(blosc(fixed(*TEXTS), WIDTH), "0")


@pytest.mark.parametrize("length", range(17))
def test_less_than_a_header_is_no_chunk(length: int) -> None:
    assert not looks_like_blosc((b"\x02\x01" + bytes(15))[:length])
