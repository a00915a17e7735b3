"""Write-ahead logs and journals of SQLite: rows that are not in the database, or not any more, each value alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.readers.opened import RULES, bears_damage, kind, places, scanned, values

VALUES = values()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    yield made
    made.close()


def wal(connection: sqlite3.Connection, path: Path, with_schema: bool = True, rows: int = 0) -> bytes:
    """A log that holds a new row, with the schema or without it."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE notes(id integer primary key, name text, chunk text)")
    if not with_schema:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in range(rows):
        connection.execute("INSERT INTO notes(name, chunk) VALUES('n', ?)", ("w" * (number % 60),))
    connection.execute("INSERT INTO notes(name, chunk) VALUES('n', ?)", (VALUES.hub,))
    if with_schema:  # a row that makes the database longer brings its first page along
        connection.execute("INSERT INTO notes(name, chunk) VALUES('n', ?)", (f"{'x ' * 9000}{VALUES.forge} end",))
    return (path / "a.db-wal").read_bytes()


@pytest.mark.parametrize("rows", [0, 500])
def test_rows_of_a_log(connection: sqlite3.Connection, tmp_path: Path, rows: int) -> None:
    data = wal(connection, tmp_path, rows=rows)
    seen = scanned(data, "a.db-wal")
    assert not seen.gaps
    names = {(finding.rule, finding.place.inner) for finding in seen.findings}
    assert names == {
        (RULES.hub, f'table "notes", row {rows + 1}, column "chunk"'),
        (RULES.forge, f'table "notes", row {rows + 2}, column "chunk"'),
    }


def test_a_log_without_the_schema(connection: sqlite3.Connection, tmp_path: Path) -> None:
    found = {each.place.inner for each in scanned(wal(connection, tmp_path, False), "a.db-wal").findings}
    assert found == {'table "page 2", row 1, column 3'}


@pytest.mark.parametrize("mode", ["DELETE", "PERSIST"])
def test_what_a_journal_keeps(connection: sqlite3.Connection, tmp_path: Path, mode: str) -> None:
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("CREATE TABLE notes(id integer primary key, name text, chunk text)")
    connection.execute("INSERT INTO notes(name, chunk) VALUES('n', ?)", (VALUES.hub,))
    if mode == "PERSIST":
        connection.execute("DELETE FROM notes")
    else:
        connection.execute("BEGIN")
        connection.execute("PRAGMA cache_size=1")
        connection.execute("DELETE FROM notes")
        for number in range(200):
            connection.execute("INSERT INTO notes(name, chunk) VALUES('m', ?)", ("w" * (number % 60) * 20,))
    data = (tmp_path / "a.db-journal").read_bytes()
    assert VALUES.hub.encode() in data
    assert VALUES.hub.encode() not in (tmp_path / "a.db").read_bytes() or mode == "DELETE"
    (name,) = places(scanned(data, "a.db-journal")).values()
    assert name is not None
    assert name.endswith(("row 1, column 3", 'row 1, column "chunk"'))


def test_damage(connection: sqlite3.Connection, tmp_path: Path) -> None:
    data = wal(connection, tmp_path)
    found = kind(data, "a.db-wal")
    assert found is not None
    assert found.title == "SQLite log"
    bears_damage(data[: 32 + 3 * 4120], "a.db-wal")
