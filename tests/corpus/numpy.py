"""NumPy arrays of text, in files of their own and in archives of them; written by hand."""

from __future__ import annotations

import pickle
import struct
import zipfile
from collections.abc import Iterator, Sequence

from tests.corpus.items import CARD_ALONE, Item, at_one_place, named, pairs, sentence, values_for
from tests.packed import zipped

FAMILY = "numpy"


def written(descr: str, shape: str, data: bytes, version: int = 1) -> bytes:
    """A `.npy` file; `descr` and `shape` as Python writes them."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    width = "<H" if version == 1 else "<I"
    room = 8 + struct.calcsize(width)
    header += b" " * (-(room + len(header) + 1) % 64) + b"\n"
    return b"\x93NUMPY" + bytes((version, 0)) + struct.pack(width, len(header)) + header + data


def texts(cells: Sequence[str], code: str = "utf-32-le") -> tuple[int, bytes]:
    """The longest of the cells in characters, and all of them at that length."""
    longest = max(map(len, cells))
    return longest, b"".join(cell.ljust(longest, "\0").encode(code) for cell in cells)


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    places = [f"[{1 + at}]" for at in range(5)]
    for path, order, code in (
        ("a/u.npy", "<", "utf-32-le"),
        ("a/big.npy", ">", "utf-32-be"),
        ("a/s.npy", "|", "ascii"),
    ):
        values = values_for(seed, path)
        longest, data = texts(["fine", *values], code)
        letter = "S" if code == "ascii" else "U"
        array = written(f"'{order}{letter}{longest}'", "(6,)", data, 2 if order == ">" else 1)
        yield Item(FAMILY, path, array, named(values, places, card=CARD_ALONE))
    path = "a/sentence.npy"
    values = values_for(seed, path)
    longest, data = texts(["fine", sentence(values)])
    yield Item(FAMILY, path, written(f"'<U{longest}'", "(2,)", data), at_one_place(values, "[1]"))
    for path, method in (("a/stored.npz", zipfile.ZIP_STORED), ("a/packed.npz", zipfile.ZIP_DEFLATED)):
        values = values_for(seed, path)
        longest, data = texts(["fine", *values])
        members = [
            ("w.npy", written("'<f4'", "(16,)", b"\0" * 64)),
            ("labels.npy", written(f"'<U{longest}'", "(6,)", data)),
        ]
        within = [f"labels.npy → {place}" for place in places]
        yield Item(FAMILY, path, zipped(*members, method=method), named(values, within, card=CARD_ALONE))
    path = "a/names.npz"
    values = values_for(seed, path)
    members = [(f"{value}.npy", written("'<f4'", "(16,)", b"\0" * 64)) for value in values]
    within = [f"name of member {at}" for at in range(5)]
    yield Item(FAMILY, path, zipped(*members), named(values, within, card=CARD_ALONE))
    path = "a/objects.npy"
    values = values_for(seed, path)
    array = written("'|O'", "(1,)", pickle.dumps([pairs(values)], 4))
    yield Item(FAMILY, path, array, named(values, [f'objects.pkl → [0]["{key}"]' for key in pairs(values)]))
