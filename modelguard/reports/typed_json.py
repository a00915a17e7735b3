"""Parsed JSON, taken apart with types: a value of the wrong shape is refused with the way to it."""

from __future__ import annotations

import sys
from enum import Enum
from typing import TypeVar

from msgspec import Struct

from modelguard.errors import UsageError

_Word = TypeVar("_Word", bound=Enum)


class Node(Struct, frozen=True):
    """One JSON value and the way to it. Every method raises `UsageError` where the value is not of its type.

    The error names the key and never the value, which may be anything at all.
    """

    value: object
    way: str

    def __getitem__(self, key: str) -> Node:
        if not isinstance(self.value, dict):
            raise self._refused("an object")
        if key not in self.value:
            raise Node(None, self._below(key))._refused("there")
        return Node(self.value[key], self._below(key))

    def get(self, key: str, otherwise: object = None) -> Node:
        """The member of an object, or what stands for one that an earlier version did not write."""
        if isinstance(self.value, dict) and key not in self.value:
            return Node(otherwise, self._below(key))
        return self[key]

    def items(self) -> list[Node]:
        """The members of an array."""
        if not isinstance(self.value, list):
            raise self._refused("an array")
        return [Node(item, f"{self.way}[{number}]") for number, item in enumerate(self.value)]

    def entries(self) -> dict[str, Node]:
        """The members of an object whose keys are data. They are named by number: a key may be anything."""
        if not isinstance(self.value, dict):
            raise self._refused("an object")
        return {key: Node(item, f"{self.way}[{number}]") for number, (key, item) in enumerate(self.value.items())}

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self._refused("text")
        return self.value

    def text_or_none(self) -> str | None:
        return None if self.value is None else self.text()

    def truth(self) -> bool:
        if not isinstance(self.value, bool):
            raise self._refused("true or false")
        return self.value

    def truth_or_none(self) -> bool | None:
        return None if self.value is None else self.truth()

    def count(self, least: int = 0) -> int:
        """A whole number, `least` or more."""
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < least:
            raise self._refused(f"a whole number from {least}")
        return self.value

    def count_or_none(self, least: int = 0) -> int | None:
        return None if self.value is None else self.count(least)

    def seconds(self) -> float:
        """A finite number, 0 or more."""
        value = self.value if isinstance(self.value, float) else self.count()
        if not 0 <= value <= sys.float_info.max:
            raise self._refused("a number of seconds")
        return float(value)

    def word(self, words: type[_Word]) -> _Word:
        """A member of an enumeration, by its value."""
        try:
            return words(self.text())
        except ValueError:
            raise self._refused("a known word") from None

    def _below(self, key: str) -> str:
        return f"{self.way}.{key}" if self.way else key

    def _refused(self, expected: str) -> UsageError:
        return UsageError(
            f"This is not a whole modelguard/1 result: {self.way or 'the document'} is not {expected}.",
            "Write the result again with --format json.",
        )
