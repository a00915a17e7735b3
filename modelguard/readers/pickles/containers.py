"""The stack and the memo of a pickle, and the tuples, lists, dicts and sets that its opcodes make on it."""

from __future__ import annotations

from modelguard.readers.pickles.machine import Broken, put, put_pair
from modelguard.readers.pickles.nodes import DICT, LIST, SET, TUPLE, Built, Item, Literal
from modelguard.readers.pickles.strings import LONGEST_NUMBER, U4, Strings

_KEPT = frozenset({b"shape", b"dtype", b"order", b"numpy_array_alignment_bytes", b"data", b"_pa_array", b"_name"})
_MOST_KEPT = 4096
_MOST_LISTED = 1000
_MOST_ADDED = 16
"""Items of a list that are kept: so many as come at once, and of those that come one by one."""


class Containers(Strings):
    """See `Strings`."""

    def mark(self, data: bytes, at: int) -> int:
        """MARK."""
        self._marks.append(len(self._stack))
        return at + 1

    def pop(self, data: bytes, at: int) -> int:
        """POP."""
        if self._marks and self._marks[-1] >= len(self._stack):
            self._marks.pop()
        else:
            self._stack.pop()
        return at + 1

    def pop_mark(self, data: bytes, at: int) -> int:
        """POP_MARK."""
        self._machine.to_mark()
        return at + 1

    def twice(self, data: bytes, at: int) -> int:
        """DUP."""
        self._stack.append(self._stack[-1])
        return at + 1

    def memoize(self, data: bytes, at: int) -> int:
        """MEMOIZE."""
        memo = self._memo
        if len(memo) < self._most:
            memo[len(memo)] = self._stack[-1]
        return at + 1

    def put1(self, data: bytes, at: int) -> int:
        """BINPUT."""
        if len(self._memo) < self._most:
            self._memo[data[at + 1]] = self._stack[-1]
        return at + 2

    def put4(self, data: bytes, at: int) -> int:
        """LONG_BINPUT."""
        self._machine.remember(U4.unpack_from(data, at + 1)[0])
        return at + 5

    def put_line(self, data: bytes, at: int) -> int:
        """PUT."""
        index, end = self._index(data, at)
        self._machine.remember(index)
        return end

    def get1(self, data: bytes, at: int) -> int:
        """BINGET."""
        self._stack.append(self._memo.get(data[at + 1]))
        return at + 2

    def get4(self, data: bytes, at: int) -> int:
        """LONG_BINGET."""
        self._stack.append(self._memo.get(U4.unpack_from(data, at + 1)[0]))
        return at + 5

    def get_line(self, data: bytes, at: int) -> int:
        """GET."""
        index, end = self._index(data, at)
        self._stack.append(self._memo.get(index))
        return end

    def _index(self, data: bytes, at: int) -> tuple[int, int]:
        line, end = self._line(data, at + 1)
        line = line.rstrip(b"\r")
        if not line.isdigit() or len(line) > LONGEST_NUMBER:
            raise Broken(self._machine.base + at)
        return int(line), end

    def new_list(self, data: bytes, at: int) -> int:
        """EMPTY_LIST."""
        self._stack.append(Built(LIST))
        return at + 1

    def new_dict(self, data: bytes, at: int) -> int:
        """EMPTY_DICT."""
        self._stack.append(Built(DICT))
        return at + 1

    def new_set(self, data: bytes, at: int) -> int:
        """EMPTY_SET."""
        self._stack.append(Built(SET))
        return at + 1

    def no_tuple(self, data: bytes, at: int) -> int:
        """EMPTY_TUPLE."""
        self._stack.append(Built(TUPLE))
        return at + 1

    def _tuple(self, items: list[Item], kind: str = TUPLE) -> None:
        made = Built(kind, items if len(items) <= _MOST_KEPT else items[:_MOST_KEPT])
        for number, item in enumerate(items):
            put(item, made, number)
        self._stack.append(made)

    def tuple_(self, data: bytes, at: int) -> int:
        """TUPLE."""
        self._tuple(self._machine.to_mark())
        return at + 1

    def list_(self, data: bytes, at: int) -> int:
        """LIST."""
        self._tuple(self._machine.to_mark(), LIST)
        return at + 1

    def frozen_set(self, data: bytes, at: int) -> int:
        """FROZENSET."""
        self._tuple(self._machine.to_mark(), SET)
        return at + 1

    def tuple1(self, data: bytes, at: int) -> int:
        """TUPLE1."""
        self._tuple([self._stack.pop()])
        return at + 1

    def tuple2(self, data: bytes, at: int) -> int:
        """TUPLE2."""
        last = self._stack.pop()
        self._tuple([self._stack.pop(), last])
        return at + 1

    def tuple3(self, data: bytes, at: int) -> int:
        """TUPLE3."""
        last, middle = self._stack.pop(), self._stack.pop()
        self._tuple([self._stack.pop(), middle, last])
        return at + 1

    def dict_(self, data: bytes, at: int) -> int:
        """DICT."""
        items = self._machine.to_mark()
        made = Built(DICT)
        self._pairs(items, made)
        self._stack.append(made)
        return at + 1

    def _pairs(self, items: list[Item], owner: Item) -> None:
        if owner.__class__ is not Built:
            return
        for number in range(0, len(items) - 1, 2):
            self._pair(items[number], items[number + 1], owner)

    def _pair(self, key: Item, value: Item, owner: Built) -> None:
        put_pair(key, value, owner)
        if key.__class__ is Literal and key.text in _KEPT:
            if owner.kept is None:
                owner.kept = {}
            owner.kept[key.text] = value

    def set_items(self, data: bytes, at: int) -> int:
        """SETITEMS."""
        items = self._machine.to_mark()
        self._pairs(items, self._stack[-1])
        return at + 1

    def set_item(self, data: bytes, at: int) -> int:
        """SETITEM."""
        value, key = self._stack.pop(), self._stack.pop()
        self._pairs([key, value], self._stack[-1])
        return at + 1

    def append(self, data: bytes, at: int) -> int:
        """APPEND."""
        value = self._stack.pop()
        self._append([value], self._stack[-1])
        return at + 1

    def appends(self, data: bytes, at: int) -> int:
        """APPENDS and ADDITEMS."""
        items = self._machine.to_mark()
        self._append(items, self._stack[-1])
        return at + 1

    def _append(self, items: list[Item], owner: Item) -> None:
        if not isinstance(owner, Built):
            return
        before = owner.count
        owner.count += len(items)
        if owner.kind is LIST and not before and len(items) <= _MOST_LISTED:
            owner.items = items
        elif owner.kind is LIST and before < _MOST_ADDED and len(items) == 1:
            owner.items = [*owner.items, *items]
        for number, item in enumerate(items, before):
            if (item.__class__ is Literal or item.__class__ is Built) and item.parent is None:
                item.parent = owner
                item.step = number
