"""What a record of Avro looks like in bytes, made of the schema that a file begins with.

Format: https://avro.apache.org/docs/1.12.0/specification/, "Schema Declaration" and "Binary Encoding". What is made is
a function that goes past one value and notes its texts; nothing that a schema names is run or looked up elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from modelguard.readers.interface import Limits, Malformed

_DEEPEST = 64
_MOST_NODES = 10_000
_MOST_TEXTS = 500_000
"""Of one record, with those before it that were not told yet."""

_WIDTHS = {"null": 0, "boolean": 1, "float": 4, "double": 8}


class Found(NamedTuple):
    """A text in a block: its column, its row in the block, and where it stands; a number that is told has its text."""

    path: str
    row: int
    start: int
    end: int
    number: str | None = None


class Block:
    """The bytes of a block while it is read. `found` are the texts so far."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.at = 0
        self.row = 0
        self.found: list[Found] = []
        self._limits = limits
        self._left = 4 * len(data) + 100_000
        self.depth = 0

    def long(self) -> int:
        """The next whole number: seven bits a byte, the lowest first, the sign in the lowest bit."""
        number = shift = 0
        while True:
            if self.at >= len(self.data) or shift > 63:
                raise Malformed("a block ends too early")
            byte = self.data[self.at]
            self.at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number >> 1 ^ -(number & 1)
            shift += 7

    def skip(self, count: int) -> int:
        """Go past so many bytes; returns where they begin."""
        start = self.at
        if not 0 <= count <= len(self.data) - start:
            raise Malformed("a value is longer than its block")
        self.at = start + count
        return start

    def count(self) -> None:
        """Count one value: those that take no bytes must end, too."""
        self._left -= 1
        if self._left < 0:
            raise Malformed("a block has more values than it can hold")
        if not self._left & 0xFFF:
            self._limits.check_time()

    def note(self, path: str, start: int, number: str | None = None) -> None:
        """Note a text, or a number that is told, which ends here."""
        self.found.append(Found(path, self.row, start, self.at, number))
        if len(self.found) > _MOST_TEXTS:
            raise Malformed(f"a record has more than {_MOST_TEXTS} texts")

    def items(self) -> int:
        """How many items follow in an array or a map; 0 at its end."""
        count = self.long()
        if count < 0:
            self.long()  # how many bytes they take
        return abs(count)


Pass = Callable[[Block], None]


class Schema:
    """Makes the function of a schema. `tells_number` says of a column's name whether its whole numbers are told.

    Raises `Malformed` where it is none.
    """

    def __init__(self, written: bytes, tells_number: Callable[[str], bool]) -> None:
        try:
            declared = json.loads(written)
        except (ValueError, RecursionError):
            raise Malformed("its schema is no JSON") from None
        self._tells_number = tells_number
        self._left = _MOST_NODES
        self._named: dict[str, Any] = {}
        self._made: dict[str, list[Pass]] = {}
        self.passes = self._node(declared, "", 0)

    def _node(self, declared: Any, path: str, depth: int) -> Pass:
        self._left -= 1
        if depth > _DEEPEST or self._left < -_MOST_NODES:
            raise Malformed("its schema is too deep")
        if isinstance(declared, list):
            return partial(_union, [self._node(each, path, depth + 1) for each in declared])
        if isinstance(declared, str):
            return self._simple(declared, path, depth)
        kind = declared.get("type") if isinstance(declared, dict) else None
        if kind in ("record", "error", "enum", "fixed"):
            self._named[str(declared.get("name")).rpartition(".")[2]] = declared
            return self._of_name(declared, path, depth)
        if kind == "array":
            return partial(_array, self._node(declared.get("items"), f"{path}[]", depth + 1))
        if kind == "map":
            return partial(_map, self._node(declared.get("values"), f"{path}{{}}", depth + 1), path)
        if kind is None:
            raise Malformed("its schema has a type that is none")
        return self._node(kind, path, depth + 1)

    def _simple(self, name: str, path: str, depth: int) -> Pass:
        if name in _WIDTHS:
            return partial(_fixed_width, _WIDTHS[name])
        if name in ("int", "long"):
            return partial(_number, path) if self._tells_number(path) else _long
        if name in ("string", "bytes"):
            return partial(_text, path)
        declared = self._named.get(name.rpartition(".")[2])
        if declared is None:
            raise Malformed("its schema names a type that it does not have")
        return self._of_name(declared, path, depth)

    def _of_name(self, declared: dict[str, Any], path: str, depth: int) -> Pass:
        """A type with a name; within itself, and where there are very many, it is the one that was made first."""
        kind = declared["type"]
        if kind == "enum":
            return _long
        if kind == "fixed":
            size = declared.get("size")
            if not isinstance(size, int):
                raise Malformed("its schema has a type without a size")
            return partial(_fixed, path, size)
        name = str(declared.get("name")).rpartition(".")[2]
        made = self._made.get(name)
        if made is not None and (depth > 8 or self._left < 0):
            return partial(_record, made)
        fields: list[Pass] = []
        self._made.setdefault(name, fields)
        for field in declared.get("fields") or ():
            if not isinstance(field, dict):
                raise Malformed("its schema has a field that is none")
            called = f"{path}.{field.get('name')}" if path else str(field.get("name"))
            fields.append(self._node(field.get("type"), called, depth + 1))
        return partial(_record, fields)


def _fixed_width(width: int, block: Block) -> None:
    block.count()
    block.skip(width)


def _long(block: Block) -> None:
    block.long()


def _number(path: str, block: Block) -> None:
    start = block.at
    number = block.long()
    block.note(path, start, str(number))


def _text(path: str, block: Block) -> None:
    start = block.skip(block.long())
    if block.at > start:
        block.note(path, start)


def _fixed(path: str, size: int, block: Block) -> None:
    block.count()
    start = block.skip(size)
    block.note(path, start)


def _union(kinds: Sequence[Pass], block: Block) -> None:
    number = block.long()
    if not 0 <= number < len(kinds):
        raise Malformed("a value is of no kind that its schema has")
    kinds[number](block)


def _array(item: Pass, block: Block) -> None:
    while count := block.items():
        for _ in range(count):
            block.count()
            item(block)


def _map(value: Pass, path: str, block: Block) -> None:
    while count := block.items():
        for _ in range(count):
            block.count()
            _text(f"{path}{{key}}", block)
            value(block)


def _record(fields: Sequence[Pass], block: Block) -> None:
    block.count()
    block.depth += 1
    if block.depth > _DEEPEST:
        raise Malformed("its records are too deep")
    for field in fields:
        field(block)
    block.depth -= 1
