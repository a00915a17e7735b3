"""Compiled Python modules of CPython 3.8 and later: the strings that they hold, with what these are assigned to.

Sixteen bytes (a magic number, flags, and what the source was; PEP 552) precede the module's code object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, OverBudget, Piece, entries
from modelguard.readers.pickles.marshalled import Code, Item, Marshalled, Word

_HEADER_BYTES = 16
_MOST_BYTES = 64 * 1024 * 1024
_TEXT_BYTES = 1024 * 1024
_MOST_AT_ONCE = 10_000
_OLD = (
    6,
    ("bytecode", "constants", "names", "locals", "free", "cells", "file", "name", "line", "table"),
)
_NEW = (
    5,
    ("bytecode", "constants", "names", "locals", "table", "file", "plain", "name", "line", "table", "table"),
)


class _Version(NamedTuple):
    """From which magic number on: how code objects are laid out, and the instructions that assign a constant."""

    magic: int
    layout: tuple[int, tuple[str, ...]]
    load: int
    store_name: tuple[int, int]
    store_local: int
    extended: int


_VERSIONS = (
    _Version(3600, _NEW, 82, (116, 115), 112, 69),
    _Version(3550, _NEW, 83, (114, 113), 110, 71),
    _Version(3450, _NEW, 100, (90, 97), 125, 144),
    _Version(0, _OLD, 100, (90, 97), 125, 144),
)
"""CPython 3.14, 3.13, 3.11, 3.8: `Include/opcode_ids.h`, `Lib/opcode.py`, `Include/internal/pycore_magic_number.h`."""


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The strings of a compiled module. See `Reader`."""
    size = blob.size
    if size > _MOST_BYTES:
        raise Malformed("it is larger than modules are")
    magic = int.from_bytes(blob.read(0, 2), "little")
    version = next(version for version in _VERSIONS if magic >= version.magic)
    start = min(size, _HEADER_BYTES)
    marshalled = Marshalled(blob.read(start, size), version.layout, limits)
    broken: Malformed | OverBudget | None = None
    try:
        marshalled.item()
    except (Malformed, OverBudget) as error:
        broken = error
    end = marshalled.words[-1].end if marshalled.words else 0
    for code in marshalled.codes:
        _assign(code, version)
    yield from _told(marshalled.words)
    yield Covered(start, start + end)
    if broken is not None:
        raise broken


def _told(words: list[Word]) -> Iterator[Piece]:
    """All strings, a MiB or some thousands at a time."""
    first = size = 0
    for number, word in enumerate(words):
        size += word.end - word.start
        if size > _TEXT_BYTES or number - first >= _MOST_AT_ONCE or number == len(words) - 1:
            part = words[first : number + 1]
            first, size = number + 1, 0
            yield _entries(part)


def _entries(words: list[Word]) -> Piece:
    return entries(
        [_line(word) for word in words],
        lambda number: _place(words[number]),
        lambda number: (_HEADER_BYTES + words[number].start, _HEADER_BYTES + words[number].end),
    )


def _line(word: Word) -> bytes:
    return word.text if word.variable is None else b'%b = "%b"' % (word.variable.text, word.text)


def _place(word: Word) -> str:
    """`HF_TOKEN in module`, `constants of Client.login`."""
    name = word.owner.name if word.owner is not None else None
    scope = name.text.decode("utf-8", "replace") if isinstance(name, Word) else "module"
    scope = "module" if scope == "<module>" else scope
    if word.variable is not None:
        return f"{word.variable.text.decode('utf-8', 'replace')} in {scope}"
    return f"{word.role} of {scope}"


def _assign(code: Code, version: _Version) -> None:
    """Note what constants are assigned to: an instruction that loads one, and next to it one that stores it."""
    if not isinstance(code.bytecode, Word):
        return
    instructions = code.bytecode.text
    high = loaded = -1
    for at in range(0, len(instructions) - 1, 2):
        operation, argument = instructions[at], instructions[at + 1]
        if operation == version.extended:
            high = (max(0, high) << 8 | argument) & 0xFFFFFF
            continue
        argument |= max(0, high) << 8
        high = -1
        if loaded >= 0 and (operation in version.store_name or operation == version.store_local):
            names = code.locals if operation == version.store_local else code.names
            value, variable = _at(code.constants, loaded), _at(names, argument)
            if isinstance(value, Word) and isinstance(variable, Word) and value.variable is None:
                value.variable = variable
        loaded = argument if operation == version.load else -1


def _at(items: Item, number: int) -> Item:
    return items[number] if isinstance(items, tuple) and number < len(items) else None
