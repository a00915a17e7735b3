"""SQLite: rows by table, row id and column; indexes say nothing twice; deleted rows; damage."""

from __future__ import annotations

import gzip
import os
import random
import sqlite3
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Text
from modelguard.readers.tables.sqlite_deleted import Deleted
from modelguard.readers.tables.sqlite_rows import Rows, Table, column, lines
from modelguard.rules.templates import expand
from tests.readers.opened import RULES, bears_damage, kind, opened, places, scanned, values

VALUES = values()
NAMES = ("key", "value", "a", "password", "api_key", "string_value", "created")
Fill = Callable[[sqlite3.Connection], object]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Fill], bytes]:
    def write(fill: Fill) -> bytes:
        path = tmp_path / "a.db"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        fill(connection)
        connection.commit()
        connection.close()
        return path.read_bytes()

    return write


def texts(data: bytes) -> list[bytes]:
    pieces, gaps = opened(data, "a.db")
    assert not gaps
    return [entry for piece in pieces if isinstance(piece, Text) for entry in cut(piece)]


def cut(text: Text) -> list[bytes]:
    starts = [*(text.starts or (0,)), len(text.text) + 1]
    return [text.text[first : last - 1] for first, last in pairwise(starts)]


def params(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE params(key text, value text, [run id] int, UNIQUE(key))")
    connection.execute("CREATE INDEX by_value ON params(value)")
    rows = [(f"k{number}", "v" * number, number) for number in range(400)]
    connection.executemany("INSERT INTO params VALUES(?,?,?)", rows)
    connection.execute("INSERT INTO params VALUES('lr', ?, 1)", (VALUES.hub,))


def test_rows_of_many_pages_are_named_and_told_once(written: Callable[[Fill], bytes]) -> None:
    seen = scanned(written(params), "mlruns/mlflow.db")
    assert not seen.gaps
    assert [each.place.inner for each in seen.findings] == ['table "params", row 401, column "value"']


def test_a_key_stands_beside_its_value_and_a_column_beside_others(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute('CREATE TABLE "t" ("key" text, `string_value` blob, n int, phone int, PRIMARY KEY(n))')
        connection.execute("INSERT INTO t VALUES('db_password', 'x', 5, 4915112345678)")
        connection.execute("CREATE TABLE u(a text DEFAULT (1), b numeric(3, 2)) -- x")
        connection.execute("INSERT INTO u VALUES('one', 'two')")

    told = texts(written(fill))
    assert b"db_password\ndb_password: x\nphone: 4915112345678" in told
    assert b"one\ntwo" in told


def test_a_value_that_goes_on_in_other_pages(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE documents(id integer primary key, chunk text)")
        long = "x " * 2040 + VALUES.hub + " y" * 9000
        connection.execute("INSERT INTO documents VALUES(7, ?)", (long,))

    assert places(scanned(written(fill), "chroma.sqlite3")) == {RULES.hub: 'table "documents", row 7, column "chunk"'}


def test_other_encodings_and_tables_without_row_ids(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA encoding='UTF-16le'")
        connection.execute("CREATE TABLE t(a, b)")
        connection.execute("INSERT INTO t VALUES('ü', ?)", (VALUES.hub,))
        connection.execute("CREATE TABLE w(a, b text primary key) WITHOUT ROWID")
        connection.execute("INSERT INTO w VALUES('ü', ?)", (VALUES.cloud,))

    assert places(scanned(written(fill), "a.db")) == {
        RULES.hub: 'table "t", row 1, column "b"',
        RULES.cloud: 'table "w", column 1',
    }


def test_files_in_cells_are_opened(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE t(a)")
        packed = gzip.compress(os.urandom(100) + b"\n" + VALUES.hub.encode() + b"\n")
        connection.execute("INSERT INTO t VALUES(?)", (packed,))

    (finding,) = scanned(written(fill), "a.db").findings
    assert str(finding.place.inner).startswith('table "t", row 1, column "a"!')


def test_a_deleted_row_is_looked_at_as_it_stands(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE t(a text)")
        rows = [(f"row {number} with words",) for number in range(20)]
        connection.executemany("INSERT INTO t VALUES(?)", rows)
        connection.execute("INSERT INTO t VALUES(?)", (f" {VALUES.hub} ",))
        connection.commit()
        connection.execute("DELETE FROM t WHERE rowid = 21")

    data = written(fill)
    assert VALUES.hub.encode() in data
    assert places(scanned(data, "a.db")) == {RULES.hub: 'table "t", deleted row'}


def test_rows_of_a_table_that_was_dropped(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE t(a text)")
        rows = [(VALUES.cloud if number == 300 else f"x{number}" * 20,) for number in range(600)]
        connection.executemany("INSERT INTO t VALUES(?)", rows)
        connection.commit()
        connection.execute("DROP TABLE t")

    data = written(fill)
    assert VALUES.cloud.encode() in data
    (place,) = places(scanned(data, "a.db")).values()
    assert place is not None
    assert place.startswith('table "unused page')


def test_an_index_that_holds_more_than_its_table(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE t(a text)")
        connection.execute("CREATE INDEX i ON t(a)")
        connection.execute("INSERT INTO t VALUES(?)", (VALUES.hub,))

    data = written(fill)
    first = data.index(VALUES.hub.encode())
    table = data[:first] + b"x" * len(VALUES.hub) + data[first + len(VALUES.hub) :]
    assert VALUES.hub.encode() in table
    assert places(scanned(table, "a.db")) == {RULES.hub: 'index "i"'}


def test_one_damaged_table_takes_nothing_from_the_others(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE first(a text)")
        connection.execute("CREATE TABLE second(a text)")
        connection.execute("INSERT INTO first VALUES(?)", (f" {VALUES.cloud} ",))
        connection.execute("INSERT INTO second VALUES(?)", (VALUES.hub,))

    data = bytearray(written(fill))
    data[4096] = 99
    seen = scanned(bytes(data), "a.db")
    assert places(seen) == {RULES.hub: 'table "second", row 1, column "a"', RULES.cloud: None}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_cells_that_lie_over_each_other_are_refused(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE t(a text)")
        connection.execute("INSERT INTO t VALUES(?)", ("x" * 3000,))

    data = bytearray(written(fill))
    cells = range(1000, 1010, 2)
    pointers = b"".join(at.to_bytes(2, "big") for at in cells)
    page = b"\x0d\0\0\0\x05\0\0\0" + pointers
    a_thousand = b"\x87\x68"  # as a length and as a row id
    data[4096:] = page + a_thousand * ((4096 - len(page)) // 2)
    _, gaps = opened(bytes(data), "a.db")
    assert ["over each other" in gap.detail for gap in gaps] == [True]


@pytest.mark.parametrize("has_table", [True, False])
def test_what_a_search_for_text_keeps_is_told_once(has_table: bool, written: Callable[[Fill], bytes]) -> None:
    """As in a store of Chroma; where nothing else has the text, what the search keeps is told."""
    card = expand("<luhn:400000:16>")
    text = f"write to {VALUES.hub} about card {card}"

    def fill(connection: sqlite3.Connection) -> None:
        if has_table:
            connection.execute("create table metadata(note text)")
            connection.execute("insert into metadata values (?)", (text,))
        connection.execute("create virtual table search using fts5(note)")
        connection.execute("insert into search values (?)", (text,))

    table = "metadata" if has_table else "search_content"
    column = "note" if has_table else "c0"
    seen = scanned(written(fill), "a.db", pii="all")
    assert {each.place.inner for each in seen.findings} == {f'table "{table}", row 1, column "{column}"'}
    assert len(seen.findings) == 2


def test_a_header_alone_is_malformed() -> None:
    for data in (b"SQLite format 3\0", b"SQLite format 3\0" + b"\0" * 90, b"SQLite format 3\0\x02\0" + b"\xff" * 4078):
        assert kind(data, "") is not None
        assert [gap.reason for gap in scanned(data, "a.db").gaps] == [GapReason.MALFORMED]


def test_damage(written: Callable[[Fill], bytes]) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA page_size=512")
        connection.execute("CREATE TABLE t(key text, value text)")
        connection.execute("CREATE INDEX i ON t(value)")
        connection.executemany("INSERT INTO t VALUES(?,?)", [("k", VALUES.hub * 30), ("b", "c")])

    bears_damage(written(fill), "a.db")


def record(chance: random.Random) -> bytes:
    """A record of random values, as section 2 of the format has it."""
    types, body = [], b""
    for _ in range(chance.randrange(12)):
        kind = chance.choice((*range(13), 12 + chance.randrange(60), chance.randrange(100, 400), 13 + 2 * 9000))
        size = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)[kind] if kind < 12 else (kind - 12) // 2
        types.append(kind)
        body += bytes(chance.choices(b"abc \n\x80\xff\0", k=size))
    written = b"".join(varint(kind) for kind in types)
    return varint(len(written) + 1 + (len(written) > 126)) + written + body


def varint(number: int) -> bytes:
    out = bytes([number & 127])
    while number := number >> 7:
        out = bytes([number & 127 | 128]) + out
    return out


@pytest.mark.parametrize("seed", range(20))
def test_a_row_is_told_alike_quickly_and_slowly(seed: int) -> None:
    chance = random.Random(seed)
    names = chance.sample(NAMES, chance.randrange(len(NAMES) + 1))
    table = Table("t", 1, tuple(map(column, names)), False, chance.choice(("utf-8", "utf-8", "utf-16-le")))
    rows = Rows(table)
    quick = 0
    for _ in range(300):
        payload = record(chance)
        told = b"\n".join(line.text for line in lines(payload, table))
        text = rows.text(payload)
        assert text is None or text == told
        quick += text is not None
    assert quick or table.encoding != "utf-8" or "key" in names


TABLES = ("a text", "a text, b text", "id integer primary key, a text, b int", "x blob, y text, z real, a text")


@pytest.mark.parametrize("columns", TABLES)
@pytest.mark.parametrize("others", [0, 3, 300, 20_000])
def test_a_value_of_a_deleted_row_is_told_alone(written: Callable[[Fill], bytes], columns: str, others: int) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute(f"CREATE TABLE t({columns})")
        rows = [("w" * (number % 50),) for number in range(others)]
        connection.executemany("INSERT INTO t(a) VALUES(?)", rows)
        connection.execute("INSERT INTO t(a) VALUES(?)", (VALUES.hub,))
        connection.executemany("INSERT INTO t(a) VALUES(?)", rows[:100])
        connection.commit()
        connection.execute("DELETE FROM t WHERE a = ?", (VALUES.hub,))

    data = written(fill)
    assert VALUES.hub.encode() in data
    assert places(scanned(data, "a.db")) == {RULES.hub: 'table "t", deleted row'}


def test_many_rows_are_deleted_one_after_the_other(written: Callable[[Fill], bytes]) -> None:
    tokens = [values(seed).hub for seed in range(1, 40)]

    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE t(id integer primary key, name text, a text)")
        connection.executemany("INSERT INTO t(name, a) VALUES('n', ?)", [(token,) for token in tokens])
        connection.commit()
        for number in range(1, len(tokens) + 1, 2):
            connection.execute("DELETE FROM t WHERE id = ?", (number,))
            connection.commit()

    seen = scanned(written(fill), "a.db")
    assert len({finding.fingerprint for finding in seen.findings}) == len(tokens)


def test_free_bytes_that_read_as_rows_of_every_table_are_told_a_few_times_only() -> None:
    """Four kilobytes made 64 MB of rows, and the file took a quarter of a minute."""
    free = (bytes(7) + b"\x15\x15\x15abcdefgh") * 227
    deleted = Deleted()
    told = 0
    for _ in range(100):
        told += sum(len(payload) for payload, _, _ in deleted.records(free, range(1, 121)))
    assert told < 100 * 64 * len(free)


def test_what_the_header_keeps_room_for_is_looked_at(written: Callable[[Fill], bytes]) -> None:
    """Twenty bytes of it are for later versions of the format (section 1.3)."""
    data = bytearray(written(params))
    data[72:92] = VALUES.cloud.encode()
    assert RULES.cloud in {each.rule for each in scanned(bytes(data), "a.db").findings if each.place.byte_start == 72}
