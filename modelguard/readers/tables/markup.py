"""Tables in markup: pages, documents of Word and PowerPoint, sheets of OpenDocument.

Formats: HTML Living Standard, section 4.9; ECMA-376 part 1 (`w:tbl`, `a:tbl`); OpenDocument 1.3 part 3, section 9. Tags
that close are optional in HTML: a cell ends where the next one begins. Nothing is built of the tags but what is open. A
table within a table is one of its own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from modelguard.readers.interface import Limits, Text
from modelguard.readers.tables.below import LONGEST_CELL, Below, Cell

_BEGINS = re.compile(rb"<(?:table|TABLE|w:tbl|a:tbl|table:table)[\s>]")
_TAG = re.compile(
    rb"<(/?)(?:w:|a:|table:)?(?:(?P<table>table|tbl)|(?P<row>tr|table-row)|(?P<cell>td|th|tc|table-cell))"
    rb"(?=[\s/>])([^<>]*)>",
    re.IGNORECASE,
)
_SPAN = re.compile(rb"(?:colspan|gridSpan|number-columns-repeated)\s{0,8}=\s{0,8}[\"']?([0-9]{1,4})", re.IGNORECASE)
_BREAK = re.compile(rb"</?(?:\w{1,8}:)?(?:br|p|h|div|li|tab|cr|line-break|s)(?=[\s/>])[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(rb"<[^<>]*>")

_DEEPEST = 32
_MOST_COLUMNS = 256
_HEADER_WITHIN = 64 * 1024
_LONGEST_MARKUP = 16 * 1024
"""Bytes of a cell with its tags; what is longer is told as an empty one."""


class _Range(NamedTuple):
    """Where what is in a cell begins and ends, and how many columns it spans."""

    start: int
    end: int
    columns: int


class _Table:
    """A table that is open. `row` is `None` between rows; `number` counts them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.number = -1
        self.row: list[_Range] | None = None
        self.opened: tuple[int, int] | None = None

    def end_cell(self, at: int) -> None:
        """A cell ends here, if one is open."""
        if self.opened is not None and self.row is not None and len(self.row) < _MOST_COLUMNS:
            self.row.append(_Range(self.opened[0], at, self.opened[1]))
        self.opened = None

    def end_row(self, at: int) -> list[_Range]:
        """The cells of the row that ends here."""
        self.end_cell(at)
        row, self.row = self.row, None
        return row or []


class Row(NamedTuple):
    """A row of a table; both count from 0."""

    table: int
    number: int
    cells: Sequence[_Range]


def rows_of(markup: bytes, start: int = 0, most: int | None = None) -> Iterator[Row]:
    """The rows of all tables from `start` on, each when it ends; of no more than `most` bytes."""
    tables: list[_Table] = []
    count = 0
    for tag in _TAG.finditer(markup, start, len(markup) if most is None else start + most):
        if tag["table"] and not tag[1]:
            if len(tables) < _DEEPEST:
                tables.append(_Table(count))
            count += 1
        elif tables:
            table = tables[-1]
            if tag["cell"]:
                table.end_cell(tag.start())
                if not tag[1] and table.row is not None:
                    span = _SPAN.search(tag[5])
                    table.opened = tag.end(), int(span[1]) if span else 1
            else:
                row = table.end_row(tag.start())
                if row:
                    yield Row(table.count, table.number, row)
                if tag["row"] and not tag[1]:
                    table.row = []
                    table.number += 1
                elif tag["table"]:
                    tables.pop()


def told(markup: bytes, limits: Limits, lines: bool = False) -> Iterator[Text]:
    """The cells below telling headers, in `table 1, row 2`, from 1 and without the header."""
    if not _may_tell(markup, limits):
        return
    below: dict[int, Below | None] = {}
    for row in rows_of(markup):
        limits.check_time()
        if row.table not in below:
            if _is_title(row):
                continue
            new = Below(limits, _placed(row), lines)
            below[row.table] = new if new.begin(_header(markup, row)) else None
        elif (table := below[row.table]) is not None:
            yield from table.row(row.number, [_cell(markup, each) for each in _spread(row.cells)])
    for table in below.values():
        if table is not None:
            yield from table.rest()


def _may_tell(markup: bytes, limits: Limits) -> bool:
    """Whether any table begins with a telling header: most pages and outputs have none, and are read no further."""
    begins = _BEGINS.search(markup)
    while begins is not None:
        limits.check_time()
        first = next((row for row in rows_of(markup, begins.start(), _HEADER_WITHIN) if not _is_title(row)), None)
        if first is None or Below(limits, _placed(first)).begin(_header(markup, first)):
            return True
        begins = _BEGINS.search(markup, first.cells[-1].end)
    return False


def _is_title(row: Row) -> bool:
    """Whether it is one cell over the whole table."""
    return len(row.cells) == 1 and row.cells[0].columns > 1


def _header(markup: bytes, row: Row) -> list[bytes]:
    return [_shown(markup, cell) for cell in _spread(row.cells)]


def _placed(header: Row) -> Callable[[int, int], str]:
    return lambda row, column: f"table {header.table + 1}, row {row - header.number}"


def _spread(cells: Sequence[_Range]) -> list[_Range]:
    """A cell for each column: one that spans more has only the first of them."""
    spread: list[_Range] = []
    for cell in cells:
        spread.append(cell)
        more = min(cell.columns - 1, _MOST_COLUMNS - len(spread))
        spread += [_Range(cell.end, cell.end, 1)] * more
    return spread


def _cell(markup: bytes, cell: _Range) -> Cell:
    inner = markup[cell.start : cell.end]
    before = len(inner) - len(inner.lstrip())
    return Cell(_shown(markup, cell), cell.start + before, cell.start + max(before, len(inner.rstrip())))


def _shown(markup: bytes, cell: _Range) -> bytes:
    """A cell as it reads."""
    if cell.end - cell.start > _LONGEST_MARKUP:
        return b""
    inner = markup[cell.start : cell.end]
    if b"<" in inner:
        inner = _ANY_TAG.sub(b"", _BREAK.sub(b" ", inner))
    if b"&" in inner:
        inner = html.unescape(inner.decode("utf-8", "replace")).encode("utf-8", "replace")
    return b" ".join(inner.split()) if len(inner) <= LONGEST_CELL else b""
