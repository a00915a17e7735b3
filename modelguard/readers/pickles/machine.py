"""The symbolic stack of a pickle and its memo, and the walk over its opcodes. Nothing is made, imported or called.

The walk is as lenient as it can be: where `pickle` would refuse what stands on the stack, this goes on, since every
string is told wherever it goes. It ends at an opcode that is none, and where an argument does not fit in.
"""

from __future__ import annotations

import re
import sys
from itertools import chain

from modelguard.model import Blob
from modelguard.readers.interface import Limits
from modelguard.readers.pickles.forgetting import forget
from modelguard.readers.pickles.nodes import Built, Imported, Item, KeyOf, Literal
from modelguard.readers.pickles.told import Told

SPARE = 16
"""Bytes behind the opcode at hand that are always there, so that only long arguments need to be checked."""

_FIRST_BUFFER = 8192
_BUFFER = 128 * 1024
_LONGEST_LINE = 8 * 1024 * 1024
_MOST_STACKED = 300_000
_MOST_REMEMBERED = 300_000
_MOST_STORAGES = 200_000
_MOST_MADE = 1_000_000
"""Blocks of memory, of some 60 bytes each: a list, a large number. So many are made before ways are forgotten."""

_MORE_MADE = 500_000
_UPWARDS = b"_parent"
"""The attribute in which a node of OmegaConf has the one that holds it: no way leads down there."""

_TELLING = re.compile(rb"(?i)pass|pwd|secret|token|key|auth|cred|private")


class Stopped(Exception):
    """The pickle has ended, before this byte of the blob."""

    def __init__(self, at: int) -> None:
        self.at = at


class Broken(Exception):
    """What stands at this byte of the blob is no pickle, or no more of it."""

    def __init__(self, at: int, why: str = "it holds an opcode that is none") -> None:
        self.at = at
        self.why = why


class Paused(Exception):
    """Before this byte of the blob an object was made whose numbers follow as they stand."""

    def __init__(self, at: int, made: Built) -> None:
        self.at = at
        self.made = made


class Beyond(Exception):
    """An argument ends behind the bytes at hand."""


