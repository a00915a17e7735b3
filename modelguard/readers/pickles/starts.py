"""Whether bytes begin as a pickle does: their first opcodes make sense, up to the end or for some way."""

from __future__ import annotations

from typing import NamedTuple

from modelguard.budget import Budget
from modelguard.model import Origin
from modelguard.readers.interface import Limits
from modelguard.readers.pickles.machine import Broken, Machine, Paused, Stopped
from modelguard.readers.pickles.told import Told

_HEAD = 4096
_LOOKED_AT = 1024
_ENOUGH = 64
"""Bytes of opcodes in a row that no other data has."""

_BEFORE_A_STRING = 2
_SHORTEST = 8
_PROTOCOL = 0x80
_MOST = 1 << 62


class _Head(NamedTuple):
    """The first bytes of what may be a pickle, which has so many bytes."""

    data: bytes
    size: int

    @property
    def origin(self) -> Origin:
        """See `Blob.origin`."""
        return Origin("")

    def read(self, start: int, end: int) -> bytes:
        """See `Blob.read`."""
        return self.data[start:end]


def opens(head: bytes, size: int | None = None) -> bool:
    """Whether a pickle begins with these bytes, of `size` in all; where that is not told, 4096 bytes may not be all."""
    head, size, machine = _begun(head, size)
    return _goes_on(machine, head, size) or _imports_a_name(machine)  # what it imports runs before it breaks


def opens_surely(head: bytes) -> bool:
    """The same for bytes that may be a text, which goes on otherwise after a line or two."""
    head, size, machine = _begun(head, None)
    return _goes_on(machine, head, size)


def imports(head: bytes) -> bool:
    """Whether these bytes are the head of a pickle that imports something early on."""
    head, size, machine = _begun(head, None)
    _goes_on(machine, head, size)
    return _imports_a_name(machine)


def _imports_a_name(machine: Machine) -> bool:
    """Extensions have numbers instead of names, and one byte in a hundred is the opcode of one."""
    return any(" " not in imported.name for imported in machine.told.imports)


def _begun(head: bytes, size: int | None) -> tuple[bytes, int, Machine]:
    """What is looked at of a head, of how many bytes, and a machine for it."""
    if size is None:
        size = len(head) if len(head) < _HEAD else _MOST
    head = head[:_LOOKED_AT]
    blob = _Head(head, size)
    machine = Machine(blob, Told(blob), Limits(Budget()))
    machine.doubts = True
    return head, size, machine


def _goes_on(machine: Machine, head: bytes, size: int) -> bool:
    try:
        passed = machine.look(head, len(head) >= size)
        return passed >= (_BEFORE_A_STRING if passed < size else _ENOUGH)
    except Stopped as stopped:
        return stopped.at >= (_SHORTEST if head[0] != _PROTOCOL else _BEFORE_A_STRING)
    except Paused:
        return True
    except Broken as broken:
        return broken.at >= _ENOUGH
