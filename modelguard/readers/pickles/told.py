"""What was met in pickles and is not told yet: strings with the keys beside them, imports, and what these cover."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Member, Piece, Text, entries
from modelguard.readers.kinds import HEAD_BYTES, is_file
from modelguard.readers.members import Held, Ranged
from modelguard.readers.pickles.arrow import Arrays
from modelguard.readers.pickles.imports import GETATTR, is_safe
from modelguard.readers.pickles.nodes import LIST, SET, TUPLE, Imported, Literal, way

MOST_HELD = 4 * 1024 * 1024
"""Bytes of strings that are held before they are told, whether or not it is known where they lie."""

MOST_STRINGS = 100_000
_TEXT_BYTES = 1024 * 1024
_KEY_BYTES = 80
_KEPT_OF_TEXT = 256
_NODE = b"_val"
"""Where OmegaConf keeps the value of a node (https://github.com/omry/omegaconf, `omegaconf/nodes.py`)."""

_MOST_UP = 3
_ORDINARY = re.compile(rb"[A-Za-z_][A-Za-z_. -]*")
_SHORTER_THAN_VALUES = 16
_NAMED_ELEMENTS = 50
_SMALLEST_FILE = 16
_MOST_IMPORTS = 10_000
_MOST_TRUSTED = 1000
_DOUBTED = 1024
_NOWHERE = 1 << 62


class Told:
    """Strings and imports of pickles in one blob, in the order in which they stand there.

    `binary` are those of `literals` that may be a file themselves.
    """

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self.literals: list[Literal] = []
        self.imports: list[Imported] = []
        self.binary: list[Literal] = []
        self.held = 0
        self.arrays = Arrays(blob)
        self._buffers: set[int] = set()
        self._covered: list[tuple[int, int]] = []
        self._large: list[tuple[int, int]] = []
        self._imported: set[str] = set()
        self._trusted: list[Imported] = []
        self._doubted_from = _NOWHERE

    def cover(self, start: int, end: int) -> None:
        """Say that everything between these bytes of the blob is among the strings here, or is no text."""
        if start < end:
            self._covered.append((start, end))

    def leave(self, start: int, end: int) -> None:
        """Bytes that are too many to be held: a file of some kind, or looked at as they stand."""
        self._large.append((start, end))

    def hold(self, literal: Literal) -> None:
        """Leave a string to the Arrow array that it is a part of."""
        if literal.told:
            self.arrays.repeated.add(id(literal))
        literal.told = True
        self._buffers.add(literal.end)
        self._large.append((literal.start, literal.end))

    def doubt(self, start: int, end: int) -> None:
        """Say that what was met between these bytes may be no pickle: it is looked at as it stands, too."""
        first = max(start, end - _DOUBTED)
        first = next((each.start for each in self.literals if each.start >= first), first)
        self.cover(start, min(first, end))
        self._doubted_from = first

    def is_full(self) -> bool:
        """Whether it should be told now."""
        return self.held > MOST_HELD or len(self.literals) + len(self.imports) > MOST_STRINGS

    def drop(self) -> None:
        """Forget everything that is held."""
        self.literals.clear()
        self.imports.clear()
        self._large.clear()
        self._covered.clear()
        self._buffers.clear()
        self.binary.clear()
        self.held = 0

    def pieces(self) -> Iterator[Piece]:
        """Everything that is held, once."""
        literals, imports, binary = self.literals[:], self.imports[:], self.binary[:]
        covered, large = self._covered, sorted(self._large)
        buffers, self._buffers = self._buffers, set()
        self._covered, self._large = [], []
        self.drop()
        yield from self._imports(imports)
        yield from self._files(binary, [each for each in large if each[1] not in buffers])
        doubted = [literal for literal in literals if literal.start >= self._doubted_from]
        sure = literals[: len(literals) - len(doubted)]
        for again, some in ((False, sure), (True, doubted)):
            for lines in _lines(some):
                yield _text(*lines, again)
        self._doubted_from = _NOWHERE
        yield from _without(covered, large)
        for literal in literals:
            if literal.text is not None and len(literal.text) > _KEPT_OF_TEXT:
                literal.text = literal.text[:_KEPT_OF_TEXT]

    def _files(self, binary: list[Literal], large: list[tuple[int, int]]) -> Iterator[Piece]:
        """Bytes in a pickle that are a file of some kind themselves."""
        for start, end in large:
            if _is_file(self._blob.read(start, min(end, start + HEAD_BYTES))):
                yield Member(Ranged(self._blob, f"bytes at {start}", start, end))
                yield Covered(start, end)
        for literal in binary:
            if not literal.told and literal.text and _is_file(literal.text):
                literal.told = True
                yield Member(Held(self._blob, f"bytes at {literal.start}", literal.text, literal.start, literal.end))

    def _imports(self, imports: list[Imported]) -> Iterator[Piece]:
        imports = [*self._trusted, *imports]
        self._trusted = [each for each in imports if each.name in GETATTR and is_safe(each)]
        if len(self._trusted) > _MOST_TRUSTED:
            self._trusted.pop().other_uses += 1
            self._trusted.clear()
        new = {each.name: each for each in reversed(imports) if each.name not in self._imported and not is_safe(each)}
        if len(self._imported) < _MOST_IMPORTS:
            self._imported.update(new)
        named = sorted(new.values(), key=lambda each: each.start)
        if named:
            size = self._blob.size  # the last opcode may be cut off
            yield entries(
                [b"pickle imports: " + each.name.encode("utf-8", "replace") for each in named],
                lambda number: f"opcode at byte {named[number].start}",
                lambda number: (named[number].start, min(named[number].end, size)),
                sort="pickle",
            )


def _is_file(head: bytes) -> bool:
    """Whether bytes in a pickle are a file of some kind themselves."""
    return len(head) >= _SMALLEST_FILE and is_file(head)


def _without(ranges: list[tuple[int, int]], holes: list[tuple[int, int]]) -> Iterator[Covered]:
    """The ranges without these parts of them, both in order."""
    number = 0
    for start, end in sorted(ranges):
        while number < len(holes) and holes[number][0] < end:
            if start < holes[number][0]:
                yield Covered(start, holes[number][0])
            start = max(start, holes[number][1])
            number += 1
        if start < end:
            yield Covered(start, end)


class _Lines(NamedTuple):
    """Strings as the lines that rules look at. `ahead` tells of some how many bytes precede the string there."""

    literals: list[Literal]
    texts: list[bytes]
    ahead: dict[int, int]


def _lines(literals: list[Literal]) -> Iterator[_Lines]:
    """All strings that are not told yet, a MiB or so at a time.

    A key stands with its value, so that it is told once; with further values only where it is no value itself.
    """
    lines, size = _Lines([], [], {}), 0
    for literal in literals:
        text = literal.text
        key = None if literal.told or text is None else _key(literal)
        if key is None or text is None or not key.text or (key.told and not _is_ordinary(key.text)):
            continue
        shown = key.text if not key.told else key.text[:_KEY_BYTES]
        literal.told = key.told = True
        lines.ahead[len(lines.literals)] = len(shown) + 5
        lines.literals.append(literal)
        lines.texts.append(b'"%b": "%b"' % (shown, text))
        size += len(shown) + len(text)
        if size > _TEXT_BYTES:
            yield lines
            lines, size = _Lines([], [], {}), 0
    for literal in literals:
        text = literal.text
        if literal.told or text is None:
            continue
        literal.told = True
        lines.literals.append(literal)
        lines.texts.append(text)
        size += len(text)
        if size > _TEXT_BYTES:
            yield lines
            lines, size = _Lines([], [], {}), 0
    if lines.literals:
        yield lines


def _key(literal: Literal) -> Literal | None:
    """What names a string: its own key, or that of the list that it stands in."""
    step = literal.step
    if step.__class__ is Literal and step is not literal and step.text == _NODE:
        return _key_of_node(literal) or step
    if step.__class__ is Literal:
        return step if step is not literal else None
    if step.__class__ is int and step >= _NAMED_ELEMENTS:
        return None
    owner = literal.parent
    if owner is None or owner.step.__class__ is not Literal or owner.kind not in (LIST, TUPLE, SET):
        return None
    return owner.step if owner.step is not literal else None


def _key_of_node(literal: Literal) -> Literal | None:
    """The key of an object of OmegaConf that holds nothing but a string."""
    at = literal.parent
    for _ in range(_MOST_UP):
        if at is None or at.step is not None:
            break
        at = at.parent
    step = at.step if at is not None else None
    return step if isinstance(step, Literal) and step is not literal else None


def _is_ordinary(key: bytes) -> bool:
    return len(key) < _SHORTER_THAN_VALUES or (len(key) <= _KEY_BYTES and _ORDINARY.fullmatch(key) is not None)


def _text(literals: list[Literal], texts: list[bytes], ahead: dict[int, int], again: bool) -> Text:
    """Many strings, each looked at alone."""
    starts = list(accumulate((len(text) + 1 for text in texts[:-1]), initial=0))

    def name(offset: int) -> str:
        number = bisect_right(starts, offset) - 1
        before = ahead.get(number, 0)
        return place(literals[number], texts[number][before:], offset - starts[number] - before)

    def span(first: int, last: int) -> tuple[int, int]:
        literal = literals[bisect_right(starts, first) - 1]
        return literal.start, literal.end

    return Text(b"\n".join(texts), name, span, starts, again)


def place(literal: Literal, text: bytes, offset: int) -> str:
    """Where a person finds what stands at an offset of a string; a negative one means its key."""
    if offset < 0 and isinstance(key := _key(literal), Literal):
        literal, text = key, b""
    path = way(literal)
    if not path or path.startswith("…"):
        path = ", ".join(filter(None, (path, f"opcode at byte {literal.start}")))
    line = text.count(b"\n", 0, max(0, offset)) + 1
    return f"{path}:{line}" if b"\n" in text.rstrip(b"\n") else path