class Machine:
    """What a pickle has on its stack and in its memo after the opcodes so far.

    `storages` are the persistent ids that it names, `result` is what it makes. `base` is where in the blob the bytes at
    hand begin. A machine that `doubts` refuses what no pickle has, even where it could go on. One that is `depth` deep
    in others remembers the less: half as much for each.
    """

    def __init__(self, blob: Blob, told: Told, limits: Limits, depth: int = 0) -> None:
        from modelguard.readers.pickles.opcodes import HANDLERS, Opcodes

        self.stack: list[Item] = []
        self.marks: list[int] = []
        self.memo: dict[int, Item] = {}
        self.told = told
        self.storages: list[Built] = []
        self.result: Item = None
        self.doubts = False
        self.base = 0
        self.size = blob.size
        self.most_remembered = _MOST_REMEMBERED >> depth
        self._most_stacked = _MOST_STACKED >> depth
        self._forget_at = 0
        self._blob = blob
        self._limits = limits
        self._handlers = HANDLERS
        self._opcodes = Opcodes(self)

    def walk(self, at: int) -> int:
        """Go on from this byte of the blob until much is to be told; returns the byte before which that is.

        Raises:
            Stopped: the pickle has ended.
            Paused: numbers follow.
            Broken: it is none from here on.
        """
        wanted = _FIRST_BUFFER
        while not self.told.is_full():
            if at >= self.size:
                raise Broken(at, "it ends too early")
            self._limits.check_time()
            data = self._blob.read(at, min(self.size, at + wanted))
            self.base = at
            moved = self._some(data, at + len(data) >= self.size)
            if moved == at:
                if len(data) < wanted or wanted >= _LONGEST_LINE:
                    raise Broken(at, "it ends too early")
                wanted *= 2
            else:
                wanted = _BUFFER
            at = moved
        return at

    def look(self, head: bytes, is_all: bool) -> int:
        """Past the opcodes at the beginning of what may be a pickle, which are all there are or not.

        Raises:
            Stopped: see `walk`.
            Paused: see `walk`.
            Broken: see `walk`.
        """
        self.base = 0
        return self._some(head, is_all)

    def _some(self, data: bytes, is_last: bool) -> int:
        """Past the opcodes that are wholly at hand; returns the byte of the blob behind them."""
        end = len(data) if is_last else len(data) - SPARE
        padded = data + bytes(SPARE) if is_last else data
        handlers, opcodes = self._handlers, self._opcodes
        at = last = 0
        try:
            while at < end:
                last = at
                at = handlers[padded[at]](opcodes, padded, at)
        except Beyond:
            at = last
        except (IndexError, ValueError):  # it takes from a stack on which there is nothing; a number that is none
            raise Broken(self.base + last) from None
        if self.base + at > self.size:
            raise Broken(self.base + last, "it ends too early")
        self._bound()
        return self.base + at

    def _bound(self) -> None:
        most = self._most_stacked
        if len(self.stack) > most:
            last = min(self.marks[-1], most // 2) if self.marks else 0  # what the members go into stays
            del self.stack[last : len(self.stack) - most // 4]
        if len(self.marks) > most:
            self.marks.clear()
        made = sys.getallocatedblocks()
        if self._forget_at == 0:
            self._forget_at = made + _MOST_MADE
        elif made > self._forget_at:
            forget(self.stack, chain(self.told.arrays.made, self.memo.values(), self.told.literals))
            self._forget_at = max(self._forget_at, sys.getallocatedblocks() + _MORE_MADE)

    def remember(self, index: int) -> None:
        """Keep what is on top of the stack."""
        if len(self.memo) < self.most_remembered:
            self.memo[index] = self.stack[-1]

    def to_mark(self) -> list[Item]:
        """Take everything above the last mark."""
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def store(self, named: Built) -> None:
        """Note a persistent id, where it is one of PyTorch's."""
        match named.items:
            case [Literal(text=b"storage"), *_] if len(self.storages) < _MOST_STORAGES:
                self.storages.append(Built(named.kind, tuple(named.items)))  # the other one may be forgotten

    def import_(self, start: int, end: int, module: str, name: str) -> Imported:
        """Note that the pickle imports a name."""
        imported = Imported(start, end, f"{module}.{name}", "." in name)
        self.told.imports.append(imported)
        return imported


def put(value: Item, parent: Item, step: int | None) -> None:
    """Note where a string or container went, the first time it goes anywhere."""
    if isinstance(value, (Literal, Built)) and value.parent is None and isinstance(parent, Built):
        value.parent = parent
        value.step = step
    elif isinstance(value, Imported):
        value.other_uses += 1


def put_pair(key: Item, value: Item, owner: Built) -> None:
    """Note that a dict, or what holds the attributes of an object, has a value behind a key."""
    number = owner.count
    owner.count = number + 1
    if key.__class__ is Literal and key.parent is None:
        key.parent = owner
        key.step = KeyOf(number)
    elif key.__class__ is Built:
        put(key, owner, KeyOf(number))
    if key.__class__ is Literal and key.text == _UPWARDS:
        return
    if isinstance(value, (Literal, Built)) and (value.parent is None or _tells_more(key, value)):
        value.parent = owner
        value.step = key if isinstance(key, (int, Literal)) else None


def _tells_more(key: Item, value: Item) -> bool:
    """Whether a string that has a place is better told behind this key: it says that it is a secret."""
    if not isinstance(key, Literal) or not isinstance(value, Literal) or value.told or not key.text:
        return False
    before = value.step
    named = before.text if isinstance(before, Literal) else None
    return _TELLING.search(key.text) is not None and _TELLING.search(named or b"") is None
