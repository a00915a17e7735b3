"""Strings and numbers of a pickle: what their opcodes push on the symbolic stack.

A handler is called with the bytes at hand and where its opcode stands there, and returns where the next one does. It
reads its argument before it changes anything.
"""

from __future__ import annotations

import codecs
import re
from struct import Struct

from modelguard.readers.pickles.machine import SPARE, Beyond, Broken, Machine
from modelguard.readers.pickles.nodes import Literal

LONGEST_HELD = 64 * 1024
"""Bytes of a string that is held; longer ones are looked at where they stand."""

LONGEST_NUMBER = 20
"""Digits, or bytes, of a number that may be of use."""

U4 = Struct("<I")
_TEXT_IN_NUMBER = 8
_NUMBER_SHOWN = 12
_U2, _I4, _U8 = Struct("<H"), Struct("<i"), Struct("<Q")
_AN_INT = b"KMJ"
_INT = re.compile(rb"(?s:K.|M..|J.{4})")
_INTS = re.compile(rb"(?s:K.|M..|J.{4}){16,1000}")
_FLOATS = re.compile(rb"(?s:G.{8}){16,1000}")
_NUMBER = re.compile(rb"[0-9.eE+\-LNanif]*\r?")


class Strings:
    """Handlers over the stack of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._stack = machine.stack
        self._marks = machine.marks
        self._memo = machine.memo
        self._told = machine.told
        self._most = machine.most_remembered

    def _string(self, data: bytes, at: int, start: int, length: int) -> int:
        """Push the string of so many bytes that begins at `start`."""
        end = start + length
        base = self._machine.base
        if length > LONGEST_HELD:
            if base + end > self._machine.size:
                raise Broken(base + at, "a string in it is longer than the rest of it")
            self._stack.append(Literal(base + at, base + end, None))
            self._told.leave(base + start, base + end)
            return end
        if end > len(data) - SPARE:
            raise Beyond
        self._stack.append(self._literal(at, end, data[start:end]))
        return end

    def _literal(self, at: int, end: int, text: bytes) -> Literal:
        """A string that is held."""
        base = self._machine.base
        literal = Literal(base + at, base + end, text)
        self._told.literals.append(literal)
        self._told.held += len(text)
        return literal

    def short_text(self, data: bytes, at: int) -> int:
        """One string, and as many as follow it, each with the opcode that puts it into the memo."""
        limit, base, first = len(data) - SPARE, self._machine.base, at
        stack, literals, memo = self._stack, self._told.literals, self._memo
        code = 0x8C
        while code == 0x8C:
            end = at + 2 + data[at + 1]
            if end > limit:
                if at == first:
                    raise Beyond
                break
            literal = Literal(base + at, base + end, data[at + 2 : end])
            literals.append(literal)
            stack.append(literal)
            at = end
            code = data[at]
            if code == 0x94:
                if len(memo) < self._most:
                    memo[len(memo)] = literal
                at += 1
                code = data[at]
        self._told.held += at - first
        return at

    def text(self, data: bytes, at: int) -> int:
        """See `short_text`."""
        limit, base, first = len(data) - SPARE, self._machine.base, at
        stack, literals, memo = self._stack, self._told.literals, self._memo
        code = 0x58
        while code == 0x58:
            length = U4.unpack_from(data, at + 1)[0]
            end = at + 5 + length
            if end > limit or length > LONGEST_HELD:
                if at == first:
                    return self._string(data, at, at + 5, length)
                break
            literal = Literal(base + at, base + end, data[at + 5 : end])
            literals.append(literal)
            stack.append(literal)
            at = end
            code = data[at]
            if code == 0x71:
                if len(memo) < self._most:
                    memo[data[at + 1]] = literal
                at += 2
                code = data[at]
        self._told.held += at - first
        return at

    def text8(self, data: bytes, at: int) -> int:
        """BINUNICODE8."""
        return self._string(data, at, at + 9, _U8.unpack_from(data, at + 1)[0])

    def short_bytes(self, data: bytes, at: int) -> int:
        """SHORT_BINBYTES, and SHORT_BINSTRING of protocol 1."""
        return self._bytes(data, at, at + 2, data[at + 1])

    def bytes_(self, data: bytes, at: int) -> int:
        """BINBYTES, and BINSTRING of protocol 1."""
        return self._bytes(data, at, at + 5, U4.unpack_from(data, at + 1)[0])

    def bytes8(self, data: bytes, at: int) -> int:
        """BINBYTES8 and BYTEARRAY8."""
        return self._bytes(data, at, at + 9, _U8.unpack_from(data, at + 1)[0])

    def _bytes(self, data: bytes, at: int, start: int, length: int) -> int:
        end = self._string(data, at, start, length)
        if length <= LONGEST_HELD:
            self._told.binary.append(self._told.literals[-1])
        return end

    def _line(self, data: bytes, at: int) -> tuple[bytes, int]:
        """The rest of a line, and where the next one begins."""
        end = data.find(b"\n", at, len(data) - SPARE)
        if end < 0:
            raise Beyond
        return data[at:end], end + 1

    def quoted(self, data: bytes, at: int) -> int:
        """STRING: a string as Python 2 writes it, up to the end of the line."""
        line, end = self._line(data, at + 1)
        text = line.strip()
        if len(text) < 2 or text[:1] not in b"'\"" or text[-1:] != text[:1]:
            raise Broken(self._machine.base + at)
        try:
            text = codecs.escape_decode(text[1:-1])[0]
        except ValueError:
            text = text[1:-1]
        self._stack.append(self._literal(at, end, text))
        return end

    def escaped(self, data: bytes, at: int) -> int:
        """UNICODE: text with escapes, up to the end of the line."""
        line, end = self._line(data, at + 1)
        try:
            text = line.decode("raw-unicode-escape").encode("utf-8", "surrogatepass")
        except ValueError:
            text = line
        self._stack.append(self._literal(at, end, text))
        return end

    def nothing(self, data: bytes, at: int) -> int:
        """NONE, NEWTRUE, NEWFALSE, NEXT_BUFFER."""
        self._stack.append(None)
        return at + 1

    def int1(self, data: bytes, at: int) -> int:
        """BININT1."""
        if data[at + 2] in _AN_INT and (run := _INTS.match(data, at, len(data) - SPARE)):
            return self._run(run)
        self._stack.append(data[at + 1])
        return at + 2

    def int2(self, data: bytes, at: int) -> int:
        """BININT2."""
        if data[at + 3] in _AN_INT and (run := _INTS.match(data, at, len(data) - SPARE)):
            return self._run(run)
        self._stack.append(_U2.unpack_from(data, at + 1)[0])
        return at + 3

    def int4(self, data: bytes, at: int) -> int:
        """BININT."""
        if data[at + 5] in _AN_INT and (run := _INTS.match(data, at, len(data) - SPARE)):
            return self._run(run)
        self._stack.append(_I4.unpack_from(data, at + 1)[0])
        return at + 5

    def _run(self, run: re.Match[bytes]) -> int:
        """Many numbers in a row: what they are is of no use."""
        self._stack.extend([None] * len(_INT.findall(run[0])))
        return run.end()

    def float_(self, data: bytes, at: int) -> int:
        """BINFLOAT."""
        if data[at + 9] == 0x47:
            run = _FLOATS.match(data, at, len(data) - SPARE)
            if run is not None:
                self._stack.extend([None] * ((run.end() - at) // 9))
                return run.end()
        self._stack.append(None)
        return at + 9

    def _long(self, data: bytes, at: int, start: int, length: int) -> int:
        """A long number is bytes, which may hold anything."""
        if length < _TEXT_IN_NUMBER:
            self._stack.append(int.from_bytes(data[start : start + length], "little", signed=True))
            return start + length
        end = self._string(data, at, start, length)
        if length <= LONGEST_NUMBER:
            self._stack[-1] = int.from_bytes(data[start:end], "little", signed=True)
        return end

    def long1(self, data: bytes, at: int) -> int:
        """LONG1."""
        return self._long(data, at, at + 2, data[at + 1])

    def long4(self, data: bytes, at: int) -> int:
        """LONG4."""
        length = _I4.unpack_from(data, at + 1)[0]
        if length < 0:
            raise Broken(self._machine.base + at)
        return self._long(data, at, at + 5, length)

    def written_number(self, data: bytes, at: int) -> int:
        """INT, LONG and FLOAT: a number, up to the end of the line."""
        line, end = self._line(data, at + 1)
        is_number = _NUMBER.fullmatch(line) is not None
        if not is_number and self._machine.doubts:
            raise Broken(self._machine.base + at)
        if not is_number or len(line) >= _NUMBER_SHOWN:
            self._literal(at, end, line)
        digits = line.rstrip(b"\rL")
        self._stack.append(int(digits) if len(digits) < LONGEST_NUMBER and digits.isdigit() else None)
        return end
