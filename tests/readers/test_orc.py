"""ORC: cells at their rows and columns, metadata and names, as pyarrow writes them; and what nothing unpacks."""

from __future__ import annotations

import io
import random
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc

from modelguard.model import GapReason
from tests.readers.opened import PASSWORD, RULES, bears_damage, places, scanned, values

VALUES = values()
HUB = VALUES.hub


def written(columns: dict[str, Any], compression: str = "zlib", **how: Any) -> bytes:
    out = io.BytesIO()
    orc.write_table(pa.table(columns), out, compression=compression, **how)
    return out.getvalue()


@pytest.mark.parametrize("compression", ["uncompressed", "zlib", "snappy", "lz4", "zstd"])
def test_rows_and_columns(compression: str) -> None:
    rows = [f"row {number} and some words" for number in range(3000)] + [f"note: {HUB}"] + ["A"] * 5
    seen = scanned(written({"id": list(range(3006)), "text": rows}, compression), "train.orc")
    assert {place for place in (finding.place.inner for finding in seen.findings) if place} == {
        'row 3001, column "text"'
    }
    assert {finding.rule for finding in seen.findings} == {RULES.hub}
    assert not seen.gaps


def test_several_stripes() -> None:
    chance = random.Random(1)
    rows = [" ".join(f"{chance.getrandbits(60):x}"[:6] for _ in range(60)) for _ in range(20_000)]
    rows[19_000] = HUB
    data = written({"text": rows}, "zlib", stripe_size=1 << 20, dictionary_key_size_threshold=0.0)
    assert orc.ORCFile(io.BytesIO(data)).nstripes > 1
    assert places(scanned(data, "train.orc")) == {RULES.hub: 'row 19001, column "text"'}


def test_lists_and_structs() -> None:
    data = written({"c": [["a", HUB]], "s": [{"f": VALUES.cloud}]})
    assert places(scanned(data, "a.orc")) == {RULES.hub: 'row 1, column "c[]"', RULES.cloud: 'row 1, column "s.f"'}


def test_names_of_columns() -> None:
    assert places(scanned(written({"a": [1], HUB: [2]}), "a.orc")) == {RULES.hub: "schema, column 2"}


def test_a_column_says_what_its_cells_are() -> None:
    seen = scanned(written({"password": [PASSWORD]}), "a.orc")
    assert 'row 1, column "password"' in {finding.place.inner for finding in seen.findings}


def test_text_that_begins_so() -> None:
    seen = scanned(f"ORCHESTRA\nHF_TOKEN={HUB}\n".encode(), "a.txt")
    assert [finding.place.line for finding in seen.findings] == [2]
    assert not seen.gaps


def test_damage() -> None:
    bears_damage(written({"t": ["a", "b"], "n": [1, 2]}), "a.orc")


@pytest.mark.parametrize(
    ("head", "path"),
    [
        (bytes(8) + b"DUCK\x40", "data.duckdb"),
        (b"\x9e\xa8b2frame\0", "data.b2nd"),
        (b"$FL3@(#) SPSS DATA FILE", "data.bin"),
    ],
)
def test_what_nothing_unpacks_is_a_gap_and_is_looked_at(head: bytes, path: str) -> None:
    seen = scanned(head + bytes(80) + HUB.encode() + b"\0", path)
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNREADABLE]
    assert places(seen) == {RULES.hub: None}
