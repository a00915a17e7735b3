"""What was met in pickles and is not told yet: strings with the keys beside them, imports, and the bytes all these cover."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Member, Piece, Text, entries
from modelguard.readers.kinds import HEAD_BYTES, kind_of
from modelguard.readers.members import Held, Ranged
from modelguard.readers.pickles.imports import is_safe
from modelguard.readers.pickles.nodes import LIST, SET, TUPLE, Built, Imported, Literal, way

MOST_HELD = 4 * 1024 * 1024
"""Bytes of strings that are held before they are told, whether or not it is known where they lie."""

MOST_STRINGS = 100_000
_TEXT_BYTES = 1024 * 1024
_KEY_BYTES = 80
_KEPT_OF_TEXT = 256
_ORDINARY = re.compile(rb"[A-Za-z_][A-Za-z_. -]*")
_SHORTER_THAN_VALUES = 16
_NAMED_ELEMENTS = 50
_SMALLEST_FILE = 16
_MOST_IMPORTS = 10_000


class Told:
    """Strings and imports of pickles in one blob, in the order in which they stand there."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self.literals: list[Literal] = []
        self.imports: list[Imported] = []
        self.held = 0
        self._covered: list[tuple[int, int]] = []
        self._large: list[tuple[int, int]] = []
        self._imported: set[str] = set()

    def cover(self, start: int, end: int) -> None:
        """Say that everything between these bytes of the blob is among the strings here, or is no text."""
        if start < end:
            self._covered.append((start, end))

    def leave(self, start: int, end: int) -> None:
        """Bytes that are too many to be held: they are opened if they are of some kind, and else looked at as they stand."""
        self._large.append((start, end))

    def is_full(self) -> bool:
        """Whether it should be told now."""
        return self.held > MOST_HELD or len(self.literals) + len(self.imports) > MOST_STRINGS

    def drop(self) -> None:
        """Forget everything that is held."""
        self.literals.clear()
        self.imports.clear()
        self._large.clear()
        self._covered.clear()
        self.held = 0

    def pieces(self) -> Iterator[Piece]:
        """Everything that is held, once."""
        literals, imports, self.held = self.literals[:], self.imports[:], 0
        self.literals.clear()
        self.imports.clear()
        covered, self._covered = self._covered, []
        yield from self._imports(imports)
        large, self._large = self._large, []
        for start, end in large:
            if _is_file(self._blob.read(start, min(end, start + HEAD_BYTES))):
                yield Member(Ranged(self._blob, f"bytes at {start}", start, end))
                yield Covered(start, end)
        for literal in literals:
            if literal.is_bytes and not literal.told and literal.text and _is_file(literal.text):
                literal.told = True
                yield Member(
                    Held(self._blob, f"bytes at {literal.start}", literal.text, literal.start, literal.end)
                )
        lines: list[tuple[Literal, bytes, int]] = []
        size = 0
        for literal, line, ahead in _lines(literals):
            lines.append((literal, line, ahead))
            size += len(line)
            if size > _TEXT_BYTES:
                yield _text(lines)
                lines, size = [], 0
        if lines:
            yield _text(lines)
        yield from _without(covered, large)
        for literal in literals:
            if literal.text is not None and len(literal.text) > _KEPT_OF_TEXT:
                literal.text = literal.text[:_KEPT_OF_TEXT]

    def _imports(self, imports: list[Imported]) -> Iterator[Piece]:
        new = {each.name: each for each in reversed(imports) if each.name not in self._imported and not is_safe(each)}
        if len(self._imported) < _MOST_IMPORTS:
            self._imported.update(new)
        named = sorted(new.values(), key=lambda each: each.start)
        if named:
            yield entries(
                [b"pickle imports " + each.name.encode("utf-8", "replace") for each in named],
                lambda number: f"opcode at byte {named[number].start}",
                lambda number: (named[number].start, named[number].end),
                sort="pickle",
            )


def _is_file(head: bytes) -> bool:
    """Whether bytes in a pickle are a file of some kind themselves."""
    kind = kind_of(head[:HEAD_BYTES]) if len(head) >= _SMALLEST_FILE else None
    return kind is not None and kind.reader is not None


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


def _lines(literals: list[Literal]) -> Iterator[tuple[Literal, bytes, int]]:
    """Each string that is not told yet, as the line that rules look at, and how many bytes precede it there.

    A key stands with its value, so that it is told once; with further values only where it is no value itself.
    """
    for literal in literals:
        if literal.told or literal.text is None:
            continue
        key = _key(literal)
        if key is None or key is literal or not key.text or (key.told and not _is_ordinary(key.text)):
            continue
        shown = key.text if not key.told else key.text[:_KEY_BYTES]
        literal.told = key.told = True
        yield literal, b'"%b": "%b"' % (shown, literal.text), len(shown) + 5
    for literal in literals:
        if not literal.told and literal.text is not None:
            literal.told = True
            yield literal, literal.text, 0


def _key(literal: Literal) -> Literal | None:
    """What names a string: its own key, or that of the list that it stands in."""
    if literal.key is not None:
        return literal.key
    owner = literal.parent
    if owner is None or owner.kind not in (LIST, TUPLE, SET) or not isinstance(owner.step, Literal):
        return None
    return owner.step if literal.step is None or (isinstance(literal.step, int) and literal.step < _NAMED_ELEMENTS) else None


def _is_ordinary(key: bytes) -> bool:
    return len(key) < _SHORTER_THAN_VALUES or (len(key) <= _KEY_BYTES and _ORDINARY.fullmatch(key) is not None)


def _text(lines: list[tuple[Literal, bytes, int]]) -> Text:
    """Many strings, each looked at alone."""
    starts: list[int] = []
    at = 0
    for _, line, _ in lines:
        starts.append(at)
        at += len(line) + 1

    def name(offset: int) -> str:
        number = bisect_right(starts, offset) - 1
        literal, line, ahead = lines[number]
        return place(literal, line[ahead:], offset - starts[number] - ahead)

    def span(first: int, last: int) -> tuple[int, int]:
        literal, line, ahead = lines[bisect_right(starts, first) - 1]
        return literal.start, literal.end

    return Text(b"\n".join(line for _, line, _ in lines), name, span, starts)


def place(literal: Literal, text: bytes, offset: int) -> str:
    """Where a person finds what stands at an offset of a string; a negative one means its key."""
    if offset < 0 and isinstance(key := _key(literal), Literal):
        literal, text = key, b""
    path = way(literal)
    if not path or path.startswith("…"):
        path = ", ".join(filter(None, (path, f"opcode at byte {literal.start}")))
    line = text.count(b"\n", 0, max(0, offset)) + 1
    return f"{path}:{line}" if b"\n" in text.rstrip(b"\n") else path
