"""Values within values, as formats like MessagePack and UBJSON have them: each text at its path, beside its key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Omitted, Piece
from modelguard.readers.json_places import Path, Step
from modelguard.readers.members import Ranged
from modelguard.readers.weights.key_values import Entries, KeyValues
from modelguard.readers.weights.numbers import MOST_LOOKED_AT, is_text_like, swapped, text_in

DEEPEST = 512
_SHORT = 4096
"""Bytes of an array from which on it is a blob of its own or weights; shorter ones stand among the rest."""

_SHORTEST = 8
"""No value has fewer bytes."""

_MOST_KEYS = 10_000
"""So many keys are remembered."""

_OFTEN = 4096


class _Member(NamedTuple):
    """A member of an object or an array, which is itself the member `above`: ways are written when they are asked for.

    A file of some bytes may hold many members at a great depth; each of them costs as much as one at the top.
    """

    above: _Member | None
    key: bytes | None
    number: int

    def way(self, in_key: bool = False) -> str:
        steps: list[Step] = []
        at: _Member | None = self
        while at is not None:
            steps.append(Step(None if at.key is None else at.key.decode("utf-8", "replace"), at.number))
            at = at.above
        return str(Path(tuple(reversed(steps)), in_key))


class _Level:
    """An object or an array that is open; `left` is how many members are to come, None where an end is marked.

    It is itself the member `above`, if it is not the outermost.
    """

    __slots__ = ("above", "is_object", "key", "key_at", "left", "number")

    def __init__(self, is_object: bool, left: int | None, above: _Member | None) -> None:
        self.above = above
        self.is_object = is_object
        self.left = left
        self.number = -1
        self.key: bytes | None = None
        self.key_at = 0


class Tree:
    """Where a reader is, and what it tells. Everything but large arrays also stands in the blob as it is."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self.levels: list[_Level] = []
        self._blob = blob
        self._limits = limits
        self._values = KeyValues(again=True)
        self._entries = Entries(again=True)
        self._keys: set[bytes] = set()
        self._steps = 0
        self._weights = self._arrays = 0

    def open(self, is_object: bool, left: int | None) -> None:
        """Go into an object or an array.

        Raises:
            Malformed: it lies deeper than any does.
        """
        if len(self.levels) >= DEEPEST:
            raise Malformed(f"values lie more than {DEEPEST} deep in each other")
        self.levels.append(_Level(is_object, left, self._member()))

    def next(self) -> bool:
        """Go to the next member; False at an end that was counted."""
        self._steps += 1
        if self._steps % _OFTEN == 0:
            self._limits.check_time()
        level = self.levels[-1]
        if level.left is not None:
            if level.left == 0:
                return False
            level.left -= 1
        level.number += 1
        level.key = None
        return True

    def key(self, key: bytes, start: int) -> None:
        """The key of the member is this, and stands there."""
        self.levels[-1].key, self.levels[-1].key_at = key, start

    def path(self) -> str:
        """The way to the member."""
        return _way(self._member())

    def _member(self) -> _Member | None:
        level = self.levels[-1] if self.levels else None
        return None if level is None else _Member(level.above, level.key, level.number)

    def _name(self, in_key: bool = False) -> partial[str]:
        return partial(_way, self._member(), in_key)

    def text(self, text: bytes, start: int) -> Iterator[Piece]:
        """The member is a text."""
        level = self.levels[-1] if self.levels else None
        if level is None or level.key is None:
            self._entries.add(text, self._name(), start, start + len(text))
        else:
            self._values.add(level.key, text, self._name(), start, start + len(text), level.key_at)
        yield from self._gathered()

    def other(self) -> Iterator[Piece]:
        """The member is no text: its key is told alone, where it was not told before."""
        level = self.levels[-1] if self.levels else None
        if level is not None and level.key is not None and level.key not in self._keys:
            if len(self._keys) < _MOST_KEYS:
                self._keys.add(level.key)
            self._entries.add(level.key, self._name(in_key=True), level.key_at, level.key_at + len(level.key))
            yield from self._gathered()

    def blob(self, start: int, end: int) -> Iterator[Piece]:
        """The member is bytes: a blob of its own."""
        if end - start < _SHORTEST:
            return
        if end - start <= _SHORT:
            self._entries.add(self._blob.read(start, end), self._name(), start, end)
            yield from self._gathered()
        elif end - start > MOST_LOOKED_AT and not self._limits.weights:
            yield from self._omit(start, end)
        else:
            yield Member(Ranged(self._blob, self.path(), start, end))
            yield Covered(start, end)

    def floats(self, start: int, end: int) -> Iterator[Piece]:
        """The member is an array of floats."""
        if end - start > _SHORT and not self._limits.weights:
            yield from self._omit(start, end)

    def numbers(self, start: int, end: int, width: int, big: bool = False) -> Iterator[Piece]:
        """The member is an array of whole numbers of more than one byte."""
        if end - start > MOST_LOOKED_AT:
            yield from self.floats(start, end)
            return
        data = self._blob.read(start, end)
        data = swapped(data, width) if big else data
        name = partial(_element, self._member())
        text = text_in(data, width, name, start, self._limits) if is_text_like(data, width) else None
        if text is not None:
            yield text

    def end(self) -> Iterator[Piece]:
        """What was gathered, when all was read or nothing more can be."""
        yield from self._gathered(all_of_it=True)
        if self._arrays:
            yield Omitted("arrays", f"{self._arrays} arrays of a model; --weights looks at them, too", self._weights)
            self._arrays = 0

    def _omit(self, start: int, end: int) -> Iterator[Piece]:
        self._weights += end - start
        self._arrays += 1
        yield Covered(start, end)

    def _gathered(self, all_of_it: bool = False) -> Iterator[Piece]:
        if all_of_it or self._values.enough:
            yield from self._values.told()
        if all_of_it or self._entries.enough:
            yield from self._entries.told()


def _way(member: _Member | None, in_key: bool = False) -> str:
    return "value" if member is None else member.way(in_key)


def _element(member: _Member | None, number: int) -> str:
    return f"{_way(member)}[{number}]"
