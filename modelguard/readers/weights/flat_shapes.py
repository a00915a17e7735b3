"""What the texts of a flatbuffer are: a schema, as far as it leads to texts, and a walk through a file along it.

Strings end with a zero byte, but vectors of bytes do not: what follows one may look like more of it. So all of them
are told, each alone or beside its key, and covered by that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Ranged
from modelguard.readers.weights.flatbuffers import Table
from modelguard.readers.weights.key_values import Entries

_MOST = 500_000
"""Parts of a file, tables that are listed several times counted as often."""

_LONG = 1 << 20
_LONGEST_KEY = 200


class Form(Enum):
    """What a field of a table is."""

    TEXT = 0
    TEXTS = 1
    TABLE = 2
    TABLES = 3
    PAIRS = 4
    """Tables of a key (field 0) and a text or bytes (field 1)."""
    UNION = 5
    """A table whose kind the field before it tells."""


class Part(NamedTuple):
    """A field by its name in the schema. `shapes` are those of a union, by kind, or the one of tables, at 0."""

    name: str
    form: Form = Form.TEXT
    shapes: Mapping[int, Shape] = {}


Shape = Mapping[int, Part]
"""The fields of a table that lead to texts."""


class Walk:
    """Gathers the texts of a blob of this shape, the root first."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob = blob
        self._limits = limits
        self._entries = Entries()
        self._covered: list[tuple[int, int]] = []
        self._seen: set[int] = set()
        self._left = _MOST

    def table(self, table: Table, shape: Shape, path: str) -> Iterator[Piece]:
        """The texts of a table and of those within it.

        Raises:
            Malformed: something does not lie in the blob, or there is too much of it.
        """
        for field, part in shape.items():
            name = f"{path}.{part.name}" if path else part.name
            yield from self._part(table, field, part, name)

    def flushed(self) -> Iterator[Piece]:
        """The texts that were gathered, and what they cover."""
        yield from self._entries.told()
        yield from (Covered(*span) for span in self._covered)
        self._covered = []

    def _part(self, table: Table, field: int, part: Part, name: str) -> Iterator[Piece]:
        if part.form is Form.TEXT:
            yield from self._text(table.text(field), name)
        elif part.form is Form.TEXTS:
            for number, span in enumerate(table.texts(field)):
                yield from self._text(span, f"{name}[{number}]")
        elif part.form is Form.PAIRS:
            yield from self._pairs(table, field, name)
        elif part.form is Form.TABLES:
            for number, each in enumerate(table.tables(field)):
                self._count()
                yield from self.table(each, part.shapes[0], f"{name}[{number}]")
        else:
            shape = part.shapes.get(table.number(field - 1, 1) if part.form is Form.UNION else 0)
            inner = table.table(field) if shape is not None else None
            if shape is not None and inner is not None:
                yield from self.table(inner, shape, name)

    def _pairs(self, table: Table, field: int, name: str) -> Iterator[Piece]:
        for number, pair in enumerate(table.tables(field)):
            start, end = pair.text(0) or (0, 0)
            key = self._blob.read(start, min(end, start + _LONGEST_KEY))
            shown = f"{name}[{quoted(key.decode('utf-8', 'replace'))}]" if key else f"{name}[{number}]"
            if end - start > _LONGEST_KEY:
                yield from self._text((start, end), shown)
            elif key:
                self._covered.append((start, end))
            yield from self._text(pair.text(1), shown, key + b": ")

    def _text(self, span: tuple[int, int] | None, name: str, before: bytes = b"") -> Iterator[Piece]:
        self._count()
        start, end = span or (0, 0)
        if end - start > _LONG:
            self._limits.member()
            yield Member(Ranged(self._blob, name, start, end))
            yield Covered(start, end)
        elif start not in self._seen and (end > start or before):
            if end > start:
                self._seen.add(start)
            self._limits.spend(end - start)
            self._entries.add(before + self._blob.read(start, end), name, start, end)
            self._covered.append((start, end))
        if self._entries.enough:
            yield from self.flushed()

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Malformed("it has more parts than any model has")
        self._limits.check_time()
