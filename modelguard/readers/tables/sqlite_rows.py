"""Rows of an SQLite table as text, a line a value, and what the schema says of tables.

Where the name of a column tells something, or the cell before it is the name of a value, that stands before the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from modelguard.readers.interface import Malformed
from modelguard.readers.kinds import is_file
from modelguard.readers.tables.headers import holds_names, holds_values, is_telling
from modelguard.readers.tables.sqlite_pages import integer, size_of, types_of

_TOKENS = re.compile(
    r'"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|\'(?:[^\']|\'\')*\'|--[^\n]*|/\*.*?\*/|[(),]|[^\s"`\[\'(),]+', re.S
)
_CONSTRAINTS = frozenset("constraint primary unique check foreign".split())
_SEARCHES = re.compile(r"create\s+virtual\s+table\b[^(]*\busing\s+fts[345]\b", re.IGNORECASE)
_LONG_INTEGERS = (4, 5, 6)
"""Serial types of numbers that may be one of a card or a telephone."""

_FILES_FROM = 64
_LONGEST_LINE = 4 * 1024 * 1024
_LONGEST_SQL = 1024 * 1024


class Column(NamedTuple):
    """A column: its name, what is told before its values, and whether it holds names of values or such values."""

    name: str
    before: bytes
    is_key: bool
    is_value: bool


def column(name: str) -> Column:
    """The column of this name."""
    before = name.encode("utf-8", "replace") + b": " if is_telling(name) else b""
    return Column(name, before, holds_names(name), holds_values(name))


class Table(NamedTuple):
    """A table, or an index: its name, its first page, its columns as far as they are known, how it writes texts."""

    name: str
    root: int
    columns: tuple[Column, ...]
    is_index: bool
    encoding: str


class Line(NamedTuple):
    """The number of a column, and a line with its value; one that is long or a file of a known kind has none."""

    column: int
    text: bytes
    file: bytes | None = None


def lines(payload: bytes, table: Table) -> list[Line]:
    """The lines of a row.

    Raises:
        Malformed: it is no record.
    """
    types, at = types_of(payload)
    columns = table.columns
    key: bytes | None = None
    made: list[Line] = []
    for number, kind in enumerate(types):
        first = at
        at += (kind - 12) // 2 if kind >= 12 else size_of(kind)
        if kind < 13 and kind not in _LONG_INTEGERS:
            continue
        its = columns[number] if number < len(columns) else column(str(number + 1))
        value = payload[first:at]
        if kind < 13:
            value = b"%d" % (integer(kind, value) or 0)
        elif len(value) > _LONGEST_LINE or (kind % 2 == 0 and len(value) >= _FILES_FROM and is_file(value)):
            made.append(Line(number, b"", value))
            continue
        elif kind % 2 and table.encoding != "utf-8":
            value = value.decode(table.encoding, "replace").encode("utf-8", "replace")
        if its.is_key and b"\n" not in value:
            key = value
        if its.is_value and key is not None:
            made.append(Line(number, key + b": " + value))
        else:
            made.append(Line(number, its.before + value))
    if at > len(payload):
        raise Malformed("a record ends too early")
    return made


class Rows:
    """Writes the rows of one table, as `lines` does, in a twentieth of the time where there is nothing special."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._before = [its.before for its in table.columns]
        keys = [number for number, its in enumerate(table.columns) if its.is_key]
        values = [number for number, its in enumerate(table.columns) if its.is_value]
        self._key, self._values = (keys[0], values) if keys else (0, [])
        is_simple = len(keys) <= 1 and self._key < min(self._values, default=1)
        self._is_plain = table.encoding == "utf-8" and is_simple

    def text(self, payload: bytes) -> bytes | None:
        """The lines of a row, joined; None where a value in it needs a closer look.

        Raises:
            Malformed: it is no record.
        """
        if not self._is_plain or len(payload) > _LONGEST_LINE:
            return None
        types, at = types_of(payload)
        sizes: Iterable[int]
        if isinstance(types, bytes):
            sizes = types.translate(_SIZES)
        else:
            sizes = [(kind - 12) >> 1 if kind > 11 else size_of(kind) for kind in types]
            if any(kind >= _LONG_BLOB and not kind & 1 for kind in types):
                return None
        ends = list(accumulate(sizes, initial=at))
        if ends[-1] > len(payload):
            raise Malformed("a record ends too early")
        before = self._before
        if len(before) < len(types):
            before += [b""] * (len(types) - len(before))
        told = [number for number in self._values if number < len(types)]
        named = [number for number in told if types[number] > 12 or 3 < types[number] < 7]
        if named:
            key = payload[ends[self._key] : ends[self._key + 1]]
            if types[self._key] <= 12 or b"\n" in key:
                return None
            before = before[:]
            for number in named:
                before[number] = key + b": "
        return b"\n".join(
            [
                label + payload[first:end]
                if kind > 12
                else label + b"%d" % int.from_bytes(payload[first:end], "big", signed=True)
                for label, kind, first, end in zip(before, types, ends, ends[1:], strict=False)
                if kind > 12 or 3 < kind < 7
            ]
        )


_SIZES = bytes((kind - 12) >> 1 if kind > 11 else size_of(kind) for kind in range(128)) + bytes(128)
_LONG_BLOB = 12 + 2 * _FILES_FROM


def table_of(payload: bytes, encoding: str) -> Table | None:
    """What a row of the schema says (section 2.6 of the format); None where that has no pages."""
    types, at = types_of(payload)
    values: list[str] = []
    root = 0
    for number, kind in enumerate(types[:5]):
        value = payload[at : at + size_of(kind)]
        at += size_of(kind)
        values.append(value.decode(encoding, "replace"))
        if number == 3:
            root = integer(kind, value) or 0
    if len(values) < 5 or values[0] not in ("table", "index") or root < 1:
        return None
    sql = values[4][:_LONGEST_SQL]
    is_index = values[0] == "index"
    columns = () if is_index or _is_without_row_ids(sql) else tuple(map(column, _columns(sql)))
    return Table(values[1], root, columns, is_index, encoding)


def searched(payload: bytes, encoding: str) -> str | None:
    """The name of a table that searches text and keeps it in tables of its own, if a row of the schema makes one."""
    types, at = types_of(payload)
    values: list[str] = []
    for kind in types[:5]:
        values.append(payload[at : at + size_of(kind)].decode(encoding, "replace"))
        at += size_of(kind)
    return values[1] if len(values) == 5 and _SEARCHES.match(values[4][:_LONGEST_SQL]) else None


def _is_without_row_ids(sql: str) -> bool:
    """Whether the columns of a table stand in another order than its definition's (section 2.4)."""
    return sql.rpartition(")")[2].lower().split()[:2] == ["without", "rowid"]


def _columns(sql: str) -> Sequence[str]:
    """The names of the columns that `CREATE TABLE` defines, as far as they can be told without a parser of SQL."""
    names: list[str] = []
    depth = 0
    is_first = False
    for token in _TOKENS.findall(sql):
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
            if token.lower() in _CONSTRAINTS:
                break
            names.append(token[1:-1] if token[0] in "\"`['" else token)
    return names
