"""Parquet: cells by row and column, whatever compresses them; metadata; nothing twice; damage and bombs."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modelguard import pool, scan
from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Covered, Limits, Member, Text
from modelguard.readers.tables import parquet, parquet_footer
from modelguard.readers.tables.parquet_footer import Footer
from modelguard.readers.tables.parquet_groups import Group
from modelguard.readers.tables.parquet_pages import Pages
from modelguard.readers.tables.thrift import STRUCT, Compact
from tests.packed import zipped
from tests.readers.opened import PASSWORD, RULES, PathBlob, bears_damage, kind, opened, places, scanned, values

VALUES = values()


@pytest.fixture(autouse=True)
def _in_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool._Here, "is_worker", True)


def written(table: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def table(rows: int = 23) -> Any:
    """A value of each kind: in a plain column, in one that is nested, and in one of categories."""
    return pa.table(
        {
            "id": list(range(rows)),
            "email": [VALUES.hub if row == 17 else f"a{row}" for row in range(rows)],
            "messages": [
                [{"role": "user", "content": VALUES.cloud if row == 6 else "hello"}] * 2 for row in range(rows)
            ],
            "kind": pa.array([VALUES.forge if row == rows - 1 else "k" for row in range(rows)]).dictionary_encode(),
            "nothing": pa.array([None] * rows, pa.string()),
        }
    )


def where(data: bytes, path: str = "train.parquet") -> set[tuple[str, str | None]]:
    seen = scanned(data, path)
    assert not seen.gaps
    return {(each.rule, each.place.inner) for each in seen.findings}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "none"},
        {"compression": "zstd", "use_dictionary": False},
        {"compression": "gzip", "data_page_version": "2.0"},
        {"write_page_index": True, "row_group_size": 7},
        {"store_schema": False, "row_group_size": 9},
        {"use_dictionary": False, "data_page_size": 64},
    ],
)
def test_cells_are_named_by_row_and_column_and_told_once(options: dict[str, Any]) -> None:
    seen = scanned(written(table(), **options), "data/train-00000-of-00001.parquet")
    assert not seen.gaps
    found = sorted({(each.rule, each.place.inner) for each in seen.findings})
    assert found == [
        (RULES.cloud, 'row 7, column "messages[].content"'),
        (RULES.forge, 'row 23, column "kind"'),
        (RULES.hub, 'row 18, column "email"'),
    ]
    assert len(seen.findings) == 4, "the message stands there twice"


def test_each_row_of_a_dictionary_that_has_a_value_for_the_first_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_MOST_ROWS", 10)
    cells = ["same"] * 25 + [VALUES.hub] * 25
    assert where(written(pa.table({"text": cells}))) == {(RULES.hub, 'row 26, column "text"')}


def test_metadata_is_told_once_although_the_schema_repeats_it() -> None:
    plain = pa.table({"a": ["x"]})
    note = json.dumps({"info": {"source": [VALUES.hub]}})
    data = written(plain.replace_schema_metadata({"huggingface": note, "author": f"token={VALUES.cloud}"}))
    assert where(data) == {
        (RULES.hub, 'metadata["huggingface"].info.source[0]'),
        (RULES.cloud, 'metadata["author"]'),
    }


def test_names_of_columns_are_text() -> None:
    assert where(written(pa.table({VALUES.hub: ["x"]}))) == {(RULES.hub, "schema, element 1")}


def test_key_and_value_of_a_map_stand_beside_each_other() -> None:
    column = pa.array([[("db_password", "x")], [("note", "y")]], pa.map_(pa.string(), pa.string()))
    pieces, gaps = opened(written(pa.table({"m": column})), "a.parquet")
    texts = [piece.text for piece in pieces if isinstance(piece, Text)]
    assert b"db_password: x\nnote: y" in texts
    assert not gaps


@pytest.mark.parametrize("is_dictionary", [True, False])
def test_a_name_and_its_value_in_two_columns_stand_beside_each_other(is_dictionary: bool) -> None:
    data = written(pa.table({"key": ["a", "password"], "value": ["b", PASSWORD]}), use_dictionary=is_dictionary)
    assert list(places(scanned(data, "a.parquet")).values()) == ['row 2, column "value"']


def test_numbers_beside_names_are_left_alone() -> None:
    from decimal import Decimal

    data = written(pa.table({"key": ["a"], "value": [Decimal("12345678901234567890.5")]}))
    seen = scanned(data, "a.parquet")
    assert not seen.findings
    assert not seen.gaps


def test_what_is_said_of_a_chunk_behind_it_is_not_told_again() -> None:
    """Polars writes the metadata of a chunk there, too, with the bounds of its values cut off."""
    import polars

    out = io.BytesIO()
    text = f"key={VALUES.cloud} and more of it, up to {'x' * 90}"
    polars.DataFrame({"text": ["a", text]}).write_parquet(out)
    assert out.getvalue().count(VALUES.cloud.encode()) > 1
    assert places(scanned(out.getvalue(), "a.parquet")) == {RULES.cloud: 'row 2, column "text"'}


def test_files_in_cells_are_opened() -> None:
    packed = zipped(("a.env", f"KEY={VALUES.hub}\n".encode() * 2))
    column = pa.array([{"bytes": b"\xffplain" * 20, "path": "a"}, {"bytes": packed, "path": "b"}])
    seen = scanned(written(pa.table({"file": column})), "a.parquet")
    assert [each.place.inner for each in seen.findings] == ['row 2, column "file.bytes"!a.env'] * 2


def test_a_long_cell_is_opened_by_itself() -> None:
    long = "word " * 1_000_000
    pieces, gaps = opened(written(pa.table({"text": ["a", long, "b"]})), "a.parquet")
    assert [piece.blob.way for piece in pieces if isinstance(piece, Member)] == ['row 2, column "text"']
    assert not gaps


def test_numbers_are_told_only_beside_a_name_that_says_what_they_are() -> None:
    numbers = pa.table({"n": [4915112345678], "phone": [4915112345678], "card_number": [None]})
    pieces, _ = opened(written(numbers), "a.parquet")
    texts = [piece.text for piece in pieces if isinstance(piece, Text)]
    assert b"phone: 4915112345678" in texts
    assert not [text for text in texts if text.startswith(b"n: ")]


def test_no_cell_is_looked_at_before_something_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("modelguard.readers.tables.cells.place", lambda *told: asked.append("asked") or "x")
    assert not scanned(written(pa.table({"text": ["plain words"] * 1000})), "a.parquet").findings
    assert not asked
    assert scanned(written(pa.table({"text": ["plain"] * 10 + [VALUES.hub]})), "a.parquet").findings
    assert asked


def test_everything_in_its_pages_is_covered() -> None:
    data = written(table(), write_page_index=True)
    of_kind = kind(data, "x")
    assert of_kind is not None
    from modelguard.opening import Opened

    work = Opened(PathBlob(data, "x"), of_kind, Limits(Budget()))
    list(work.pieces())
    left = [data[start:end] for start, end in work.uncovered(len(data))]
    assert not [text for text in left if VALUES.hub.encode()[:12] in text or VALUES.cloud.encode() in text]


def test_a_column_that_is_more_than_its_pages_is_not_covered() -> None:
    """A footer may say that a column has more bytes than its pages, or fewer."""
    data = written(pa.table({"a": ["x" * 100] * 50}), compression="none", use_dictionary=False)
    at = data.rindex(b"PAR1") - 4
    footer = at - int.from_bytes(data[at : at + 4], "little")
    hidden = b"\n" + VALUES.hub.encode() + b"\n"
    data = data[:footer] + hidden + data[footer:]
    assert where(data) == {(RULES.hub, None)}
    limits, blob = Limits(Budget()), PathBlob(data, "a")
    footer = Footer(blob, limits)
    assert list(footer.pieces())
    groups = footer.groups.some(0, 1)
    said = Pages(blob, limits, footer, groups)
    (chunk,) = groups[0].chunks
    start, end = chunk.span
    for last, is_covered in ((end, True), (end + len(hidden), False), (end - 1, False), (start, False)):
        pieces = said.pages(chunk._replace(span=(start, last)))
        assert (Covered(start, last) in list(pieces)) is is_covered


def test_lying_footers_are_gaps_and_the_rest_is_looked_at() -> None:
    data = VALUES.hub.encode()
    seen = scanned(b"PAR1 " + data + b" \xff\xff\xff\x7fPAR1", "a.parquet")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}
    seen = scanned(b"PARE " + data + b" PARE", "a.parquet")
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNREADABLE]


def test_thrift_that_counts_more_than_there_is() -> None:
    for data in (b"\x19\xfc\xff\xff\xff\xff\x0f", b"\x18\xff\xff\xff\xff\x0f", b"\x1c" * 100, b"\x1b\xff\xff\x03\x88"):
        with pytest.raises(Exception, match=r"longer|deep|early"):
            Compact(data).value(STRUCT)


def test_what_says_the_same_a_million_times_is_no_bomb() -> None:
    long = "an instruction " * 500
    data = written(pa.table({"system": [long] * 200_000 + [VALUES.hub]}))
    assert len(data) < 200_000
    assert where(data) == {(RULES.hub, 'row 200001, column "system"')}


def test_without_the_library_it_is_a_gap_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    seen = scanned(written(table().replace_schema_metadata({"a": VALUES.hub}), compression="none"), "a.parquet")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MISSING_EXTRA]
    assert "pip install" in seen.gaps[0].detail
    assert (RULES.hub, 'metadata["a"]') in {(each.rule, each.place.inner) for each in seen.findings}


def test_damage() -> None:
    bears_damage(written(pa.table({"email": ["a", VALUES.hub], "n": [1, 2]}), compression="none"), "a.parquet")


def died(*told: object) -> Iterator[object]:
    os._exit(3)
    yield


def test_a_file_that_kills_its_process_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small scan is done without workers, but for such files."""
    monkeypatch.setattr(pool._Here, "is_worker", False)
    monkeypatch.setattr(parquet, "read", died)
    data = written(pa.table({"a": [VALUES.hub]}), compression="none", use_dictionary=False)
    (tmp_path / "a.parquet").write_bytes(data)
    (tmp_path / "b.env").write_text(f"KEY={VALUES.cloud}\n")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("x.parquet", data)
    result = scan(str(tmp_path), history=False)
    crashed = sorted(gap.path.rpartition("/")[2] for gap in result.gaps if gap.reason is GapReason.CRASHED)
    assert crashed == ["a.parquet", "c.zip"]
    found = {(each.origin.path.rpartition("/")[2], each.rule) for each in result.findings}
    assert {("b.env", RULES.cloud), ("a.parquet", RULES.hub)} <= found, "also as bytes"


