"""SQLite databases: each row of each table as lines of `column: value`, named by table, row id and column.

What is told is covered page by page. Pages and bytes that are free are looked at as they stand: a deleted row stays
there until another one takes its place. Indexes hold values of their tables once more.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece, Text, entries
from modelguard.readers.json_places import quoted
from modelguard.readers.kinds import HEAD_BYTES, kind_of
from modelguard.readers.members import Held
from modelguard.readers.tables.sqlite_pages import Cell, Page, Pages, record

_TOKENS = re.compile(
    r'"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\'(?:[^\']|\'\')*\'|--[^\n]*|/\*.*?\*/|[(),]|[^\s"`\[\'(),]+', re.S
)
_CONSTRAINTS = frozenset("constraint primary unique check foreign".split())
_KEYS = frozenset("key name param parameter setting attribute variable option field tag".split())
_VALUES = re.compile(r"(?:^|_)val(?:ue)?$")
_LONG_NUMBER = 10_000_000
_AT_ONCE = 1024 * 1024
_FILES_FROM = 64
_LONGEST_SQL = 1024 * 1024


class Table(NamedTuple):
    """A table, or an index (no columns): its name, its first page, its columns."""

    name: str
    root: int
    columns: tuple[str, ...]
    is_index: bool


class _Row(NamedTuple):
    """A row as text: where its columns begin there, and their names; and the bytes of the file that hold it."""

    text: bytes
    starts: tuple[int, ...]
    names: tuple[str, ...]
    shown: str
    span: tuple[int, int]


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The rows of all tables, and of indexes what no table has. See `Reader`."""
    pages = Pages(blob, limits)
    tables: list[Table] = []
    failures: list[Malformed] = []
    schema = Table("sqlite_schema", 1, ("type", "name", "tbl_name", "rootpage", "sql"), False)
    for page in pages.tree(1):
        tables += filter(None, (_table(cell, pages.encoding) for cell in page.cells))
        yield from _told(blob, [page], schema, pages.encoding, limits, failures)
    for table in sorted(tables, key=lambda each: each.is_index):
        yield from _tree(blob, pages, table, limits, failures)
    if failures:
        raise failures[0]


def _tree(blob: Blob, pages: Pages, table: Table, limits: Limits, failures: list[Malformed]) -> Iterator[Piece]:
    """A table, as many pages at once as make a text worth a look. A damaged one takes nothing from the others."""
    held: list[Page] = []
    size = 0
    tree = pages.tree(table.root)
    while True:
        try:
            page = next(tree, None)
        except Malformed as error:
            failures.append(error)
            page = None
        if page is not None:
            held.append(page)
            size += sum(len(cell.payload) for cell in page.cells)
        if page is None or size >= _AT_ONCE:
            yield from _told(blob, held, table, pages.encoding, limits, failures)
            held, size = [], 0
        if page is None:
            return


def _told(
    blob: Blob, held: Sequence[Page], table: Table, encoding: str, limits: Limits, failures: list[Malformed]
) -> Iterator[Piece]:
    """The rows of pages, which are covered by that; a page with a record that is none is looked at as it stands."""
    rows: list[_Row] = []
    for page in held:
        try:
            read = [_row(cell, table, encoding) for cell in page.cells]
        except Malformed as error:
            failures.append(error)
            continue
        for row, files in read:
            limits.spend(len(row.text))
            rows.append(row)
            for name, data in files:
                yield Member(Held(blob, name, data, *row.span))
        yield from (Covered(*span) for span in page.told)
    if rows:
        yield _text(rows, table)


def _text(rows: Sequence[_Row], table: Table) -> Text:
    whole = entries([row.text for row in rows], lambda number: "", lambda number: rows[number].span, table.is_index)
    starts = whole.starts
    assert starts is not None

    def name(offset: int) -> str:
        number = max(0, bisect_right(starts, offset) - 1)
        row = rows[number]
        column = bisect_right(row.starts, offset - starts[number]) - 1
        return f"{row.shown}, column {quoted(row.names[column])}" if row.names else row.shown

    return Text(whole.text, name, whole.span, starts, table.is_index)


def _row(cell: Cell, table: Table, encoding: str) -> tuple[_Row, list[tuple[str, bytes]]]:
    """A record as text, and what in it is a file of a known kind, by name."""
    sort = "index" if table.is_index else "table"
    shown = f"{sort} {quoted(table.name)}" + ("" if cell.rowid is None else f", row {cell.rowid}")
    lines: list[bytes] = []
    starts: list[int] = []
    names: list[str] = []
    files: list[tuple[str, bytes]] = []
    at = 0
    key: bytes | None = None
    for number, (is_text, value) in enumerate(record(cell.payload)):
        name = table.columns[number] if number < len(table.columns) else str(number + 1)
        if not isinstance(value, bytes):
            if not isinstance(value, int) or abs(value) < _LONG_NUMBER:
                continue
            value = b"%d" % value
        elif is_text and encoding != "utf-8":
            value = value.decode(encoding, "replace").encode("utf-8", "replace")
        elif not is_text and len(value) >= _FILES_FROM and _is_file(value):
            files.append((f"{shown}, column {quoted(name)}", value))
            continue
        label = name.encode("utf-8", "replace")
        if key is not None and _VALUES.search(name.lower()):
            label, key = key, None
        elif is_text and name.lower() in _KEYS:
            key = value if b"\n" not in value else None
        line = label + b": " + value
        lines.append(line)
        starts.append(at)
        names.append(name)
        at += len(line) + 1
    span = cell.spans[0]
    return _Row(b"\n".join(lines), tuple(starts), tuple(names), shown, span), files


def _is_file(value: bytes) -> bool:
    kind = kind_of(value[:HEAD_BYTES])
    return kind is not None and kind.reader is not None


def _table(cell: Cell, encoding: str) -> Table | None:
    """What a row of the schema says (section 2.6); None where that has no pages."""
    values = [
        value.decode(encoding, "replace") if isinstance(value, bytes) else value for _, value in record(cell.payload)
    ]
    if len(values) < 5:
        return None
    sort, name, _, root, sql = values[:5]
    if sort not in ("table", "index") or not isinstance(name, str) or not isinstance(root, int) or root < 1:
        return None
    sql = sql if isinstance(sql, str) else ""
    is_index = sort == "index"
    return Table(name, root, () if is_index else _columns(sql), is_index)


def _columns(sql: str) -> tuple[str, ...]:
    """The names of the columns that `CREATE TABLE` defines, as far as they can be told without a parser of SQL."""
    names: list[str] = []
    depth = 0
    is_first = False
    for token in _TOKENS.findall(sql[:_LONGEST_SQL]):
        if token.startswith(("--", "/*")):
            continue
        if token == "(":
            depth += 1
            is_first = depth == 1
        elif token == ")":
            depth -= 1
            if depth == 0:
                break
        elif token == ",":
            is_first = depth == 1
        elif is_first:
            is_first = False
            if token.lower() not in _CONSTRAINTS:
                names.append(token[1:-1] if token[0] in "\"`['" else token)
    return tuple(names)
