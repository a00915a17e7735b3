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
_MOST_ITEMS = 600_000
"""In all lists of what is read. What is made of an item takes up to 500 bytes of memory."""


class Span(NamedTuple):
    """Bytes of what is read, from `start` to `end`."""

    start: int
    end: int


class Compact:
    """Reads one value after the other. Numbers become `int`, bytes `Span`, lists `list`, structs `dict` by field.

    Every method raises `Malformed` where the bytes end too early or are nothing of the kind, and `OverBudget`
    where there are too many of them.
    """

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at
        self._left = _MOST_ITEMS

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and type of each field of a struct; whoever is told of one must read its value before the next."""
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._zigzag()
            yield number, head & 0xF

    def items(self) -> tuple[int, int]:
        """How many items a list has, and their type. There are no more than there are bytes left."""
        head = self._byte()
        count = head >> 4 if head >> 4 != 0xF else self._varint()
        if count > len(self.data) - self.at:
            raise Malformed("a list is longer than what holds it")
        self._left -= count
        if self._left < 0:
            raise OverBudget(f"its lists have more than {_MOST_ITEMS} items")
        return count, head & 0xF

    def value(self, of_type: int, depth: int = 0, in_list: bool = False) -> Any:
        """A value of a type; `in_list`: as an item, where truth values have a byte of their own."""
        if depth > _DEEPEST:
            raise Malformed(f"its values are more than {_DEEPEST} deep")
        if of_type in _INTEGERS:
            return self._zigzag()
        if of_type == BINARY:
            return self._span(self._varint())
        if of_type == STRUCT:
            return {number: self.value(kind, depth + 1) for number, kind in self.fields()}
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
        for place in range(_LONGEST_NUMBER):
            byte = self._byte()
            number |= (byte & 0x7F) << (7 * place)
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
        return Span(start, end)


def spans_in(value: Any) -> Iterator[Span]:
    """All bytes in a value, however deep."""
    if isinstance(value, Span):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from spans_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from spans_in(each)
