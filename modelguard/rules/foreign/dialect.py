r"""Reads the regular expressions of other tools: Go's (RE2, https://github.com/google/re2/wiki/Syntax) and Rust's.

The Rust crate's syntax (https://docs.rs/regex/latest/regex/#syntax) differs little: a bracket within a class opens a
class, and blanks of a verbose pattern (`(?x)`) do not count within classes either. What comes out is a tree of bytes,
ready to be written in our own syntax; what has no like in it is refused by name.
"""

from __future__ import annotations

from typing import NamedTuple

from modelguard.rules.foreign.tree import (
    ENDLESS,
    NEWLINE,
    POSIX,
    Anchor,
    Chars,
    Choice,
    Group,
    Item,
    Node,
    Repeat,
    Sequence,
    has_both_cases,
    without,
)

MAX_PATTERN = 64 * 1024
_MAX_DEPTH = 60
_MAX_COUNT = 8192
_MAX_REPEATS = 3  # of the same thing, one after the other


class DialectError(ValueError):
    """The pattern uses what our syntax does not have; the message completes the sentence `the pattern ...`."""


_SIMPLE = {"a": 7, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


class Flags(NamedTuple):
    """What `(?ismxU)` set."""

    i: bool = False
    m: bool = False
    s: bool = False
    x: bool = False
    u: bool = False


def read_pattern(text: str, rust: bool = False) -> tuple[Node, int]:
    """The tree of a pattern, and how many groups it has.

    Raises:
        DialectError: it is not a pattern of that dialect, or uses what ours does not have.
    """
    if len(text) > MAX_PATTERN:
        raise DialectError(f"has more than {MAX_PATTERN} characters")
    reader = _Reader(text, rust)
    node, _ = reader.choice(Flags(), 0)
    if not reader.at_end():
        raise DialectError("closes a group that it has not opened")
    return node, reader.groups


class _Reader:
    """Reads from left to right; `at` is where it stands."""

    def __init__(self, text: str, rust: bool) -> None:
        self._text, self._rust, self._at = text, rust, 0
        self.groups = 0

    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def choice(self, flags: Flags, depth: int) -> tuple[Node, Flags]:
        """Alternatives, up to the end of their group; flags that are set in one hold for those after it, too."""
        if depth > _MAX_DEPTH:
            raise DialectError(f"nests groups more than {_MAX_DEPTH} deep")
        branches: list[Node] = []
        while True:
            node, flags = self._sequence(flags, depth)
            branches.append(node)
            if not self._took("|"):
                return _either(branches), flags

    def _sequence(self, flags: Flags, depth: int) -> tuple[Node, Flags]:
        nodes: list[Node] = []
        while True:
            self._skip_blanks(flags)
            if self.at_end() or self._peek() in "|)":
                return (nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes))), flags
            if self._text.startswith("\\Q", self._at) and not self._rust:
                nodes += self._quoted(flags)
                continue
            node, flags = self._atom(flags, depth)
            if node is not None:
                node = self._repeated(node, flags)
                nodes += node.nodes if isinstance(node, Sequence) else (node,)

    def _atom(self, flags: Flags, depth: int) -> tuple[Node | None, Flags]:
        """The next thing that can be repeated; None for flags that hold from here on."""
        char = self._next()
        if char == "(":
            return self._group(flags, depth)
        if char == "[":
            return self._class(flags), flags
        if char == ".":
            return Chars(() if flags.s else (NEWLINE,), negated=True), flags
        if char in "^$":
            line = flags.m
            return Anchor({"^": "line-start" if line else "start", "$": "line-end" if line else "end"}[char]), flags
        if char == "\\":
            return self._escape(flags), flags
        if char in "*+?":
            raise DialectError("repeats nothing")
        return self._literal(char, flags), flags

    def _literal(self, char: str, flags: Flags) -> Chars:
        code = _ascii(char)
        return Chars(((code, code),), folded=flags.i and char.isalpha())

    def _quoted(self, flags: Flags) -> list[Node]:
        """The literals of `\\Q...\\E`."""
        stop = self._text.find("\\E", self._at)
        end = len(self._text) if stop < 0 else stop
        found: list[Node] = [self._literal(char, flags) for char in self._text[self._at + 2 : end]]
        self._at = end if stop < 0 else end + 2
        if found:
            found[-1] = self._repeated(found[-1], flags)
        return found

    def _group(self, flags: Flags, depth: int) -> tuple[Node | None, Flags]:
        number, name, inner = 0, "", flags
        if self._took("?#"):
            self._until(")")
            return None, flags
        if self._took("?"):
            if self._took("P<") or (self._peek() == "<" and self._text[self._at + 1 : self._at + 2] not in "=!"):
                self._took("<")
                name = self._until(">")
                self.groups += 1
                number = self.groups
            else:
                self._refuse_lookaround()
                inner, ends = self._flags(flags)
                if ends:
                    return None, inner
        else:
            self.groups += 1
            number = self.groups
        body, _ = self.choice(inner, depth + 1)
        if not self._took(")"):
            raise DialectError("has a group without an end")
        return (Group(number, name, body) if number else body), flags

    def _refuse_lookaround(self) -> None:
        if self._peek() in "=!<":
            raise DialectError("has a lookaround")
        if self._peek() == ">":
            raise DialectError("has an atomic group")
        if self._peek() == "P":
            raise DialectError("refers back to a group")

    def _flags(self, flags: Flags) -> tuple[Flags, bool]:
        """`i`, `s-m:` and the like; whether they hold from here on instead of for a group."""
        on = True
        while True:
            char = self._next()
            if char in ":)":
                return flags, char == ")"
            if char == "-":
                on = False
            elif char == "u" and self._rust:
                if on:
                    raise DialectError("asks for Unicode classes")
            elif char in "imsxU" and (char != "x" or self._rust):
                flags = flags._replace(**{char.lower(): on})
            else:
                raise DialectError(f"has the flag {char!r}")

    def _repeated(self, node: Node, flags: Flags) -> Node:
        for _ in range(_MAX_REPEATS):
            self._skip_blanks(flags)
            low, high = 0, ENDLESS
            if self._took("*"):
                pass
            elif self._took("+"):
                low = 1
            elif self._took("?"):
                high = 1
            else:
                counts = self._counts()
                if counts is None:
                    return node
                low, high = counts
            lazy = self._took("?")
            if self._peek() == "+":
                raise DialectError("has a possessive repeat")
            node = Repeat(node, low, high, lazy != flags.u)
        raise DialectError("repeats a repeat")

    def _counts(self) -> tuple[int, int] | None:
        """`{2}`, `{2,}`, `{2,3}`; None for a brace that is a literal."""
        if self._peek() != "{":
            return None
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at + 1 : max(end, 0)].replace(" ", "").partition(",")
        if end < 0 or not low.isdecimal() or not (high.isdecimal() or not high):
            return None
        self._at = end + 1
        if len(low) > 5 or len(high) > 5 or int(low) > _MAX_COUNT or (high and int(high) < int(low)):
            raise DialectError("has a repeat whose counts are too large, or the wrong way round")
        return int(low), (int(high) if high else ENDLESS) if comma else int(low)

    def _escape(self, flags: Flags) -> Node:
        char = self._next()
        if char in "AzZ":
            return Anchor("start" if char == "A" else "end")
        if char in "bB":
            if self._rust and self._peek() == "{":
                raise DialectError("has a boundary of a kind of its own")
            return Anchor(f"\\{char}")
        if char in "dDwWsS":
            return Chars((char.lower(),), negated=char.isupper())
        code = self._escaped(char)
        return Chars(((code, code),), folded=flags.i and chr(code).isalpha())

    def _escaped(self, char: str) -> int:
        """The byte that `\\` and this character stand for."""
        if char in _SIMPLE:
            return _SIMPLE[char]
        if char in "xuU" and (char == "x" or self._rust):
            return self._code({"x": 2, "u": 4, "U": 8}[char])
        if char in "pP":
            raise DialectError("uses a Unicode class")
        if char.isdecimal():
            raise DialectError("refers back to a group, or has an octal escape")
        if char.isalpha():
            raise DialectError(f"has the escape \\{char}")
        return _ascii(char)

    def _code(self, digits: int) -> int:
        if self._took("{"):
            written = self._until("}")
        else:
            written = self._text[self._at : self._at + digits]
            self._at += digits
        try:
            code = int(written, 16)
        except ValueError:
            raise DialectError("has an escape that is no number") from None
        return _ascii(chr(code) if code < 0x110000 else "\uffff")

    def _class(self, flags: Flags) -> Chars:
        negated = self._took("^")
        items: list[Item] = []
        first = True
        while first or self._peek() != "]":
            if flags.x and self._peek() in " \t\r\n":
                self._at += 1
                continue
            items += self._class_item()
            first = False
        self._at += 1
        return Chars(tuple(items), negated, flags.i)

    def _class_item(self) -> list[Item]:
        if self._took("[:"):
            return self._posix()
        if self._rust and (self._peek() == "[" or self._text[self._at : self._at + 2] in ("&&", "--", "~~")):
            raise DialectError("has a class made of classes")
        char = self._next()
        if char == "\\" and self._peek() in "dwsDWS":
            return [self._next()]
        low = self._class_char(char)
        if self._peek() != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return [(low, low)]
        self._at += 1
        high = self._class_char(self._next())
        if high < low:
            raise DialectError("has a range that runs backwards")
        return [(low, high)]

    def _class_char(self, char: str) -> int:
        return self._escaped(self._next()) if char == "\\" else _ascii(char)

    def _posix(self) -> list[Item]:
        negated = self._took("^")
        name = self._until(":")
        if name not in POSIX or not self._took("]"):
            raise DialectError(f"has the class [:{name}:]")
        return without(POSIX[name]) if negated else list(POSIX[name])

    def _skip_blanks(self, flags: Flags) -> None:
        while flags.x and not self.at_end():
            if self._text[self._at].isspace():
                self._at += 1
            elif self._text[self._at] == "#":
                newline = self._text.find("\n", self._at)
                self._at = len(self._text) if newline < 0 else newline + 1
            else:
                return

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else "\0"

    def _next(self) -> str:
        if self.at_end():
            raise DialectError("ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def _took(self, expected: str) -> bool:
        found = self._text.startswith(expected, self._at)
        if found:
            self._at += len(expected)
        return found

    def _until(self, stop: str) -> str:
        end = self._text.find(stop, self._at)
        if end < 0:
            raise DialectError("ends too early")
        found = self._text[self._at : end]
        self._at = end + len(stop)
        return found


def _either(branches: list[Node]) -> Node:
    """One of the branches: a class where each is one, or a byte that two of them hold would be tried twice."""
    classes = [branch for branch in branches if isinstance(branch, Chars)]
    cases = {branch.folded for branch in classes if not has_both_cases(branch.items)}
    if len(branches) == 1 or len(classes) < len(branches) or len(cases) > 1:
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))
    items = [item for branch in classes for item in (without(branch.items) if branch.negated else branch.items)]
    negated = any(branch.negated for branch in classes)
    return Chars(tuple(without(items) if negated else items), negated, True in cases)


def _ascii(char: str) -> int:
    if ord(char) > 127:
        raise DialectError("holds a character that is not ASCII")
    return ord(char)
