"""SQLite databases: each row of each table as lines of text, named by table, row id and column.

What is told is covered page by page. A deleted row stays where it was until another one takes its place: pages that no
table has are read as those of a table where they can be, and free bytes are looked at as they stand. Indexes hold
values of their tables once more, and so may the tables in which a search for text (FTS) keeps it. Columns of a table
without row ids are numbered from 1, those of its key first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import accumulate

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece, Text, entries, repeated
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Held
from modelguard.readers.tables.headers import CELLS
from modelguard.readers.tables.sqlite_deleted import Deleted
from modelguard.readers.tables.sqlite_pages import Cell, Page, Pages
from modelguard.readers.tables.sqlite_rows import Line, Rows, Table, column, lines, searched, table_of

_AT_ONCE = 1024 * 1024
_MOST_DELETED = 10_000
_UNUSED = bytes(4)
"""No list of free bytes begins with so many zeros."""


Fail = Callable[[Malformed], None]


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The rows of all tables, and of indexes what no table has. See `Reader`."""
    pages = Pages(blob, limits)
    failures: list[Malformed] = []
    schema = schema_of(pages.encoding)
    tables: list[Table] = []
    names_of_searches: list[str] = []
    deleted = Deleted()
    for held in _some(pages, schema, failures.append):
        yield from _told(blob, held, schema, limits, failures.append)
        rows = [cell[1] for page in held for cell in page.cells]
        tables += filter(None, (table_of(row, pages.encoding) for row in rows))
        names_of_searches += filter(None, (searched(row, pages.encoding) for row in rows))
    copies = _copies(tables, names_of_searches)
    for table in sorted(tables, key=lambda each: each.is_index):
        for held in _some(pages, table, failures.append):
            if table.is_index:
                yield from told_again(blob, held, table)
            else:
                pieces = _told(blob, held, table, limits, failures.append)
                yield from repeated(pieces) if table.name in copies else pieces
                free = [each for page in held for each in page.free]
                yield from _deleted(blob, free, table, (len(table.columns),), deleted, limits)
    counts = {len(table.columns) for table in tables}
    for page in pages.unused():
        unused = Table(f"unused page {page.start // pages.size + 1}", 0, (), False, pages.encoding)
        yield from told(blob, [page], unused, counts, deleted, limits)
    if failures:
        raise failures[0]


def _copies(tables: Sequence[Table], searches: Sequence[str]) -> frozenset[str]:
    """The tables in which searches keep what others hold: parts of an index, and texts if there is another table."""
    parts = ("data", "idx", "docsize", "config", "segments", "segdir")
    kept = {f"{name}_{part}" for name in searches for part in parts}
    contents = {f"{name}_content" for name in searches}
    others = [each for each in tables if not each.is_index and each.name not in kept | contents]
    return frozenset(kept | contents if others else kept)


def schema_of(encoding: str) -> Table:
    """The table of all tables (section 2.6)."""
    names = map(column, ("type", "name", "tbl_name", "rootpage", "sql"))
    return Table("sqlite_schema", 1, tuple(names), False, encoding)


def told(
    blob: Blob, pages: Sequence[Page], table: Table, columns: Collection[int], deleted: Deleted, limits: Limits
) -> Iterator[Piece]:
    """The rows of pages that stand by themselves, and those that were deleted there, of so many columns."""
    yield from _told(blob, pages, table, limits, lambda error: None)
    yield from _deleted(blob, [each for page in pages for each in page.free], table, columns, deleted, limits)


def _some(pages: Pages, table: Table, fail: Fail) -> Iterator[Sequence[Page]]:
    """The pages of a table, as many at once as make a text worth a look; what is damaged takes nothing from others."""
    held: list[Page] = []
    size = 0
    try:
        for page in pages.tree(table.root):
            held.append(page)
            size += sum([len(cell[1]) for cell in page.cells])
            if size >= _AT_ONCE:
                yield held
                held, size = [], 0
    except Malformed as error:
        fail(error)
    if held:
        yield held


