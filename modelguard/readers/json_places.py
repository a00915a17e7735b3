"""Where in a JSON text an offset is: the keys and indexes that lead there.

No parser tells where it found what, so this walks the tokens (RFC 8259, section 2) up to the last offset that is asked
for. It is asked only about what was found, and goes on over text that is no JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\],:\n]|[^\s{}\[\],:"]+', re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST = 1000
_KEY_SHOWN = 80


class Step(NamedTuple):
    """One key of an object, or one index of an array; `number` counts the members of either from 0."""

    key: str | None
    number: int


class Path(NamedTuple):
    """The steps to a place, the outermost first; `in_key` says that the last step's key itself is there."""

    steps: tuple[Step, ...]
    in_key: bool = False

    @property
    def keys(self) -> tuple[str | int, ...]:
        """The steps as they would be written in a program."""
        return tuple(step.number if step.key is None else step.key for step in self.steps)

    def __str__(self) -> str:
        return shown(self)


class _Level:
    """An object or an array that is open."""

    __slots__ = ("expects_key", "key", "number")

    def __init__(self, is_object: bool) -> None:
        self.expects_key: bool | None = True if is_object else None
        self.key: bytes | None = None
        self.number = 0

    def step(self) -> Step:
        return Step(None if self.expects_key is None else _text(self.key or b""), self.number)


class _Walk:
    """What is open at the token where a walk is."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self._too_deep = 0

    def take(self, token: bytes) -> bool:
        """Go past a token; returns whether it is a key."""
        sign = token[:1]
        level = self._levels[-1] if self._levels else None
        if sign in b"{[":
            self._open(sign == b"{")
        elif sign in b"}]":
            self._close()
        elif level is None:
            return False
        elif sign == b",":
            level.number += 1
            level.expects_key = None if level.expects_key is None else True
        elif sign == b":" and level.expects_key:
            level.expects_key = False
        elif sign == b'"' and level.expects_key:
            level.key = token
            return True
        return False

    def path(self, in_key: bool = False) -> Path:
        return Path(tuple(level.step() for level in self._levels), in_key)

    def _open(self, is_object: bool) -> None:
        if len(self._levels) < _DEEPEST:
            self._levels.append(_Level(is_object))
        else:
            self._too_deep += 1

    def _close(self) -> None:
        if self._too_deep:
            self._too_deep -= 1
        elif self._levels:
            self._levels.pop()


def json_paths(text: bytes, offsets: Sequence[int]) -> list[Path]:
    """The path to each of these offsets, which ascend. Several texts on end, as in JSON Lines, are each their own."""
    found: list[Path] = []
    walk = _Walk()
    for token in _TOKEN.finditer(text):
        if len(found) == len(offsets):
            break
        start, end = token.span()
        while len(found) < len(offsets) and offsets[len(found)] < start:  # between two tokens
            found.append(walk.path())
        in_key = walk.take(token[0])
        while len(found) < len(offsets) and offsets[len(found)] < end:
            found.append(walk.path(in_key))
    return found + [walk.path()] * (len(offsets) - len(found))


def shown(path: Path) -> str:
    """`model.vocab["Ġthe"]`: keys that are identifiers with dots, others in brackets; a key itself by its number."""
    parts: list[str] = []
    for number, step in enumerate(path.steps):
        if path.in_key and number == len(path.steps) - 1:
            parts.append(f"[key {step.number}]")
        elif step.key is None:
            parts.append(f"[{step.number}]")
        elif _IDENTIFIER.fullmatch(step.key) and len(step.key) <= _KEY_SHOWN:
            parts.append(f".{step.key}" if parts else step.key)
        else:
            parts.append(f"[{quoted(step.key)}]")
    return "".join(parts)


def quoted(key: str) -> str:
    """A key in double quotes, cut where it is long."""
    return json.dumps(key if len(key) <= _KEY_SHOWN else key[: _KEY_SHOWN - 1] + "…", ensure_ascii=False)


def _text(written: bytes) -> str:
    """A key as it reads."""
    try:
        read = json.loads(written)
    except ValueError:
        read = written.strip(b'"').decode("utf-8", "replace")
    return read if isinstance(read, str) else ""
