"""The row groups that a parquet footer lists, millions of columns of them in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

from modelguard.readers.interface import OverBudget

_MOST_CHUNKS = 2_000_000
"""Columns of all row groups: 61 bytes of memory each. Each row group counts as one more."""

_MOST_PATHS = 200_000
_MOST_PATH_BYTES = 32 * 1024 * 1024
_FARTHEST = 1 << 60
_TEXT, _PACKED, _DICTIONARY = 1, 2, 4
_NUMBERS = 7


class Chunk(NamedTuple):
    """A column of a row group: its path in the schema, the bytes that it has, and those of its indexes.

    `is_dictionary` says that all its pages are numbers of values that are written once.
    """

    path: str
    is_text: bool
    is_packed: bool
    is_dictionary: bool
    bytes: int
    span: tuple[int, int]
    indexes: tuple[tuple[int, int], ...]


class Group(NamedTuple):
    """A row group, and the bytes of the footer that say so."""

    rows: int
    chunks: tuple[Chunk, ...]
    told_in: tuple[int, int]

    def beginnings(self) -> Iterator[int]:
        """Where its columns and their indexes begin."""
        for chunk in self.chunks:
            yield chunk.span[0]
            yield from (start for start, end in chunk.indexes if start < end)


class Groups:
    """Row groups, in order. `add` takes one, `some` makes those from one to another anew."""

    def __init__(self) -> None:
        self._paths: dict[str, int] = {}
        self._path_bytes = 0
        self._named: list[str] = []
        self._path = array("I")
        self._flags = array("B")
        self._numbers = array("q")
        self._groups = array("q")

    def __len__(self) -> int:
        return len(self._groups) // 4

    @property
    def chunks(self) -> int:
        """How many columns all of them have."""
        return len(self._path)

    def add(self, group: Group) -> None:
        """Take one more.

        Raises:
            OverBudget: they are too many, or their columns have too many names.
        """
        if len(self._path) + len(self) + len(group.chunks) >= _MOST_CHUNKS:
            raise OverBudget(f"its row groups have more than {_MOST_CHUNKS} columns in all")
        for chunk in group.chunks:
            flags = chunk.is_text * _TEXT | chunk.is_packed * _PACKED | chunk.is_dictionary * _DICTIONARY
            self._path.append(self._number_of(chunk.path))
            self._flags.append(flags)
            spans = (chunk.span, *chunk.indexes)
            self._numbers.extend(min(each, _FARTHEST) for each in (chunk.bytes, *(at for span in spans for at in span)))
        self._groups.extend((max(-_FARTHEST, min(group.rows, _FARTHEST)), len(self._path), *group.told_in))

    def _number_of(self, path: str) -> int:
        number = self._paths.get(path)
        if number is None:
            self._path_bytes += len(path)
            if len(self._named) >= _MOST_PATHS or self._path_bytes > _MOST_PATH_BYTES:
                raise OverBudget(f"its columns have more than {_MOST_PATHS} names")
            number = self._paths[path] = len(self._named)
            self._named.append(path)
        return number

    def some(self, first: int, end: int) -> list[Group]:
        """The row groups from one to another."""
        return [self._group(number) for number in range(first, min(end, len(self)))]

    def _group(self, number: int) -> Group:
        rows, end, *told_in = self._groups[4 * number : 4 * number + 4]
        start = self._groups[4 * number - 3] if number else 0
        return Group(rows, tuple(map(self._chunk, range(start, end))), (told_in[0], told_in[1]))

    def _chunk(self, number: int) -> Chunk:
        flags = self._flags[number]
        packed, *at = self._numbers[_NUMBERS * number : _NUMBERS * (number + 1)]
        return Chunk(
            self._named[self._path[number]],
            bool(flags & _TEXT),
            bool(flags & _PACKED),
            bool(flags & _DICTIONARY),
            packed,
            (at[0], at[1]),
            ((at[2], at[3]), (at[4], at[5])),
        )

    def reach(self, first: int, most_bytes: int, most_chunks: int) -> list[Group]:
        """The row groups from one on that have no more than so many bytes and columns in all; one at least."""
        groups: list[Group] = []
        size = chunks = 0
        while first + len(groups) < len(self):
            group = self._group(first + len(groups))
            chunks += len(group.chunks)
            if groups and chunks > most_chunks:
                break
            groups.append(group)
            size += sum(chunk.bytes for chunk in group.chunks)
            if size >= most_bytes or chunks >= most_chunks:
                break
        return groups
