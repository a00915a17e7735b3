"""Arrow in pickles: each string of a column alone, by its row and column, and no neighbour hides it."""

from __future__ import annotations

import pickle
import random
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Text
from tests.readers.opened import PASSWORD, RULES, bears_damage, opened, places, scanned, values

VALUES = values()
BEFORE, BEHIND = "zz9", "x9"
TOKENS = [BEFORE, VALUES.hub, BEHIND]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def frame() -> Any:
    kind = pd.StringDtype("pyarrow")
    data = {
        "user": pd.array(["ann", "bob", None], dtype=kind),
        "n": [1, 2, 3],
        "token": pd.array(TOKENS, dtype=kind),
        "password": pd.array(["none", "no", PASSWORD], dtype=kind),
    }
    made = pd.DataFrame(data)
    made.columns = pd.Index(list(data), dtype=kind)
    return made


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_frame_of_pandas(protocol: int) -> None:
    seen = scanned(pickle.dumps(frame(), protocol), "a.pkl")
    assert not seen.gaps
    found = {finding.place.inner for finding in seen.findings}
    assert found == {'row 2, column "token"', 'row 3, column "password"'}


def test_columns_whose_names_are_objects() -> None:
    made = frame()
    made.columns = pd.Index(list(made.columns), dtype=object)
    assert places(scanned(pickle.dumps(made[["token", "n"]]), "a.pkl")) == {RULES.hub: 'row 2, column "token"'}


def test_a_series_and_an_index() -> None:
    assert places(scanned(pickle.dumps(frame()["token"]), "a.pkl")) == {RULES.hub: 'row 2, column "token"'}
    index = pd.Index(TOKENS, dtype=pd.StringDtype("pyarrow"))
    assert places(scanned(pickle.dumps({"ids": index}), "a.pkl")) == {RULES.hub: '["ids"](1)["data"]._pa_array[1]'}


def test_a_category_has_no_row() -> None:
    made = pickle.dumps(frame()[["user", "token"]].astype({"token": "category"}))
    assert places(scanned(made, "a.pkl")) == {RULES.hub: 'column "token"'}


ARRAYS: dict[str, tuple[Any, str]] = {
    "table": (pa.table({"user": ["a", "b", "c"], "note": TOKENS}), 'row 2, column "note"'),
    "batch": (pa.record_batch({"note": TOKENS}), 'row 2, column "note"'),
    "chunks": (pa.table({"note": pa.chunked_array([["a", "b"], TOKENS])}), 'row 4, column "note"'),
    "large": (pa.array(TOKENS, pa.large_string()), "array[1]"),
    "bytes": (pa.array([each.encode() for each in TOKENS]), "array[1]"),
    "a part": (pa.array(["one", *TOKENS]).slice(1), "array[1]"),
    "lists": (pa.table({"note": [["a"], TOKENS]}), 'column "note[]"'),
    "fields": (pa.array([{"k": each} for each in TOKENS]), "array[1]"),
    "dictionary": (pa.array(TOKENS).dictionary_encode(), "array[1]"),
}


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_arrays(name: str, protocol: int) -> None:
    made, place = ARRAYS[name]
    seen = scanned(pickle.dumps(made, protocol), "a.pkl")
    assert not seen.gaps
    assert places(seen) == {RULES.hub: place}


def test_views() -> None:
    glued = [BEFORE, VALUES.hub, "short", VALUES.forge, "y" * 20]
    made = pa.array(glued, pa.string_view())
    assert places(scanned(pickle.dumps(made), "a.pkl")) == {RULES.hub: "array[1]", RULES.forge: "array[3]"}


def test_what_is_not_shown_of_an_array_is_told() -> None:
    made = pa.array([BEFORE, VALUES.hub, BEHIND, "last"])
    (data,) = made.__reduce__()[1]
    hidden = (data[0], 1, 0, 3, *data[4:])
    assert places(scanned(pickle.dumps(_Restored(hidden)), "a.pkl")) == {RULES.hub: "array[-2]"}


class _Restored:
    def __init__(self, data: tuple[Any, ...]) -> None:
        self._data = data

    def __reduce__(self) -> tuple[Any, ...]:
        return pa.lib._restore_array, (self._data,)


@pytest.mark.parametrize("offsets", [[0, 40, 3, 42], [0, 3, 40, 400], [-3, 0, 40, 42], [9, 9]])
def test_offsets_that_lie_are_a_gap_and_hide_nothing(offsets: list[int]) -> None:
    text = f"zz9 {VALUES.hub} x9".encode()
    where = pa.py_buffer(pa.array(offsets, pa.int32()).buffers()[1])
    data = (pa.string(), 3, 0, 0, [None, where, pa.py_buffer(text)], [], None)
    seen = scanned(pickle.dumps(_Restored(data)), "a.pkl")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert [finding.rule for finding in seen.findings] == [RULES.hub]


def test_what_no_offset_tells_of_is_looked_at() -> None:
    where = pa.array([0, 3], pa.int32()).buffers()[1]
    data = (pa.string(), 1, 0, 0, [None, where, pa.py_buffer(f"zz9 {VALUES.hub} x9".encode())], [], None)
    for protocol in PROTOCOLS:
        seen = scanned(pickle.dumps(_Restored(data), protocol), "a.pkl")
        assert [finding.rule for finding in seen.findings] == [RULES.hub], protocol


def test_a_buffer_of_no_array_is_looked_at() -> None:
    text = f"zz9 {VALUES.hub} x9".encode()
    seen = scanned(pickle.dumps({"raw": pa.py_buffer(text)}), "a.pkl")
    assert [finding.rule for finding in seen.findings] == [RULES.hub]


def test_large_columns() -> None:
    chance = random.Random(4)
    words = ["".join(chance.choices("abcdefghij", k=60)) for _ in range(100_000)]
    words[70_000] = VALUES.hub
    words[-1] = VALUES.forge
    made = frame()[["n"]].reindex(range(len(words)))
    made["text"] = pd.array(words, dtype=pd.StringDtype("pyarrow"))
    made["token"] = pd.array(["x9"] * len(words), dtype=pd.StringDtype("pyarrow"))
    data = pickle.dumps(made)
    assert places(scanned(data, "a.pkl")) == {
        RULES.hub: 'row 70001, column "text"',
        RULES.forge: 'row 100000, column "text"',
    }
    told = [piece for piece in opened(data, "a.pkl")[0] if isinstance(piece, Text)]
    assert max(len(piece.text) for piece in told) < 4 << 20


def test_damage() -> None:
    bears_damage(pickle.dumps(frame()[["token", "password"]]), "a.pkl")
