"""The marshal format (version 4, CPython's `Python/marshal.c`): strings, and the code objects that hold them.

Nothing is made of it but strings and what tells where they belong. `marshal` itself is not for data of others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from struct import Struct

from modelguard.readers.interface import Limits, Malformed, OverBudget

_REFERABLE = 0x80
_DEEPEST = 150
_I4 = Struct("<i")
_MOST_NUMBER_BYTES = 1 << 20
_MOST_WORDS = 1_000_000
"""Strings and code objects. What is kept of one takes up to 200 bytes of memory."""

_MOST_KEPT = 4_000_000
"""Places in lists that are kept, and objects that may be meant again: eight bytes each."""

CONSTANTS, NAMES, BYTECODE = "constants", "names", "bytecode"
"""What the strings of a code object may be."""


class Word:
    """A string: the bytes of the data that it was, and where it belongs. `variable` is what it is assigned to.

    There may be a million of them: the data is not copied.
    """

    __slots__ = ("_data", "end", "owner", "role", "start", "variable")

    def __init__(self, start: int, end: int, data: bytes) -> None:
        self.start = start
        self.end = end
        self._data = data
        self.owner: Code | None = None
        self.role = CONSTANTS
        self.variable: Word | None = None

    @property
    def text(self) -> bytes:
        """What it says."""
        return self._data[self.start : self.end]


class Code:
    """A code object: what assigns its constants, and what it is called."""

    __slots__ = ("bytecode", "constants", "locals", "name", "names", "owner")

    def __init__(self) -> None:
        self.bytecode: Item = None
        self.constants: Item = None
        self.names: Item = None
        self.locals: Item = None
        self.name: Item = None


Item = Word | Code | tuple["Item", ...] | None


class Marshalled:
    """Reads one object. `words` are the strings so far, `codes` the code objects, in the order in which they stand.

    `layout` is that of code objects: how many numbers they begin with, and what follows these.
    """

    def __init__(self, data: bytes, layout: tuple[int, tuple[str, ...]], limits: Limits) -> None:
        self.words: list[Word] = []
        self.codes: list[Code] = []
        self.at = 0
        self._data = data
        self._numbers, self._fields = layout
        self._limits = limits
        self._refs: list[Item] = []
        self._listed = 0
        self._within: list[tuple[Code, str]] = []
        self._depth = 0

    def item(self) -> Item:
        """The next object.

        Raises:
            Malformed: there is none, or it is deeper than any compiler makes it.
            OverBudget: it is made of more objects than memory should hold.
        """
        kind = self._take(1)[0]
        number = len(self._refs)
        if kind & _REFERABLE:
            if number >= _MOST_KEPT:
                raise OverBudget(f"more than {_MOST_KEPT} objects in it may be meant again")
            self._refs.append(None)
        made = self._made(chr(kind & ~_REFERABLE))
        if kind & _REFERABLE:
            self._refs[number] = made
        return made

    def _made(self, kind: str) -> Item:
        width = _FIXED.get(kind)
        if width is not None:
            self._take(width)
            return None
        read = _KINDS.get(kind)
        if read is None:
            raise Malformed("it holds a type of object that is none")
        if self._depth > _DEEPEST:
            raise Malformed("it holds objects in objects without end")
        self._depth += 1
        made = read(self)
        self._depth -= 1
        return made

    def _skip(self, count: int) -> int:
        """Go past so many bytes; returns where these begin."""
        start, end = self.at, self.at + count
        if count < 0 or end > len(self._data):
            raise Malformed("it ends too early")
        self.at = end
        return start

    def _take(self, count: int) -> bytes:
        start = self._skip(count)
        return self._data[start : self.at]

    def _int(self) -> int:
        number: int = _I4.unpack(self._take(4))[0]
        return number

    def _word(self, length: int) -> Item:
        start = self.at
        self._skip(length)
        word = Word(start, self.at, self._data)
        if self._within:
            word.owner, word.role = self._within[-1]
        self._bound()
        self.words.append(word)
        return word

    def _bound(self) -> None:
        if len(self.words) + len(self.codes) >= _MOST_WORDS:
            raise OverBudget(f"it holds more than {_MOST_WORDS} strings")

    def long_word(self) -> Item:
        """A string with four bytes of length."""
        return self._word(self._int())

    def short_word(self) -> Item:
        """A string with one byte of length; numbers that are written out are such strings, too."""
        return self._word(self._take(1)[0])

    def two_words(self) -> Item:
        """A complex number that is written out."""
        self.short_word()
        return self.short_word()

    def number(self) -> Item:
        """A long number, in digits of 15 bits."""
        count = abs(self._int())
        if count > _MOST_NUMBER_BYTES:
            raise Malformed("it holds a number that is too long")
        return self._word(2 * count)

    def reference(self) -> Item:
        """What was read before."""
        number = self._int()
        return self._refs[number] if 0 <= number < len(self._refs) else None

    def short_tuple(self) -> Item:
        """A tuple with one byte of length."""
        return self._items(self._take(1)[0])

    def long_tuple(self) -> Item:
        """A tuple, list or set with four bytes of length."""
        return self._items(self._int())

    def _items(self, count: int) -> Item:
        if not 0 <= count <= len(self._data) - self.at:
            raise Malformed("it ends too early")
        self._limits.check_time()
        self._listed += count
        if self._listed > _MOST_KEPT:
            raise OverBudget(f"its lists hold more than {_MOST_KEPT} objects")
        return tuple(self.item() for _ in range(count))

    def three(self) -> Item:
        """A slice."""
        return self._items(3)

    def dictionary(self) -> Item:
        """Keys and values up to the end that is marked."""
        while self._data[self.at : self.at + 1] not in (b"0", b""):
            self._limits.check_time()
            self.item()
        self._take(1)
        return None

    def code(self) -> Item:
        """A code object."""
        self._take(4 * self._numbers)
        code = Code()
        self._bound()
        self.codes.append(code)
        for field in self._fields:
            if field == "line":
                self._take(4)
                continue
            self._within.append((code, _ROLES.get(field, NAMES)))
            setattr(code, field, self.item()) if field in _KEPT else self.item()
            self._within.pop()
        return code


_FIXED: Mapping[str, int] = {"0": 0, "N": 0, "F": 0, "T": 0, "S": 0, ".": 0, "i": 4, "I": 8, "g": 8, "y": 16}
_ROLES = {"constants": CONSTANTS, "bytecode": BYTECODE, "table": BYTECODE}
_KEPT = frozenset({"bytecode", "constants", "names", "locals", "name"})
_KINDS: Mapping[str, Callable[[Marshalled], Item]] = {
    "s": Marshalled.long_word,
    "t": Marshalled.long_word,
    "u": Marshalled.long_word,
    "a": Marshalled.long_word,
    "A": Marshalled.long_word,
    "z": Marshalled.short_word,
    "Z": Marshalled.short_word,
    "f": Marshalled.short_word,
    "x": Marshalled.two_words,
    "l": Marshalled.number,
    "r": Marshalled.reference,
    ")": Marshalled.short_tuple,
    "(": Marshalled.long_tuple,
    "[": Marshalled.long_tuple,
    "<": Marshalled.long_tuple,
    ">": Marshalled.long_tuple,
    ":": Marshalled.three,
    "{": Marshalled.dictionary,
    "c": Marshalled.code,
}
