"""Where in a JSON text an offset is: the keys and indexes that lead there.

No parser tells where it found what, so this walks the tokens (RFC 8259, section 2) up to the last offset that is asked
for. It is asked only about what was found, and goes on over text that is no JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from modelguard.readers.json_text import STRING, without_escapes

_TOKEN = re.compile(rb'("[^"]*"?)(?:\s*([,:]))?|[{}\[\],:]|[^\s{}\[\],:"]+')
"""A string and what follows it, a sign, or what is neither; in a text without escapes, as all of these."""

_TO_BRACKET = re.compile(rb'[^"{}\[\]]*(?:' + STRING + rb'[^"{}\[\]]*){0,1000}')
_WORTH_SKIPPING = 256
_ITEM = re.compile(STRING + rb"\s*,")
_ITEMS = re.compile(rb"(?:\s*" + _ITEM.pattern + rb"){1,1000}")
_WORTH_A_RUN = 128
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST = 1000
_MOST_TOKENS = 5_000_000
"""So many tokens, or brackets, are gone past one by one, for some seconds; a place behind them has no name."""

_KEY_SHOWN = 80


class Step(NamedTuple):
    """One key of an object, or one index of an array; `number` counts the members of either from 0."""

    key: str | None
    number: int


class Path(NamedTuple):
    """The steps to a place, the outermost first; `in_key` says that the last step's key itself is there.

    `begins` are the offsets at which the object or array of each step begins, and `token` is the range of the token
    that the place is in; between two tokens it is empty.
    """

    steps: tuple[Step, ...]
    in_key: bool = False
    begins: tuple[int, ...] = ()
    token: tuple[int, int] = (0, 0)

    @property
    def keys(self) -> tuple[str | int, ...]:
        """The steps as they would be written in a program."""
        return tuple(step.number if step.key is None else step.key for step in self.steps)

    def __str__(self) -> str:
        return shown(self)


class _Level:
    """An object or an array that is open."""

    __slots__ = ("_step", "begins", "expects_key", "key", "number", "passed")

    def __init__(self, is_object: bool, begins: int) -> None:
        self._step: Step | None = None
        self.passed: list[bytes] = []
        self.begins = begins
        self.expects_key: bool | None = True if is_object else None
        self.key: bytes | None = None
        self.number = 0

    def step(self) -> Step:
        if self._step is None:
            self.number += sum(len(_ITEM.findall(each)) for each in self.passed)
            self.passed = []
            self._step = Step(None if self.expects_key is None else key_text(self.key or b""), self.number)
        return self._step

    def name(self, key: bytes) -> None:
        """Go past a key."""
        self.key = key
        self._step = None

    def pass_by(self, items: bytes) -> None:
        """Go past many items."""
        self.passed.append(items)
        self._step = None

    def next(self) -> None:
        """Go past a comma."""
        self.number += 1
        self._step = None
        if self.expects_key is not None:
            self.expects_key = True


class _Walk:
    """What is open at the token where a walk is."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []
        self._too_deep = 0

    def items(self, text: bytes, at: int, before: int) -> int:
        """Go past the strings of an array that end before what is asked for; they are counted when that matters."""
        level = self._levels[-1] if self._levels else None
        if level is None or level.expects_key is not None or before - at < _WORTH_A_RUN:
            return at
        run = _ITEMS.match(text, at, before)
        if run is None:
            return at
        level.pass_by(run[0])
        return run.end()

    def string(self, text: bytes, start: int, end: int) -> bool:
        """Go past a string; returns whether it is a key."""
        level = self._levels[-1] if self._levels else None
        if level is None or not level.expects_key:
            return False
        level.name(text[start:end])
        return True

    def sign(self, sign: bytes, at: int) -> None:
        """Go past what is no string, and begins at `at`."""
        if sign in b"{[":
            self._open(sign == b"{", at)
        elif sign in b"}]":
            self._close()
        elif self._levels and sign == b",":
            self._levels[-1].next()
        elif self._levels and sign == b":" and self._levels[-1].expects_key:
            self._levels[-1].expects_key = False

    def path(self, token: tuple[int, int], in_key: bool = False) -> Path:
        levels = self._levels
        return Path(tuple(each.step() for each in levels), in_key, tuple(each.begins for each in levels), token)

    def _open(self, is_object: bool, at: int) -> None:
        if len(self._levels) < _DEEPEST:
            self._levels.append(_Level(is_object, at))
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
    plain = without_escapes(text)
    skip = _Skipping(plain)
    at = 0
    left = _MOST_TOKENS
    while len(found) < len(offsets):
        left -= 1
        if left < 0:
            return found + [Path(())] * (len(offsets) - len(found))
        at = walk.items(plain, at, offsets[len(found)])
        token = _TOKEN.search(plain, at)
        if token is None:
            break
        start, at = token.span()
        while len(found) < len(offsets) and offsets[len(found)] < start:  # between two tokens
            found.append(walk.path((start, start)))
        string, sign = token.group(1, 2)
        if string is not None:
            in_key, end = walk.string(text, *token.span(1)), token.end(1)
        else:
            beyond = skip.past(start, offsets[len(found)]) if text[start] in b"{[" and len(found) < len(offsets) else 0
            if beyond:
                at = beyond
                continue
            walk.sign(text[start : start + 1], start)
            in_key, end = False, at
        while len(found) < len(offsets) and offsets[len(found)] < end:
            found.append(walk.path((start, end), in_key))
        if sign is not None:
            walk.sign(sign, start)
    return found + [walk.path((len(text), len(text)))] * (len(offsets) - len(found))


class _Skipping:
    """Goes past objects and arrays in which nothing is asked for, bracket by bracket, faster than token by token."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._left = 4 * len(text)
        self._brackets = _MOST_TOKENS

    def past(self, start: int, before: int) -> int:
        """Where what begins at `start` ends, if that is `before` what is asked for; 0 if it is not."""
        if before - start < _WORTH_SKIPPING or self._left <= 0 or self._brackets <= 0:
            return 0
        open_ = 0
        at = start
        while (run := _TO_BRACKET.match(self._text, at, before)) is not None and run.end() < before:
            sign = self._text[run.end() : run.end() + 1]
            if sign == b'"':  # there are more strings than one run has, or what is asked for is in this one
                if run.end() == at:
                    break
                at = run.end()
                continue
            at = run.end() + 1
            open_ += 1 if sign in b"{[" else -1
            self._brackets -= 1
            if open_ == 0 or self._brackets < 0:
                break
        self._left -= at - start
        return at if open_ == 0 and at > start else 0


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


def key_text(written: bytes) -> str:
    """A key as it reads."""
    if b"\\" not in written:
        return written.strip(b'"').decode("utf-8", "replace")
    try:
        read = json.loads(written)
    except ValueError:
        read = written.strip(b'"').decode("utf-8", "replace")
    return read if isinstance(read, str) else ""
