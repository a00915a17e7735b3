"""How a walk over a pickle of millions of objects stays small: what is far from what is at hand is forgotten.

Only ways are lost by that (`…[3]` instead of `["rows"][3]`), never a string: each is told wherever it went.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from modelguard.readers.pickles.nodes import Built, Item, Literal

_LARGEST = 100
"""Objects in one that is kept as it is: what tells the type and shape of an array has about ten."""

_MOST_KEPT = 200_000
_AT_HAND = 1000
_FARTHEST = 40
"""As many steps up are shown (`nodes.way`)."""


def forget(stack: list[Item], others: Iterable[Item]) -> None:
    """Take from everything that is held the members that are many, and the ways up that are long.

    What was pushed last keeps its members first, then `others`, then what lies deep in the stack.
    """
    kept = 0
    for item in chain(reversed(stack[-_AT_HAND:]), others, stack[:-_AT_HAND]):
        if isinstance(item, Built):
            size = _size(item)
            if size > _LARGEST or kept + size > _MOST_KEPT:
                item.items, item.kept = (), None
            else:
                kept += size
        _shorten(item)


def _size(node: Built) -> int:
    """How many objects there are in one, as far as that is no more than may be kept."""
    count = 0
    waiting: list[Iterator[Item]] = [iter((node,))]
    seen: set[int] = set()
    while waiting and count <= _LARGEST:
        item: Item = next(waiting[-1], _END)
        if item is _END:
            waiting.pop()
        elif isinstance(item, Built) and id(item) not in seen:
            seen.add(id(item))
            count += 1 + len(item.items)
            waiting.append(_members(item))
    return count


_END = Built("end")


def _members(node: Built) -> Iterator[Item]:
    yield from node.items
    if node.kept:
        yield from node.kept.values()


def _shorten(item: Item) -> None:
    """Cut the way up from an object where nobody sees it any more."""
    at = item
    for _ in range(_FARTHEST):
        if not isinstance(at, (Built, Literal)) or at.parent is None:
            return
        at = at.parent
    if isinstance(at, (Built, Literal)):
        at.parent = None
