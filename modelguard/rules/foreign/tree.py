r"""A regular expression as a tree of bytes: what is read from other tools' syntax, and written in ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

ENDLESS = 1 << 20
"""The upper end of a repeat that has none."""

Item = tuple[int, int] | str
Items = tuple[Item, ...]


class Chars(NamedTuple):
    """One byte of a class. `items` are its ranges and categories (`w` for `\\w`); `folded`: letters of either case."""

    items: Items
    negated: bool = False
    folded: bool = False


class Anchor(NamedTuple):
    """A place between bytes: `^` and `$` (of a line or a text), `\\b`, `\\B`."""

    kind: str


class Group(NamedTuple):
    """A capturing group."""

    number: int
    name: str
    body: Node


class Sequence(NamedTuple):
    """One after the other."""

    nodes: tuple[Node, ...]


class Choice(NamedTuple):
    """One or the other."""

    branches: tuple[Node, ...]


class Repeat(NamedTuple):
    """`low` to `high` times; `high` is ENDLESS where the pattern names no end."""

    body: Node
    low: int
    high: int
    lazy: bool


Node = Chars | Anchor | Group | Sequence | Choice | Repeat

NEWLINE = (0x0A, 0x0A)
POSIX: dict[str, Items] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": ((48, 57),),
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": ("w",),
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
"""The classes of `[:alnum:]` and the like."""

_CATEGORIES: dict[str, frozenset[int]] = {
    "d": frozenset(b"0123456789"),
    "s": frozenset(b" \t\n\v\f\r"),
    "w": frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"),
}
_EVERY = frozenset(range(256))


def members(items: Iterable[Item]) -> frozenset[int]:
    """The bytes of a class."""
    held: set[int] = set()
    for item in items:
        if isinstance(item, str):
            category = _CATEGORIES[item.lower()]
            held |= category if item.islower() else _EVERY - category
        else:
            held.update(range(item[0], item[1] + 1))
    return frozenset(held)


def without(items: Iterable[Item]) -> list[Item]:
    """The ranges of every other byte."""
    held = members(items)
    found: list[Item] = []
    start = -1
    for code in range(257):
        inside = code < 256 and code not in held
        if inside and start < 0:
            start = code
        elif not inside and start >= 0:
            found.append((start, code - 1))
            start = -1
    return found


def has_both_cases(items: Iterable[Item]) -> bool:
    """Whether each letter of a class is in it as a capital and as a small one."""
    held = members(items)
    return all(code ^ 0x20 in held for code in held if chr(code).isalpha() and code < 128)
