"""LMDB (`data.mdb`): every key and value of every database in a file; values that are files are members.

What no tree of the newest state reaches (free pages, what an earlier state held, room between nodes) may hold old data,
and is looked at as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from functools import partial

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece
from modelguard.readers.json_places import quoted
from modelguard.readers.kinds import HEAD_BYTES, is_file
from modelguard.readers.members import Ranged
from modelguard.readers.tables.lmdb_pages import Db, Node, Pages, Value
from modelguard.readers.weights.key_values import Entries

_LONG = 64 * 1024
"""A value of so many bytes is looked at as a member, and its key beside it is not."""

_FILES_FROM = 16
_DEEPEST = 3
_NAME = re.compile(rb"[A-Za-z_.-]{1,30}")
_SORTED_DUPLICATES = 0x04
"""`MDB_DUPSORT`."""

Named = Callable[[], str]


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The keys and values of all databases. See `Reader`."""
    pages = Pages(blob, limits)
    told = _Told(blob, limits, pages)
    yield from told.database(pages.main, "main", 0)
    yield from told.flushed()


class _Told:
    """What is told of a file, and covered then."""

    def __init__(self, blob: Blob, limits: Limits, pages: Pages) -> None:
        self._blob = blob
        self._limits = limits
        self._pages = pages
        self._entries = Entries()
        self._covered: list[tuple[int, int]] = []

    def database(self, db: Db, name: str, depth: int) -> Iterator[Piece]:
        """The nodes of a tree, and of those within it.

        Raises:
            Malformed: a page is not as it should be.
        """
        if depth > _DEEPEST:
            raise Malformed("it has databases in databases without end")
        for nodes, _ in self._pages.tree(db):
            for node in sorted(nodes, key=lambda each: each.begin):
                yield from self._node(node, db, name, depth)
            if self._entries.enough:
                yield from self.flushed()

    def flushed(self) -> Iterator[Piece]:
        """The texts that were gathered, and what they cover."""
        yield from self._entries.told()
        yield from (Covered(*span) for span in self._covered)
        self._covered = []

    def _node(self, node: Node, db: Db, name: str, depth: int) -> Iterator[Piece]:
        named = _named(node.key, db, name)
        beside = False
        if isinstance(node.held, Value):
            self._cover(node.begin, node.end)
            beside = yield from self._value(node.held, named, node.key + b": ")
        elif not isinstance(node.held, Db):
            beside = yield from self._several(iter(node.held), named, node.key)
        elif db.flags & _SORTED_DUPLICATES:
            beside = yield from self._several(self._of_tree(node.held), named, node.key)
        else:
            shown = _shown(node.key)
            named = partial("name of database {}".format, shown)
            yield from self.database(node.held, node.key.decode("utf-8", "replace"), depth + 1)
        if not beside:
            self._entries.add(node.key, named, node.begin, node.end)
        self._cover(node.begin, node.end)

    def _cover(self, start: int, end: int) -> None:
        """Note what need not be looked at once all that was gathered is told; nodes begin at even numbers."""
        last = self._covered[-1] if self._covered else (0, 0)
        if last[1] <= start <= last[1] + 1:
            self._covered[-1] = (last[0], end)
        elif not last[0] <= start <= end <= last[1]:
            self._covered.append((start, end))

    def _several(self, values: Iterator[Value], named: Named, key: bytes) -> Generator[Piece, None, bool]:
        """Values of one key, and whether it was told beside each: one that is long may be a value itself."""
        beside = _NAME.fullmatch(key) is not None
        for number, value in enumerate(values):
            yield from self._value(value, partial(_numbered, named, number), key + b": " if beside else b"")
            if self._entries.enough:
                yield from self.flushed()
        return beside

    def _of_tree(self, db: Db) -> Iterator[Value]:
        """Values of one key that are so many that they have a tree of their own, whose keys they are."""
        for nodes, values in self._pages.tree(db):
            yield from values
            for node in nodes:
                yield Value(node.begin, node.end - len(node.key), node.end, node.key)

    def _value(self, value: Value, named: Named, before: bytes) -> Generator[Piece, None, bool]:
        """One value, and whether it was told behind its key: one that is a file or long is not."""
        start, end = value.start, value.end
        data = value.data
        head = self._blob.read(start, min(end, start + HEAD_BYTES)) if data is None else data[:HEAD_BYTES]
        if end - start > _LONG or (end - start >= _FILES_FROM and is_file(head)):
            self._limits.member()
            yield Member(Ranged(self._blob, named(), start, end))
            yield Covered(start, end)
            return False
        self._limits.spend(end - start)
        self._entries.add(before + (self._blob.read(start, end) if data is None else data), named, start, end)
        self._cover(value.begin, end)
        return True


def _shown(key: bytes) -> str:
    return quoted(key.decode("utf-8", "replace"))


def _named(key: bytes, db: Db, name: str) -> Named:
    return partial(_entry_name, key, db.has_numbers, name)


def _entry_name(key: bytes, has_numbers: bool, name: str) -> str:
    if has_numbers and len(key) in (4, 8):
        return f"{name}[{int.from_bytes(key, 'little')}]"
    return f"{name}[{_shown(key)}]"


def _numbered(named: Named, number: int) -> str:
    return f"{named()}[{number}]"