def _told(blob: Blob, held: Sequence[Page], table: Table, limits: Limits, fail: Fail) -> Iterator[Piece]:
    """The rows of pages, which are covered by that; a page with a record that is none is looked at as it stands."""
    cells: list[Cell] = []
    texts: list[bytes] = []
    rows = Rows(table)
    for page in held:
        try:
            made = [rows.text(cell[1]) for cell in page.cells]
            for number, text in enumerate(made):
                if text is None:
                    row = lines(page.cells[number][1], table)
                    made[number] = b"\n".join([line.text for line in row])
                    yield from _files(blob, page.cells[number], row, table)
        except Malformed as error:
            fail(error)
            continue
        cells += page.cells
        texts += [text for text in made if text is not None]
        limits.spend(sum([len(cell[1]) for cell in page.cells]))
        yield from (Covered(*span) for span in page.told)
    if cells:
        yield _text(cells, texts, table)


def _files(blob: Blob, cell: Cell, row: Sequence[Line], table: Table) -> Iterator[Piece]:
    for line in row:
        if line.file is not None:
            yield Member(Held(blob, _place(cell, line, table), line.file, *cell[2:]))


def _text(cells: Sequence[Cell], texts: Sequence[bytes], table: Table) -> Text:
    starts = list(accumulate((len(text) + 1 for text in texts[:-1]), initial=0))

    def number(offset: int) -> int:
        return max(0, bisect_right(starts, offset) - 1)

    def name(offset: int) -> str:
        cell = cells[number(offset)]
        at = starts[number(offset)]
        for line in lines(cell[1], table):
            at += len(line.text) + 1
            if offset < at:
                return _place(cell, line, table)
        return f"table {quoted(table.name)}"

    return Text(b"\n".join(texts), name, lambda first, last: cells[number(first)][2:], starts, sort=CELLS)


def _deleted(
    blob: Blob,
    free: Iterable[tuple[int, int]],
    table: Table,
    columns: Collection[int],
    deleted: Deleted,
    limits: Limits,
) -> Iterator[Piece]:
    """Rows in free bytes of pages: each value alone. The bytes are looked at as they stand, too."""
    name = f"table {quoted(table.name)}, deleted row"
    told: dict[bytes, tuple[int, int]] = {}
    for low, high in free:
        data = blob.read(low, high)
        if data.startswith(_UNUSED):
            data = data.lstrip(b"\0")
            low = high - len(data)
        for payload, start, end in deleted.records(data, columns):
            limits.spend(len(payload))
            for line in _some_lines(payload, table):
                told.setdefault(line.text, (low + start, low + end))
        if len(told) > _MOST_DELETED:
            yield entries(list(told), lambda number: name, list(told.values()).__getitem__, True)
            told = {}
    if told:
        yield entries(list(told), lambda number: name, list(told.values()).__getitem__, True)


def _some_lines(payload: bytes, table: Table) -> Sequence[Line]:
    """The values of what may be a row; none where it is none."""
    try:
        return lines(payload, table)
    except Malformed:
        return ()


def _place(cell: Cell, line: Line, table: Table) -> str:
    named = line.column < len(table.columns)
    shown = quoted(table.columns[line.column].name) if named else str(line.column + 1)
    row = "" if cell[0] is None else f", row {cell[0]}"
    return f"table {quoted(table.name)}{row}, column {shown}"


def told_again(blob: Blob, held: Sequence[Page], table: Table) -> Iterator[Piece]:
    """The records of an index as they stand: their values are those of a table's rows."""
    cells = [cell for page in held for cell in page.cells]
    shown = f"index {quoted(table.name)}"
    if cells:
        yield entries([cell[1] for cell in cells], lambda number: shown, lambda number: cells[number][2:], True)
    for page in held:
        yield from (Covered(*span) for span in page.told)
