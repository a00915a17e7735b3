"""The worst texts for a pattern, derived from its parse tree: what nearly matches, over and over.

A backtracking matcher is slow where much of a pattern fits at many places and the end never does. So: every prefix of
the pattern with its repeats drawn out and the rest broken off; each repeat drawn out alone; its literals packed without
a gap; text of one class only; names, words and separators in every mixture.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from modelguard.engine import syntax
from modelguard.engine.interface import Pattern
from modelguard.engine.syntax import ops, parser

Items = list[tuple[Any, Any]]
Piece = tuple[bytes, bytes]

_BREAKS = (b"\n", b" ", b"", b"-", b"\xff")
_MIXTURES = 6
_MOST_BRANCHES = 3


def worst_texts(pattern: Pattern, size: int) -> Iterator[tuple[str, bytes]]:
    """Names of kinds of text, and `size` bytes of each."""
    seen = set()
    for kind, unit in _units(pattern):
        if unit and unit not in seen:
            seen.add(unit)
            yield kind, (unit * (size // len(unit) + 1))[:size]
    for number in range(_MIXTURES):
        yield f"mixture {number}", _mixture(pattern, number, size)


def _units(pattern: Pattern) -> Iterator[tuple[str, bytes]]:
    tree: Items = list(parser.parse(pattern.regex.encode()))
    liked = _popularity(tree)
    for style in range(_MOST_BRANCHES):
        pieces = _pieces(tree, liked, style)
        longest = [piece[1] for piece in pieces]
        shortest = [piece[0] for piece in pieces]
        for until in range(1, len(pieces) + 1):
            for brk in _BREAKS if style == 0 else _BREAKS[:2]:
                yield f"prefix of {until}, style {style}, break {brk!r}", b"".join(longest[:until]) + brk
            drawn_out = b"".join(shortest[: until - 1]) + longest[until - 1]
            yield f"piece {until} drawn out, style {style}", drawn_out + b"\n"
        if longest[-1:] != [b""]:
            yield f"all but a byte, style {style}", b"".join(longest)[:-1] + b"\n"
    if pattern.end is not None:
        whole = b"".join(piece[0] for piece in _pieces(tree, liked, 0))
        close = b"".join(piece[0] for piece in _pieces(list(parser.parse(pattern.end.encode())), liked, 0))
        yield "starts only", whole
        yield "starts and text", whole + b"A" * 64 + b"\n"
        yield "starts and broken ends", whole + close[:-1]
        yield "ends only", close
        yield "starts and ends", whole + close
    yield from _tails_amid_names(pattern, tree, liked)
    literals = sorted({text for text in _literals(tree) if len(text) > 1})
    for text in literals[:8]:
        for gap in (b"", b" ", b"=", b'"', b"_"):
            yield f"{text!r} with {gap!r}", text + gap
    yield "all literals", b"".join(literals)
    for byte, _ in liked.most_common(4):
        yield f"only {bytes([byte])!r}", bytes([byte])


def _tails_amid_names(pattern: Pattern, tree: Items, liked: Counter[int]) -> Iterator[tuple[str, bytes]]:
    """What comes before a tail packed with beginnings: a tail is what keeps other text from being looked at."""
    names = sorted({text for text in _literals(tree[:1]) if len(text) > 1})
    for tail in pattern.tails:
        for style in range(_MOST_BRANCHES):
            whole = b"".join(
                piece[0] for piece in _pieces(list(parser.parse(pattern.regex[tail.start :].encode())), liked, style)
            )
            for name, reach in itertools.product((*names[:5], b"key"), (pattern.width - tail.width, 2 * pattern.width)):
                for brk in (b"", b"\n"):
                    unit = name * (reach // len(name)) + brk + whole + b"\n"
                    yield (
                        f"{reach} bytes of {name!r} and {brk!r} before {pattern.regex[tail.start :][:12]}, style {style}",
                        unit,
                    )


def _mixture(pattern: Pattern, number: int, size: int) -> bytes:
    """Names, then words, then separators, then most of a value, in random amounts; the same for the same number."""
    tree: Items = list(parser.parse(pattern.regex.encode()))
    liked = _popularity(tree)
    rnd = random.Random(f"{pattern.regex}/{number}")
    pieces = [piece for style in range(_MOST_BRANCHES) for piece in _pieces(tree, liked, style)]
    literals = sorted({text for text in _literals(tree) if text}) or [b"x"]
    parts: list[bytes] = []
    length = 0
    while length < min(size, 8192):
        if rnd.random() < 0.3:
            part = rnd.choice(literals) * rnd.randint(1, 12)
        else:
            first = rnd.randrange(len(pieces))
            run = pieces[first : first + rnd.randint(1, 4)]
            part = b"".join(rnd.choice(piece) * rnd.choice((1, 1, 1, 2, 8, 24)) for piece in run)
            if rnd.random() < 0.5:
                part = part[: rnd.randint(1, len(part) or 1)]
        part = part[:2048] + rnd.choice((b"", b"", b" ", b"=", b'"', b"\n"))
        parts.append(part)
        length += len(part)
    block = b"".join(parts) or b"x"
    return (block * (size // len(block) + 1))[:size]


def _pieces(items: Items, liked: Counter[int], style: int) -> list[Piece]:
    """The shortest and the longest text of each item of the pattern, groups taken apart and runs of literals joined.

    Of a branch, style 0 takes the first alternative, style 1 the last, style 2 the shortest.
    """
    found: list[Piece] = []
    joins = False
    for op, value in items:
        joined = joins
        joins = op is ops.LITERAL
        if op is ops.SUBPATTERN:
            found.extend(_pieces(list(value[3]), liked, style))
        elif op is ops.BRANCH:
            branches = [_pieces(list(branch), liked, style) for branch in value[1]]
            found.extend(_chosen(branches, style))
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            body = _pieces(list(value[2]), liked, style)
            low, high = b"".join(piece[0] for piece in body), b"".join(piece[1] for piece in body)
            found.append((low * value[0], high * value[1]))
        elif op is ops.LITERAL and joined:
            found[-1] = (found[-1][0] + bytes([value]), found[-1][1] + bytes([value]))
        elif op not in (ops.AT, ops.ASSERT, ops.ASSERT_NOT):
            char = bytes([_liked_member(op, value, liked)])
            found.append((char, char))
    return found


def _chosen(branches: Sequence[list[Piece]], style: int) -> list[Piece]:
    if style == 2:
        return min(branches, key=lambda pieces: sum(len(piece[1]) for piece in pieces))
    return branches[0 if style == 0 else -1]


def _liked_member(op: Any, value: Any, liked: Counter[int]) -> int:
    """The byte of a class that most other classes of the pattern hold, too: it leaves a matcher the most choices."""
    members = members_of(op, value)
    return max(members, key=lambda byte: (liked[byte], chr(byte).isalnum(), byte == 0x61, -byte))


def members_of(op: Any, value: Any) -> frozenset[int]:
    """The bytes that a one-byte item of a pattern matches."""
    if op is ops.LITERAL:
        return frozenset({value})
    if op is ops.NOT_LITERAL:
        return frozenset(range(256)) - {value}
    if op is ops.ANY:
        return frozenset(range(256)) - {0x0A}
    return syntax._members(value)


def _popularity(items: Items) -> Counter[int]:
    found: Counter[int] = Counter()
    for op, value in items:
        if op is ops.SUBPATTERN:
            found += _popularity(list(value[3]))
        elif op is ops.BRANCH:
            for branch in value[1]:
                found += _popularity(list(branch))
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            found += _popularity(list(value[2]))
        elif op in (ops.IN, ops.NOT_LITERAL, ops.ANY):
            found.update(members_of(op, value))
    return found


def _literals(items: Items) -> Iterator[bytes]:
    """Every run of literals anywhere in the pattern, in small letters."""
    run = b""
    for op, value in items:
        letters = {chr(byte).lower() for byte in members_of(op, value)} if op in (ops.LITERAL, ops.IN) else set()
        if len(letters) == 1:
            run += letters.pop().encode("latin-1")
            continue
        yield run
        run = b""
        if op is ops.SUBPATTERN:
            yield from _literals(list(value[3]))
        elif op is ops.BRANCH:
            for branch in value[1]:
                yield from _literals(list(branch))
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            yield from _literals(list(value[2]))
    yield run