def test_a_small_scan_opens_it_in_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool._Here, "is_worker", False)
    (tmp_path / "a.parquet").write_bytes(written(pa.table({"a": ["x", VALUES.hub]})))
    result = scan(str(tmp_path), history=False)
    assert not result.gaps
    assert [each.place.inner for each in result.findings] == ['row 2, column "a"']


_LIST_OF_NUMBERS = b"\x09\xe4\x03\xf5" + bytes((len(VALUES.hub),))
"""The beginning of field 242: so many numbers, one a byte."""


@pytest.mark.parametrize("before", [_LIST_OF_NUMBERS, b"\0"], ids=["numbers", "behind its last field"])
def test_what_a_footer_holds_besides_its_texts_is_looked_at(before: bytes) -> None:
    data = written(table(2))
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    footer = data[start:-9] + before + VALUES.hub.encode() + b"\0"
    assert (RULES.hub, "footer") in where(data[:start] + footer + len(footer).to_bytes(4, "little") + b"PAR1")


def test_where_things_begin_is_asked_of_the_footer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for each column of each row group, 12,000 of these took more than the time that a file has."""
    asked = []
    begins = Group.beginnings
    monkeypatch.setattr(Group, "beginnings", lambda group: asked.append(group) or begins(group))
    out = io.BytesIO()
    pq.write_table(pa.table({f"c{number}": ["fine"] * 8 for number in range(6)}), out, row_group_size=2)
    seen = scanned(out.getvalue(), "a.parquet")
    assert not seen.gaps
    assert len(asked) <= 4 + 2


def where_all(seen: Any) -> set[tuple[str, str | None]]:
    return {(finding.rule, finding.place.inner) for finding in seen.findings}


def test_row_groups_are_given_to_pyarrow_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes a kilobyte of each column of each row group: a million of them are more than a worker may take."""
    data = written(table(), row_group_size=3, write_page_index=True)
    at_once = scanned(data, "a.parquet")
    monkeypatch.setattr(parquet, "_MOST_CHUNKS", 9)
    seen = scanned(data, "a.parquet")
    assert not seen.gaps
    assert len(seen.findings) > 1
    assert where_all(at_once) <= where_all(seen)  # a dictionary's value is told of each part that has no row of it


def test_a_footer_is_walked_from_a_few_bytes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(table(), row_group_size=3)
    at_once = scanned(data, "a.parquet")
    monkeypatch.setattr(parquet_footer, "_AT_HAND", 16)
    seen = scanned(data, "a.parquet")
    assert not seen.gaps
    assert where_all(seen) == where_all(at_once)
