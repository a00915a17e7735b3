"""How much work a pattern may make for a backtracking matcher, whatever the text: what people add is held to it.

Where a repeat may end earlier and what follows it can go on with the same byte, each of its lengths is tried, and such
repeats multiply. A repeat that its next byte ends is tried once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from modelguard.engine.interface import Pattern
from modelguard.engine.syntax import Item, PatternError, check_test, of_one_byte, ops, parser

MAX_EFFORT = 1 << 22
"""Of each part of a pattern."""

MAX_TEST_EFFORT = 1 << 18
"""Of a pattern that is looked for in a value or a path."""

MAX_SIZE = 5000
"""Of a pattern, in bytes, its repeats written out, those of one byte only within others: more is slow to compile."""

MOST = 1 << 40
"""Not counted beyond this."""

_EVERY = frozenset(range(256))
_REPEATS = (ops.MAX_REPEAT, ops.MIN_REPEAT)
_PLACES = (ops.AT, ops.ASSERT, ops.ASSERT_NOT)


def check_pattern_effort(pattern: Pattern) -> None:
    """Refuse a pattern that a text can be made for, so that it takes very long.

    Raises:
        PatternError: it is larger than `MAX_SIZE`, or a part of it may be tried in more than `MAX_EFFORT` ways.
    """
    if _size(list(parser.parse(pattern.regex.encode("ascii"))), within=False) > MAX_SIZE:
        raise PatternError("is too large: it repeats what is long, or what repeats itself, too often")
    stop = len(pattern.regex)
    for start in (*(tail.start for tail in pattern.tails), 0):
        _check_effort(pattern.regex[start:stop], MAX_EFFORT)
        stop = start


@lru_cache(maxsize=1024)
def check_bounded_test(regex: str) -> None:
    """Check a pattern that is looked for in a value or a path, and what it may take.

    Raises:
        PatternError: see `check_test`, or it may be tried in more than `MAX_TEST_EFFORT` ways.
    """
    check_test(regex)
    _check_effort(regex, MAX_TEST_EFFORT)


def _check_effort(regex: str, most: int) -> None:
    if effort(regex) > most:
        raise PatternError("could take very long on a text that is made for it: too many of its repeats may overlap")


def effort(regex: str) -> int:
    """At most how many ways of matching `regex` are tried from one place in a text; `MOST` where there are more."""
    return _ways(list(parser.parse(regex.encode("ascii"))), frozenset())


def _size(items: Iterable[Item], within: bool) -> int:
    total = 0
    for op, value in items:
        if op is ops.SUBPATTERN:
            total += _size(value[3], within)
        elif op is ops.BRANCH:
            total += sum(_size(branch, within) for branch in value[1])
        elif op in _REPEATS:
            alone = len(value[2]) == 1 and value[2][0][0] not in (ops.SUBPATTERN, ops.BRANCH, *_REPEATS)
            total += (value[1] if within else 1) if alone else value[1] * _size(value[2], value[1] > 1)
        else:
            total += 1
    return total


def _ways(items: Sequence[Item], follows: frozenset[int]) -> int:
    """The ways of a sequence, behind which one of the bytes `follows` may come."""
    ways = 1
    for op, value in reversed(items):
        ways = min(MOST, ways * _ways_of(op, value, follows))
        follows = _first(op, value, follows)
    return ways


def _ways_of(op: object, value: Any, follows: frozenset[int]) -> int:
    if op is ops.SUBPATTERN:
        return _ways(list(value[3]), follows)
    if op is ops.BRANCH:
        return _ways_of_branches(value[1], follows)
    if op in _REPEATS:
        low, high, body = value
        return _ways_of_repeat(low, high, body, follows)
    return 1


def _ways_of_branches(branches: Iterable[Sequence[Item]], follows: frozenset[int]) -> int:
    """All of them together where a byte may begin more than one."""
    begun: frozenset[int] = frozenset()
    total = most = 0
    apart = True
    for branch in map(list, branches):
        ways, first = _ways(branch, follows), _first_of(branch, follows)
        apart = apart and begun.isdisjoint(first)
        begun |= first
        total, most = total + ways, max(most, ways)
    return most if apart else min(MOST, total)


def _ways_of_repeat(low: int, high: int, body: Sequence[Item], follows: frozenset[int]) -> int:
    """Every time but the last is followed by another one, so that only the last can be mistaken for what follows."""
    items = list(body)
    first = _first_of(items, frozenset())
    again = _ways(items, first)
    counts = 1 if first.isdisjoint(follows) else high - low + 1
    return min(MOST, counts * _ways(items, follows) * (again ** min(high - 1, 40) if again > 1 else 1))


def _first_of(items: Sequence[Item], follows: frozenset[int]) -> frozenset[int]:
    for op, value in reversed(items):
        follows = _first(op, value, follows)
    return follows


def _first(op: object, value: Any, follows: frozenset[int]) -> frozenset[int]:
    """The bytes with which an item, and what follows it, may begin: any at all after what is only a place."""
    if op in _PLACES:
        return _EVERY
    if op is ops.SUBPATTERN:
        return _first_of(list(value[3]), follows)
    if op is ops.BRANCH:
        return frozenset().union(*(_first_of(list(branch), follows) for branch in value[1]))
    if op in _REPEATS:
        first = _first_of(list(value[2]), follows)
        return first if value[0] else first | follows
    held = of_one_byte(op, value)
    return held | {code ^ 0x20 for code in held if chr(code).isalpha()}
