"""Tables: Parquet, Arrow, CSV, JSON Lines and databases."""

from __future__ import annotations

import io
import json
import random
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from modelguard.rules.templates import expand
from tests.corpus import notebooks
from tests.corpus.items import (
    CARD_ALONE,
    Item,
    Plant,
    at_one_place,
    chance,
    named,
    pairs,
    planted,
    sentence,
    values_for,
)
from tests.packed import always_the_same

FAMILY = "tables"
_WORDS = "model token layer weight train loss epoch batch data point"


def prose(seed: int, count: int) -> list[str]:
    """Rows of words."""
    rng = random.Random(seed)
    return [" ".join(rng.choices(_WORDS.split(), k=12)) for _ in range(count)]


def parquet(table: Any, **how: Any) -> bytes:
    """A table as pyarrow writes it."""
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(table, out, **how)
    return out.getvalue()


def arrow(table: Any, as_file: bool, compression: str | None = None) -> bytes:
    """A table as a stream, as datasets caches it, or as a file."""
    import pyarrow as pa

    out = io.BytesIO()
    make = pa.ipc.new_file if as_file else pa.ipc.new_stream
    with make(out, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return out.getvalue()


def database(statement: str, rows: Sequence[tuple[object, ...]]) -> bytes:
    """A database with one table, made by a statement."""
    connection = sqlite3.connect(":memory:")
    connection.execute(statement)
    name = statement.split()[2].partition("(")[0]
    connection.executemany(f"insert into {name} values ({','.join('?' * len(rows[0]))})", rows)
    connection.commit()
    data = connection.serialize() if hasattr(connection, "serialize") else _through_a_file(connection)
    connection.close()
    return data


def _through_a_file(connection: sqlite3.Connection) -> bytes:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with sqlite3.connect(path) as copy:
            connection.backup(copy)
        copy.close()
        return path.read_bytes()


def log(rows: Sequence[tuple[object, ...]]) -> bytes:
    """What a write-ahead log holds of a table with these rows."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("create table params(key text, value text)")
        connection.executemany("insert into params values (?, ?)", rows[:-1])
        before = len((Path(folder) / "a.db-wal").read_bytes())
        connection.executemany("insert into params values (?, ?)", rows[-1:])
        data = (Path(folder) / "a.db-wal").read_bytes()
        connection.close()
    page = 24 + 4096
    data = data[: 32 + 2 * page] + data[before:]  # the schema, and the last version of the table
    frames = [data[at : at + 8] + bytes(16) + data[at + 24 : at + page] for at in range(32, len(data), page)]
    return data[:16] + bytes(16) + b"".join(frames)  # salts and checksums differ each time


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    import pyarrow as pa

    for path, how in _PARQUET:
        values = values_for(seed, path)
        rows = prose(chance(seed, path), 400)
        rows[200] = f"please write to {sentence(values)}"
        table = pa.table({"id": list(range(400)), "text": rows})
        yield Item(FAMILY, path, parquet(table, **how), at_one_place(values, 'row 201, column "text"'))
    path = "data/about.parquet"
    values = values_for(seed, path)
    table = pa.table({"id": [1]}).replace_schema_metadata({"info": sentence(values)})
    yield Item(FAMILY, path, parquet(table), at_one_place(values, 'metadata["info"]'))
    for path, as_file, compression in _ARROW:
        values = values_for(seed, path)
        table = pa.table({"id": list(range(7)), "text": ["fine", *values, "fine"]})
        places = [f'row {2 + at}, column "text"' for at in range(5)]
        yield Item(FAMILY, path, arrow(table, as_file, compression), named(values, places, card=CARD_ALONE))
    yield from _of_text(seed)
    yield from _of_passwords(seed)
    path = "mlflow.db"
    values = values_for(seed, path)
    data = database("create table params(key text, value text)", list(pairs(values).items()))
    places = [f'table "params", row {1 + at}, column "value"' for at in range(5)]
    yield Item(FAMILY, path, data, named(values, places))
    path = "mlflow.db-wal"
    values = values_for(seed, path)
    yield Item(FAMILY, path, log(list(pairs(values).items())), named(values, places))
    path = ".langchain.db"
    values = values_for(seed, path)
    data = database("create table cache(prompt text, response text)", [("hello", "ok"), (sentence(values), "ok")])
    yield Item(FAMILY, path, data, at_one_place(values, 'table "cache", row 2, column "prompt"'))


_PARQUET: tuple[tuple[str, dict[str, object]], ...] = (
    ("data/plain.parquet", {"compression": "none", "use_dictionary": False}),
    ("data/snappy.parquet", {"compression": "snappy"}),
    ("data/zstd.parquet", {"compression": "zstd"}),
    ("data/gzip.parquet", {"compression": "gzip"}),
)
_ARROW = (
    ("data/cache.arrow", False, None),
    ("data/file.arrow", True, None),
    ("data/zstd.arrow", True, "zstd"),
    ("data/lz4.feather", True, "lz4"),
)


def _of_text(seed: int) -> Iterator[Item]:
    path = "data/train.csv"
    values = values_for(seed, path)
    text = "id,key,value\n" + "".join(f"{at},{key},{value}\n" for at, (key, value) in enumerate(pairs(values).items()))
    places = [(f'row {1 + at}, column "value"', 2 + at) for at in range(5)]
    yield Item(FAMILY, path, text.encode(), planted(values, places))
    path = "data/train.jsonl"
    values = values_for(seed, path)
    rows = ["fine", f"write to {sentence(values)}", "ok"]
    text = "".join(json.dumps({"text": row}) + "\n" for row in rows)
    yield Item(FAMILY, path, text.encode(), at_one_place(values, 'row 2, field "text"', 2))


def _password(seed: int, path: str) -> str:
    return expand("<alpha:3>#<digit:2><alpha:5>%<digit:2>", chance(seed, path))


def _of_passwords(seed: int) -> Iterator[Item]:
    """Values that nothing but the header above them tells, or the name beside them."""
    import pyarrow as pa

    path = "data/users.csv"
    password = _password(seed, path)
    text = f"user,password\na,\nb,{password}\nc,********\n"
    yield Item(FAMILY, path, text.encode(), (Plant("generic-cell", password, 'row 2, column "password"', 3),))
    path = "data/params.csv"
    password = _password(seed, path)
    text = f"id,key,value\n1,lr,0.1\n2,db_password,{password}\n"
    yield Item(FAMILY, path, text.encode(), (Plant("generic-cell", password, 'row 2, column "value"', 3),))
    for path in ("data/params.parquet", "data/params.arrow"):
        password = _password(seed, path)
        table = pa.table({"key": ["lr", "db_password"], "value": ["0.1", password]})
        data = parquet(table) if path.endswith(".parquet") else arrow(table, True)
        yield Item(FAMILY, path, data, (Plant("generic-cell", password, 'row 2, column "value"'),))
    yield from _of_pages(seed)
    path = "chat.jsonl"
    value = expand("<alpha:4><digit:3><alnum:8>", chance(seed, path))
    text = json.dumps({"content": f"my password: {value}\nbye"}) + "\n"
    plants = (Plant("generic-assigned-random", value, 'row 1, field "content"', 1),)
    yield Item(FAMILY, path, text.encode(), plants)


def _of_pages(seed: int) -> Iterator[Item]:
    """The same in a page, a notebook's table and a workbook, as pandas and openpyxl write them."""
    import openpyxl
    import pandas as pd

    path = "data/users.html"
    password = _password(seed, path)
    page = pd.DataFrame({"user": ["a", "b"], "password": ["", password]}).to_html()
    plants = (Plant("generic-cell", password, 'table 1, row 2, column "password"', 18),)
    yield Item(FAMILY, path, page.encode(), plants)
    path = "data/users.ipynb"
    password = _password(seed, path)
    page = pd.DataFrame({"user": ["a", "b"], "password": ["", password]}).to_html()
    data = notebooks.notebook(notebooks.code((), notebooks.shown(text_html=page.splitlines(keepends=True))))
    plants = (Plant("generic-cell", password, 'cell[0].output[0].data["text/html"]:18'),)
    yield Item(FAMILY, path, data, plants)
    path = "data/users.xlsx"
    password = _password(seed, path)
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["Users of the data base"], ["user", "password"], ["a", "********"], ["b", password]):
        book.worksheets[0].append(row)
    book.save(out)
    place = 'xl/worksheets/sheet1.xml → cell B4, column "password"'
    yield Item(FAMILY, path, always_the_same(out), (Plant("generic-cell", password, place),))
