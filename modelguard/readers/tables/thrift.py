"""Values as Thrift's compact protocol writes them, without their names: what parquet's footers and pages begin with.

Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from modelguard.readers.interface import Malformed, OverBudget

BINARY, LIST, SET, MAP, STRUCT = 8, 9, 10, 11, 12
_TRUE, _FALSE, _BYTE, _DOUBLE = 1, 2, 3, 7
_INTEGERS = (4, 5, 6)
_DEEPEST = 32
_LONGEST_NUMBER = 10
_SHIFTS = range(0, 7 * _LONGEST_NUMBER, 7)
_MOST_ITEMS = 600_000
"""In all lists of one value. What is made of an item takes up to 500 bytes of memory."""


class Span(NamedTuple):
    """Bytes of what is read, from `start` to `end`."""

    start: int
    end: int


class Compact:
    """Reads one value after the other. Numbers become `int`, bytes `Span`, lists `list`, structs `dict` by field.

    `at` is where in `data` the next one begins, `base` where `data` does in what spans are of.
    Every method raises `Malformed` where the bytes end too early or are nothing of the kind, and `OverBudget`
    where there are too many of them.
    """

    def __init__(self, data: bytes, at: int = 0, base: int = 0) -> None:
        self.data = data
        self.at = at
        self._base = base
        self._left = _MOST_ITEMS

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and type of each field of a struct; whoever is told of one must read its value before the next."""
        number = 0
        while (field := self.field(number)) is not None:
            number = field[0]
            yield field

    def field(self, before: int) -> tuple[int, int] | None:
        """Number and type of the field behind the one of this number; None behind the last."""
        head = self._byte()
        if head == 0:
            return None
        return before + (head >> 4) if head >> 4 else self._zigzag(), head & 0xF

    def items(self) -> tuple[int, int]:
        """How many items a list has, and their type. There are no more than there are bytes left."""
        count, kind = self.head()
        if count > len(self.data) - self.at:
            raise Malformed("a list is longer than what holds it")
        self._left -= count
        if self._left < 0:
            raise OverBudget(f"its lists have more than {_MOST_ITEMS} items")
        return count, kind

    def head(self) -> tuple[int, int]:
        """How many items a list says that it has, and their type."""
        head = self._byte()
        return head >> 4 if head >> 4 != 0xF else self._varint(), head & 0xF

    def value(self, of_type: int, depth: int = 0, in_list: bool = False) -> Any:
        """A value of a type; `in_list`: as an item, where truth values have a byte of their own."""
        if depth > _DEEPEST:
            raise Malformed(f"its values are more than {_DEEPEST} deep")
        if of_type in _INTEGERS:
            return self._zigzag()
        if of_type == BINARY:
            return self._span(self._varint())
        if of_type == STRUCT:
            return self._struct(depth)
        if of_type in (LIST, SET):
            count, kind = self.items()
            return [self.value(kind, depth + 1, True) for _ in range(count)]
        if of_type in (_TRUE, _FALSE):
            return self._byte() == _TRUE if in_list else of_type == _TRUE
        if of_type == _BYTE:
            return self._byte()
        if of_type == _DOUBLE:
            self._span(8)
            return None
        if of_type == MAP:
            return self._map(depth)
        raise Malformed("a value has a type that does not exist")

    def _struct(self, depth: int) -> dict[int, Any]:
        """As `fields` and `value` would; a footer has millions of them."""
        data, number = self.data, 0
        made: dict[int, Any] = {}
        try:
            while head := data[self.at]:
                self.at += 1
                number = number + (head >> 4) if head >> 4 else self._zigzag()
                kind = head & 0xF
                if kind in _INTEGERS and (byte := data[self.at]) < 0x80:
                    self.at += 1
                    made[number] = (byte >> 1) ^ -(byte & 1)
                elif kind in _INTEGERS:
                    made[number] = self._zigzag()
                elif kind == BINARY:
                    made[number] = self._span(self._varint())
                else:
                    made[number] = self.value(kind, depth + 1)
        except IndexError:
            raise Malformed("it ends too early") from None
        self.at += 1
        return made

    def _map(self, depth: int) -> list[Any]:
        count = self._varint()
        kinds = self._byte() if count else 0
        if count > len(self.data) - self.at:
            raise Malformed("a map is longer than what holds it")
        return [self.value(kind, depth + 1, True) for _ in range(count) for kind in (kinds >> 4, kinds & 0xF)]

    def _byte(self) -> int:
        if self.at >= len(self.data):
            raise Malformed("it ends too early")
        self.at += 1
        return self.data[self.at - 1]

    def _varint(self) -> int:
        number = 0
        data, end = self.data, len(self.data)
        for shift in _SHIFTS:
            if self.at >= end:
                raise Malformed("it ends too early")
            byte = data[self.at]
            self.at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
        raise Malformed("a number is longer than it may be")

    def _zigzag(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _span(self, length: int) -> Span:
        start, end = self.at, self.at + length
        if end > len(self.data):
            raise Malformed("a value is longer than what holds it")
        self.at = end
        return Span(self._base + start, self._base + end)


def spans_in(value: Any) -> list[Span]:
    """All bytes in a value, however deep, in order."""
    found: list[Span] = []
    _gather(value, found)
    return found


def _gather(value: Any, found: list[Span]) -> None:
    if isinstance(value, Span):
        found.append(value)
        return
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if each.__class__ is not int:  # most are
            _gather(each, found)
