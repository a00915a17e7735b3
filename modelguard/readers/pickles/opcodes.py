"""Every opcode of pickles of protocols 0 to 5, by its byte. What they do and take is told in `Lib/pickletools.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from modelguard.readers.pickles.machine import Broken, Stopped
from modelguard.readers.pickles.nodes import Built
from modelguard.readers.pickles.objects import Objects


class Opcodes(Objects):
    """The handlers of all opcodes. See `Strings`."""

    def stop(self, data: bytes, at: int) -> int:
        """STOP."""
        machine = self._machine
        machine.result = self._stack.pop()
        if isinstance(machine.result, Built):
            machine.result.root = True
        raise Stopped(machine.base + at + 1)

    def protocol(self, data: bytes, at: int) -> int:
        """PROTO."""
        if data[at + 1] > 5 and self._machine.doubts and self._machine.base + at:
            raise Broken(self._machine.base + at)
        return at + 2

    def frame(self, data: bytes, at: int) -> int:
        """FRAME."""
        return at + 9

    def same(self, data: bytes, at: int) -> int:
        """READONLY_BUFFER."""
        return at + 1

    def extension1(self, data: bytes, at: int) -> int:
        """EXT1."""
        return self._extension(data, at, at + 2)

    def extension2(self, data: bytes, at: int) -> int:
        """EXT2."""
        return self._extension(data, at, at + 3)

    def extension4(self, data: bytes, at: int) -> int:
        """EXT4."""
        return self._extension(data, at, at + 5)

    def _extension(self, data: bytes, at: int, end: int) -> int:
        """A name that stands in a registry of the process that loads the pickle, and so may be any."""
        base, code = self._machine.base, int.from_bytes(data[at + 1 : end], "little")
        self._stack.append(self._machine.import_(base + at, base + end, "copyreg", f"extension {code}"))
        return end

    def none(self, data: bytes, at: int) -> int:
        """No opcode."""
        raise Broken(self._machine.base + at)


OPCODES: Mapping[bytes, Callable[[Opcodes, bytes, int], int]] = {
    b"(": Opcodes.mark,
    b".": Opcodes.stop,
    b"0": Opcodes.pop,
    b"1": Opcodes.pop_mark,
    b"2": Opcodes.twice,
    b"F": Opcodes.written_number,
    b"I": Opcodes.written_number,
    b"L": Opcodes.written_number,
    b"J": Opcodes.int4,
    b"K": Opcodes.int1,
    b"M": Opcodes.int2,
    b"N": Opcodes.nothing,
    b"P": Opcodes.persistent_line,
    b"Q": Opcodes.persistent,
    b"R": Opcodes.call,
    b"S": Opcodes.quoted,
    b"T": Opcodes.bytes_,
    b"U": Opcodes.short_bytes,
    b"V": Opcodes.escaped,
    b"X": Opcodes.text,
    b"a": Opcodes.append,
    b"b": Opcodes.build,
    b"c": Opcodes.global_,
    b"d": Opcodes.dict_,
    b"}": Opcodes.new_dict,
    b"e": Opcodes.appends,
    b"g": Opcodes.get_line,
    b"h": Opcodes.get1,
    b"i": Opcodes.instance,
    b"j": Opcodes.get4,
    b"l": Opcodes.list_,
    b"]": Opcodes.new_list,
    b"o": Opcodes.object_,
    b"p": Opcodes.put_line,
    b"q": Opcodes.put1,
    b"r": Opcodes.put4,
    b"s": Opcodes.set_item,
    b"t": Opcodes.tuple_,
    b")": Opcodes.no_tuple,
    b"u": Opcodes.set_items,
    b"G": Opcodes.float_,
    b"\x80": Opcodes.protocol,
    b"\x81": Opcodes.new_object,
    b"\x82": Opcodes.extension1,
    b"\x83": Opcodes.extension2,
    b"\x84": Opcodes.extension4,
    b"\x85": Opcodes.tuple1,
    b"\x86": Opcodes.tuple2,
    b"\x87": Opcodes.tuple3,
    b"\x88": Opcodes.nothing,
    b"\x89": Opcodes.nothing,
    b"\x8a": Opcodes.long1,
    b"\x8b": Opcodes.long4,
    b"B": Opcodes.bytes_,
    b"C": Opcodes.short_bytes,
    b"\x8c": Opcodes.short_text,
    b"\x8d": Opcodes.text8,
    b"\x8e": Opcodes.bytes8,
    b"\x8f": Opcodes.new_set,
    b"\x90": Opcodes.appends,
    b"\x91": Opcodes.frozen_set,
    b"\x92": Opcodes.new_object_named,
    b"\x93": Opcodes.stack_global,
    b"\x94": Opcodes.memoize,
    b"\x95": Opcodes.frame,
    b"\x96": Opcodes.bytes8,
    b"\x97": Opcodes.nothing,
    b"\x98": Opcodes.same,
}
"""Every opcode there is."""

HANDLERS: Sequence[Callable[[Opcodes, bytes, int], int]] = [
    OPCODES.get(bytes([code]), Opcodes.none) for code in range(256)
]
"""The handler for each byte that may be an opcode."""
