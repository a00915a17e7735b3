"""Arrow: streams, files and Feather, compressed or not; offsets that lie; nothing twice."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pytest

from modelguard import pool
from modelguard.model import GapReason
from modelguard.readers.interface import Text
from tests.readers.opened import PASSWORD, RULES, bears_damage, kind, opened, places, scanned, values
from tests.readers.test_parquet import table

VALUES = values()
PLACES = {
    (RULES.cloud, 'row 7, column "messages[].content"'),
    (RULES.forge, 'row 23, column "kind"'),
    (RULES.hub, 'row 18, column "email"'),
}


@pytest.fixture(autouse=True)
def _in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool._Here, "is_worker", True)


def written(data: Any, as_file: bool = False, compression: str | None = None, rows: int = 100) -> bytes:
    out = io.BytesIO()
    new = pa.ipc.new_file if as_file else pa.ipc.new_stream
    with new(out, data.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(data, rows)
    return out.getvalue()


@pytest.mark.parametrize("rows", [100, 7])
@pytest.mark.parametrize("compression", [None, "zstd", "lz4"])
@pytest.mark.parametrize("as_file", [False, True])
def test_cells_are_named_by_row_and_column_and_told_once(as_file: bool, compression: str | None, rows: int) -> None:
    data = table().unify_dictionaries()
    seen = scanned(written(data, as_file, compression, rows), "cache-1234.arrow")
    assert not seen.gaps
    assert {(each.rule, each.place.inner) for each in seen.findings} == PLACES
    assert len(seen.findings) == 4


def test_metadata_of_the_schema_and_of_columns() -> None:
    field = pa.field("a", pa.string(), metadata={"note": VALUES.cloud})
    data = pa.table([["x"]], schema=pa.schema([field], metadata={"huggingface": f'{{"t": "{VALUES.hub}"}}'}))
    for as_file in (False, True):
        assert places(scanned(written(data, as_file), "a.arrow")) == {
            RULES.hub: 'metadata["huggingface"].t',
            RULES.cloud: 'schema, column 1, metadata["note"]',
        }


def test_what_stands_under_a_null_is_told() -> None:
    values_, offsets = (
        pa.py_buffer(VALUES.hub.encode() + b"fine"),
        pa.py_buffer(bytes([0, 0, 0, 0, 37, 0, 0, 0, 41, 0, 0, 0])),
    )
    column = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x02"), offsets, values_])
    assert column.null_count == 1
    assert places(scanned(written(pa.table({"a": column})), "a.arrow")) == {RULES.hub: 'row 1, column "a"'}


def test_values_of_a_dictionary_that_no_row_has() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), pa.array(["a", VALUES.hub]))
    assert places(scanned(written(pa.table({"a": column})), "a.arrow")) == {RULES.hub: 'column "a"'}


def test_views_unions_and_run_lengths() -> None:
    many = {
        "view": pa.array(["x" * 20, VALUES.hub], pa.string_view()),
        "large": pa.array([["a"], [VALUES.cloud]], pa.large_list(pa.large_string())),
        "runs": pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array(["b", VALUES.forge])),
        "fixed": pa.array([[b"ab"], [b"cd"]], pa.list_(pa.binary(2), 1)),
    }
    assert places(scanned(written(pa.table(many)), "a.arrow")) == {
        RULES.hub: 'row 2, column "view"',
        RULES.cloud: 'row 2, column "large[]"',
        RULES.forge: 'column "runs"',
    }


def test_text_in_whole_numbers() -> None:
    text = b" ".join([b"x" * 20, VALUES.hub.encode(), b"y"])
    for of in (pa.uint8(), pa.int32()):
        found = places(scanned(written(pa.table({"n": pa.array(list(text), of)}), compression="zstd"), "a.arrow"))
        assert found == {RULES.hub: 'row 22, column "n"'}


def test_a_stream_that_is_cut_short_tells_what_it_has() -> None:
    data = written(table(), rows=23) + b""
    more = written(pa.table({"a": [VALUES.hub] + ["x" * 1000] * 50}), rows=1)
    seen = scanned(more[: len(more) // 2], "a.arrow")
    assert {each.place.inner for each in seen.findings} == {'row 1, column "a"'}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert not scanned(data, "a.arrow").gaps


def test_offsets_that_lie_are_refused_before_anybody_follows_them() -> None:
    offsets = pa.py_buffer(b"".join(at.to_bytes(4, "little", signed=True) for at in (0, 2_000_000_000, 4)))
    column = pa.Array.from_buffers(pa.binary(), 2, [None, offsets, pa.py_buffer(b"abcd")])
    seen = scanned(written(pa.table({"a": column})), "a.arrow")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    lists = pa.Array.from_buffers(pa.list_(pa.binary()), 2, [None, offsets], children=[pa.array([b"x"] * 4)])
    scanned(written(pa.table({"a": lists})), "a.arrow")


def test_feather() -> None:
    from pyarrow import feather

    out = io.BytesIO()
    feather.write_feather(pa.table({"a": ["x", VALUES.hub]}), out, compression="lz4")
    assert places(scanned(out.getvalue(), "a.feather")) == {RULES.hub: 'row 2, column "a"'}


@pytest.mark.filterwarnings("ignore:Feather V1")
def test_the_first_feather() -> None:
    from pyarrow import feather

    out = io.BytesIO()
    feather.write_feather(pa.table({"a": ["x", VALUES.hub]}), out, version=1)
    assert places(scanned(out.getvalue(), "a.feather")) == {RULES.hub: 'row 2, column "a"'}


def test_other_files_are_none() -> None:
    assert kind(b"\xff" * 4096, "a.bin") is None
    assert kind(b"\xff\xff\xff\xff\x10\x00\x00\x00\x30\x00\x00\x00", "a.arrow") is None


@pytest.mark.parametrize("compression", ["uncompressed", "zstd"])
def test_a_file_whose_footer_alone_has_the_schema(compression: str) -> None:
    """Polars writes no message before the first batch."""
    import polars

    out = io.BytesIO()
    frame = polars.DataFrame({"id": [1, 2, 3], "text": ["a", f"write to {VALUES.hub}", f"{VALUES.forge} x"]})
    frame.write_ipc(out, compression=compression)
    seen = scanned(out.getvalue(), "a.arrow")
    assert places(seen) == {RULES.hub: 'row 2, column "text"', RULES.forge: 'row 3, column "text"'}
    assert not seen.gaps
    bears_damage(out.getvalue(), "a.arrow")


def test_a_name_and_its_value_in_two_columns_stand_beside_each_other() -> None:
    data = written(pa.table({"key": ["a", "password"], "value": ["b", PASSWORD]}))
    assert list(places(scanned(data, "a.arrow")).values()) == ['row 2, column "value"']


def test_each_cell_is_a_text_of_its_own() -> None:
    pieces, _ = opened(written(pa.table({"api_key": ["one", None, "two\nlines"]})), "a.arrow")
    (text,) = [piece for piece in pieces if isinstance(piece, Text) and piece.starts is not None]
    assert text.text == b"api_key: one\napi_key: \napi_key: two\nlines"
    assert list(text.starts or ()) == [0, 13, 23]
    assert [text.name(at) for at in (0, 12, 13, 23, 37)] == [f'row {row}, column "api_key"' for row in (1, 1, 2, 3, 3)]
    pieces, _ = opened(written(pa.table({"key": ["one", None, "two"]})), "a.arrow")
    (text,) = [piece for piece in pieces if isinstance(piece, Text) and piece.starts is not None]
    assert (text.text, list(text.starts or ())) == (b"one\n\ntwo", [0, 4, 5])


def test_damage() -> None:
    bears_damage(written(pa.table({"a": ["x", VALUES.hub]})), "a.arrow")
    bears_damage(written(pa.table({"a": ["x", VALUES.hub]}), True, "lz4"), "a.arrow")
