"""Random texts that match a pattern, drawn from its parse tree."""

from __future__ import annotations

import random
import re
from typing import Any

from modelguard.engine.syntax import ops, parser

from .worst_text import members_of

_MOST_REPEATS = 6


def random_match(regex: str, rnd: random.Random, likes: bytes = b"") -> bytes:
    """A text in which `regex` matches: all of it but for a byte at either end that a lookaround or anchor asks for.

    `likes` are bytes to be preferred where a class holds one of them. A negative lookaround, or `\\b`, may still say no.
    """
    return _of_items(list(parser.parse(regex.encode())), rnd, likes)


def _of_items(items: list[tuple[Any, Any]], rnd: random.Random, likes: bytes) -> bytes:
    return b"".join(_of_item(op, value, rnd, likes) for op, value in items)


def _of_item(op: Any, value: Any, rnd: random.Random, likes: bytes) -> bytes:
    if op is ops.SUBPATTERN:
        text = _of_items(list(value[3]), rnd, likes)
        return rnd.choice((text, text.swapcase(), text.upper())) if value[1] & re.IGNORECASE else text
    if op is ops.BRANCH:
        return _of_items(list(rnd.choice(value[1])), rnd, likes)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        low, high, body = value
        times = rnd.choice((low, high, rnd.randint(low, high), min(high, low + rnd.randrange(_MOST_REPEATS))))
        return b"".join(_of_items(list(body), rnd, likes) for _ in range(times))
    if op is ops.AT:
        return b"\n" if value in (ops.AT_BEGINNING, ops.AT_END) else b""
    if op is ops.ASSERT_NOT:
        return b""
    if op is ops.ASSERT:
        return _of_items(list(value[1]), rnd, likes)
    members = members_of(op, value)
    liked = sorted(members & set(likes))
    return bytes([rnd.choice(liked if liked and rnd.random() < 0.9 else sorted(members))])
