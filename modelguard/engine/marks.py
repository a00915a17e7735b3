"""How the marks of patterns begin, byte for byte: what is looked for where a text may be encoded.

A mark is what a hunting form begins with, as exactly as it is written there: `ghp_`. A name in any case is none, and
neither is a word of small letters; the words that stand beside such names (`WORDS`) are looked for instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

Mark = tuple[frozenset[int], ...]
"""The bytes that may stand at each place: one each, but for the last."""

WORDS = ("secret", "token", "passw", "credential", "bearer", "apikey", "api_key", "_key", "private")
"""What stands beside values that have no mark, in a configuration, an environment or a request."""

SCHEMES = ("https:", "postgres", "mysql:", "mongodb", "redis:", "amqp:")
"""How a URL begins that may hold a password."""

STEM = 6
"""So many bytes of a mark tell enough."""

_SEEN = 8
_SHORT = 3
_MOST = 48
_FEW = 4
_BACKSLASH = 0x5C


def marks_of(hunt: str, keywords: Iterable[str]) -> set[Mark]:
    """The marks of a pattern, by its hunting form; none where every match holds one of the words."""
    known = list(keywords)
    if known and all(any(word in keyword for word in WORDS) for keyword in known):
        return set()
    return _marks(hunt)


def words() -> list[Mark]:
    """The words as marks: in small letters, in capitals, and with a capital first; and the schemes."""
    forms = [form for word in WORDS for form in (word, word.upper(), word.title())]
    return [literal(text) for text in (*forms, *SCHEMES)]


def literal(text: str) -> Mark:
    """A text as a mark."""
    return tuple(frozenset({byte}) for byte in text.encode("ascii")[:STEM])


def _marks(hunt: str) -> set[Mark]:
    from modelguard.engine.syntax import parser

    return {mark for begun in _begun(list(parser.parse(hunt.encode("ascii"))), ())[0] if (mark := _stem(begun))}


def _stem(begun: Mark) -> Mark | None:
    """What is looked for of a mark; None where it is too short, or a word."""
    count = next((at for at, each in enumerate(begun) if len(each) > 1), len(begun))
    text = bytes(byte for each in begun[:count] for byte in each)
    if count > _SHORT:
        is_word = text.isalpha() and (text.islower() or text.istitle())
        return None if is_word else begun[: min(count, STEM)]
    telling = count == _SHORT < len(begun) and text[-1:] in b"_-"
    return begun[: _SHORT + 1] if telling else None


def _begun(items: Sequence[tuple[Any, Any]], mark: Mark) -> tuple[set[Mark], bool]:
    """The marks that begin with `mark` and go on with `items`, and whether they go on behind these."""
    found = {mark}
    for op, value in items:
        grown: set[Mark] = set()
        on = True
        for begun in found:
            longer, more = ({begun}, True) if len(begun) >= _SEEN else _with_item(op, value, begun)
            grown |= longer
            on &= more
        if len(grown) > _MOST:
            return found, False
        found = grown
        if not on:
            return found, False
    return found, True


def _with_item(op: Any, value: Any, mark: Mark) -> tuple[set[Mark], bool]:
    from modelguard.engine.syntax import of_one_byte, ops

    if op is ops.AT:
        return {mark}, True
    if op is ops.SUBPATTERN:
        return ({mark}, False) if value[1] & re.IGNORECASE else _begun(list(value[3]), mark)
    if op is ops.BRANCH:
        branches = [_begun(list(branch), mark) for branch in value[1]]
        return set().union(*(found for found, _ in branches)), all(on for _, on in branches)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
        low, high, body = value
        found, on = _begun([item for _ in range(min(low, _SEEN)) for item in body], mark)
        return found, on and low == high
    members = of_one_byte(op, value)
    members = members - {_BACKSLASH} or members  # the view's escapes, not the pattern's own
    if len(members) <= _FEW:
        return {(*mark, frozenset({byte})) for byte in members}, True
    return {(*mark, members)}, False
