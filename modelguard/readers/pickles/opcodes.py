"""What each opcode of a pickle does to the symbolic stack: protocols 0 to 5.

The opcodes and their arguments are those of CPython's `Lib/pickletools.py`. A handler is called with the bytes at hand
and where its opcode stands there, and returns where the next one does. It reads its argument before it changes anything.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from struct import Struct

from modelguard.readers.pickles.imports import GETATTR, is_member
from modelguard.readers.pickles.machine import SPARE, Beyond, Broken, Machine, Paused, Stopped, put, put_pair
from modelguard.readers.pickles.nodes import (
    ARGUMENTS,
    DICT,
    LIST,
    OBJECT,
    SET,
    STATE,
    TUPLE,
    Built,
    Imported,
    Item,
    Literal,
)

LONGEST_HELD = 64 * 1024
"""Bytes of a string that is held; longer ones are looked at where they stand."""

ARRAY = "joblib.numpy_pickle.NumpyArrayWrapper"
"""The object whose numbers joblib writes behind it."""

_KEPT = frozenset({b"shape", b"dtype", b"order", b"numpy_array_alignment_bytes"})
_MOST_KEPT = 4096
_TEXT_IN_NUMBER = 8
_NUMBER_SHOWN = 12
_LONGEST_NUMBER = 20
_MOST_OF_A_LINE = 8 * 1024 * 1024
_U2, _I4, _U4, _U8 = Struct("<H"), Struct("<i"), Struct("<I"), Struct("<Q")
_INTS = re.compile(rb"(?s:K.|M..|J.{4}){16,1000}")
_INT = re.compile(rb"(?s:K.|M..|J.{4})")
_FLOATS = re.compile(rb"(?s:G.{8}){16,1000}")
_NUMBER = re.compile(rb"[0-9.eE+\-LNanif]*\r?")
_LATIN = (b"latin1", b"latin-1")


class Opcodes:
    """The handlers of all opcodes over the stack of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._stack = machine.stack
        self._marks = machine.marks
        self._memo = machine.memo
        self._told = machine.told

    # strings

    def _string(self, data: bytes, at: int, start: int, length: int, is_bytes: bool) -> int:
        """Push the string of so many bytes that begins at `start`."""
        end = start + length
        machine = self._machine
        base = machine.base
        if length > LONGEST_HELD:
            if base + end > machine.size:
                raise Broken(base + at, "a string in it is longer than the rest of it")
            self._stack.append(Literal(base + at, base + end, None, is_bytes))
            machine.told.leave(base + start, base + end)
            return end
        if end > len(data) - SPARE:
            raise Beyond
        literal = Literal(base + at, base + end, data[start:end], is_bytes)
        told = self._told
        told.literals.append(literal)
        told.held += length
        self._stack.append(literal)
        return end

    def short_text(self, data: bytes, at: int) -> int:
        return self._string(data, at, at + 2, data[at + 1], False)

    def text(self, data: bytes, at: int) -> int:
        return self._string(data, at, at + 5, _U4.unpack_from(data, at + 1)[0], False)

    def text8(self, data: bytes, at: int) -> int:
        return self._string(data, at, at + 9, _U8.unpack_from(data, at + 1)[0], False)

    def short_bytes(self, data: bytes, at: int) -> int:
        return self._string(data, at, at + 2, data[at + 1], True)

    def bytes_(self, data: bytes, at: int) -> int:
        return self._string(data, at, at + 5, _U4.unpack_from(data, at + 1)[0], True)

    def bytes8(self, data: bytes, at: int) -> int:
        return self._string(data, at, at + 9, _U8.unpack_from(data, at + 1)[0], True)

    def _line(self, data: bytes, at: int) -> tuple[bytes, int]:
        """The rest of a line, and where the next one begins."""
        end = data.find(b"\n", at, len(data) - SPARE)
        if end < 0:
            raise Beyond
        return data[at:end], end + 1

    def _literal(self, at: int, end: int, text: bytes, is_bytes: bool = False) -> Literal:
        """A string that was written another way."""
        base = self._machine.base
        literal = Literal(base + at, base + end, text, is_bytes)
        self._told.literals.append(literal)
        self._told.held += len(text)
        return literal

    def quoted(self, data: bytes, at: int) -> int:
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
        line, end = self._line(data, at + 1)
        try:
            text = line.decode("raw-unicode-escape").encode("utf-8", "surrogatepass")
        except ValueError:
            text = line
        self._stack.append(self._literal(at, end, text))
        return end

    # numbers

    def nothing(self, data: bytes, at: int) -> int:
        self._stack.append(None)
        return at + 1

    def int1(self, data: bytes, at: int) -> int:
        if data[at + 2] in b"KMJ":
            run = _INTS.match(data, at, len(data) - SPARE)
            if run is not None:
                self._stack.extend([None] * len(_INT.findall(run[0])))
                return run.end()
        self._stack.append(data[at + 1])
        return at + 2

    def int2(self, data: bytes, at: int) -> int:
        if data[at + 3] in b"KMJ":
            run = _INTS.match(data, at, len(data) - SPARE)
            if run is not None:
                self._stack.extend([None] * len(_INT.findall(run[0])))
                return run.end()
        self._stack.append(_U2.unpack_from(data, at + 1)[0])
        return at + 3

    def int4(self, data: bytes, at: int) -> int:
        if data[at + 5] in b"KMJ":
            run = _INTS.match(data, at, len(data) - SPARE)
            if run is not None:
                self._stack.extend([None] * len(_INT.findall(run[0])))
                return run.end()
        self._stack.append(_I4.unpack_from(data, at + 1)[0])
        return at + 5

    def float_(self, data: bytes, at: int) -> int:
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
        end = self._string(data, at, start, length, True)
        if length <= _LONGEST_NUMBER:
            self._stack[-1] = int.from_bytes(data[start:end], "little", signed=True)
        return end

    def long1(self, data: bytes, at: int) -> int:
        return self._long(data, at, at + 2, data[at + 1])

    def long4(self, data: bytes, at: int) -> int:
        length = _I4.unpack_from(data, at + 1)[0]
        if length < 0:
            raise Broken(self._machine.base + at)
        return self._long(data, at, at + 5, length)

    def written_number(self, data: bytes, at: int) -> int:
        line, end = self._line(data, at + 1)
        if len(line) >= _NUMBER_SHOWN or not _NUMBER.fullmatch(line):
            self._literal(at, end, line)
        digits = line.rstrip(b"\rL")
        self._stack.append(int(digits) if len(digits) < _LONGEST_NUMBER and digits.isdigit() else None)
        return end

    # the stack and the memo

    def mark(self, data: bytes, at: int) -> int:
        self._marks.append(len(self._stack))
        return at + 1

    def pop(self, data: bytes, at: int) -> int:
        if self._marks and self._marks[-1] >= len(self._stack):
            self._marks.pop()
        else:
            self._stack.pop()
        return at + 1

    def pop_mark(self, data: bytes, at: int) -> int:
        self._machine.to_mark()
        return at + 1

    def twice(self, data: bytes, at: int) -> int:
        self._stack.append(self._stack[-1])
        return at + 1

    def memoize(self, data: bytes, at: int) -> int:
        self._machine.remember(len(self._memo))
        return at + 1

    def put1(self, data: bytes, at: int) -> int:
        self._machine.remember(data[at + 1])
        return at + 2

    def put4(self, data: bytes, at: int) -> int:
        self._machine.remember(_U4.unpack_from(data, at + 1)[0])
        return at + 5

    def put_line(self, data: bytes, at: int) -> int:
        index, end = self._index(data, at)
        self._machine.remember(index)
        return end

    def get1(self, data: bytes, at: int) -> int:
        self._stack.append(self._memo.get(data[at + 1]))
        return at + 2

    def get4(self, data: bytes, at: int) -> int:
        self._stack.append(self._memo.get(_U4.unpack_from(data, at + 1)[0]))
        return at + 5

    def get_line(self, data: bytes, at: int) -> int:
        index, end = self._index(data, at)
        self._stack.append(self._memo.get(index))
        return end

    def _index(self, data: bytes, at: int) -> tuple[int, int]:
        line, end = self._line(data, at + 1)
        line = line.rstrip(b"\r")
        if not line.isdigit() or len(line) > _LONGEST_NUMBER:
            raise Broken(self._machine.base + at)
        return int(line), end

    # containers

    def new_list(self, data: bytes, at: int) -> int:
        self._stack.append(Built(LIST))
        return at + 1

    def new_dict(self, data: bytes, at: int) -> int:
        self._stack.append(Built(DICT))
        return at + 1

    def new_set(self, data: bytes, at: int) -> int:
        self._stack.append(Built(SET))
        return at + 1

    def no_tuple(self, data: bytes, at: int) -> int:
        self._stack.append(Built(TUPLE))
        return at + 1

    def _tuple(self, items: list[Item], kind: str = TUPLE) -> None:
        made = Built(kind, items if len(items) <= _MOST_KEPT else items[:_MOST_KEPT])
        for number, item in enumerate(items):
            put(item, made, number)
        self._stack.append(made)

    def tuple_(self, data: bytes, at: int) -> int:
        self._tuple(self._machine.to_mark())
        return at + 1

    def list_(self, data: bytes, at: int) -> int:
        self._tuple(self._machine.to_mark(), LIST)
        return at + 1

    def frozen_set(self, data: bytes, at: int) -> int:
        self._tuple(self._machine.to_mark(), SET)
        return at + 1

    def tuple1(self, data: bytes, at: int) -> int:
        self._tuple([self._stack.pop()])
        return at + 1

    def tuple2(self, data: bytes, at: int) -> int:
        last = self._stack.pop()
        self._tuple([self._stack.pop(), last])
        return at + 1

    def tuple3(self, data: bytes, at: int) -> int:
        last, middle = self._stack.pop(), self._stack.pop()
        self._tuple([self._stack.pop(), middle, last])
        return at + 1

    def dict_(self, data: bytes, at: int) -> int:
        items = self._machine.to_mark()
        made = Built(DICT)
        self._pairs(items, made)
        self._stack.append(made)
        return at + 1

    def _pairs(self, items: list[Item], owner: Item) -> None:
        for number in range(0, len(items) - 1, 2):
            self._pair(items[number], items[number + 1], owner)

    def _pair(self, key: Item, value: Item, owner: Item) -> None:
        put_pair(key, value, owner)
        if key.__class__ is Literal and key.text in _KEPT and owner.__class__ is Built:  # type: ignore[union-attr]
            if owner.kept is None:  # type: ignore[union-attr]
                owner.kept = {}  # type: ignore[union-attr]
            owner.kept[key.text] = value  # type: ignore[union-attr]

    def set_items(self, data: bytes, at: int) -> int:
        items = self._machine.to_mark()
        self._pairs(items, self._stack[-1])
        return at + 1

    def set_item(self, data: bytes, at: int) -> int:
        value, key = self._stack.pop(), self._stack.pop()
        self._pair(key, value, self._stack[-1])
        return at + 1

    def append(self, data: bytes, at: int) -> int:
        value = self._stack.pop()
        self._append([value], self._stack[-1])
        return at + 1

    def appends(self, data: bytes, at: int) -> int:
        items = self._machine.to_mark()
        self._append(items, self._stack[-1])
        return at + 1

    def _append(self, items: list[Item], owner: Item) -> None:
        if not isinstance(owner, Built):
            return
        number = owner.count
        owner.count += len(items)
        for number, item in enumerate(items, number):
            if item.__class__ is Literal or item.__class__ is Built:
                put(item, owner, number)

    # objects

    def global_(self, data: bytes, at: int) -> int:
        imported, end = self._imported(data, at)
        self._stack.append(imported)
        return end

    def _imported(self, data: bytes, at: int) -> tuple[Imported, int]:
        module, middle = self._line(data, at + 1)
        name, end = self._line(data, middle)
        texts = [part.rstrip(b"\r").decode("utf-8", "replace") for part in (module, name)]
        base = self._machine.base
        return self._machine.import_(base + at, base + end, texts[0], texts[1]), end

    def stack_global(self, data: bytes, at: int) -> int:
        name, module = self._stack.pop(), self._stack.pop()
        start = self._machine.base + at
        if isinstance(name, Literal) and isinstance(module, Literal) and name.text and module.text:
            texts = [part.text.decode("utf-8", "replace") for part in (module, name) if part.text]
            name.told = module.told = True
        else:
            texts = ["?", "name made while it loads"]
        self._stack.append(self._machine.import_(start, start + 1, texts[0], texts[1]))
        return at + 1

    def instance(self, data: bytes, at: int) -> int:
        imported, end = self._imported(data, at)
        self._made(imported, self._arguments(self._machine.to_mark()))
        return end

    def object_(self, data: bytes, at: int) -> int:
        items = self._machine.to_mark()
        self._made(items[0], self._arguments(items[1:]))
        return at + 1

    def _arguments(self, items: list[Item]) -> Built:
        self._tuple(items)
        made = self._stack.pop()
        assert isinstance(made, Built)
        return made

    def new_object(self, data: bytes, at: int) -> int:
        arguments, kind = self._stack.pop(), self._stack.pop()
        self._made(kind, arguments)
        return at + 1

    def new_object_named(self, data: bytes, at: int) -> int:
        named, arguments, kind = self._stack.pop(), self._stack.pop(), self._stack.pop()
        made = self._made(kind, arguments)
        put(named, made, None)
        if isinstance(named, Built):
            named.kind = STATE
        return at + 1

    def call(self, data: bytes, at: int) -> int:
        arguments, called = self._stack.pop(), self._stack.pop()
        items = arguments.items if isinstance(arguments, Built) else ()
        if isinstance(called, Imported):
            if called.name in GETATTR:
                self._stack.append(self._member_of(called, items))
                return at + 1
            if called.name == "_codecs.encode" and _is_latin(items):
                self._stack.append(items[0])
                return at + 1
        self._made(called, arguments)
        return at + 1

    def _member_of(self, called: Imported, items: object) -> Item:
        """What `getattr` gives: an enumeration's member has no further meaning, all else is a name by itself."""
        match items:
            case [Imported() as owner, Literal(text=bytes() as name)] if is_member(owner.name, name):
                called.harmless_uses += 1
                text = name.decode()
                if not text.isupper():
                    return self._machine.import_(owner.start, owner.end, owner.name, text)
            case _:
                called.other_uses += 1
        return None

    def _made(self, called: Item, arguments: Item) -> Built:
        """Push what is made by a call."""
        made = Built(OBJECT, [called, arguments])
        if isinstance(arguments, Built) and arguments.parent is None:
            arguments.kind = ARGUMENTS if arguments.kind == TUPLE else arguments.kind
            put(arguments, made, None)
        self._stack.append(made)
        return made

    def build(self, data: bytes, at: int) -> int:
        state = self._stack.pop()
        made = self._stack[-1]
        self._state(state, made)
        if isinstance(made, Built) and isinstance(state, Built) and made.items:
            called = made.items[0]
            if isinstance(called, Imported) and called.name == ARRAY:
                made.kept = state.kept
                raise Paused(self._machine.base + at + 1, made)
        return at + 1

    def _state(self, state: Item, made: Item) -> None:
        put(state, made, None)
        if not isinstance(state, Built):
            return
        if state.kind == DICT and state.parent is made:
            state.kind = STATE
        for part in state.items if state.kind == TUPLE and len(state.items) == 2 else ():
            if isinstance(part, Built) and part.kind == DICT and part.parent is state:
                part.kind, part.parent, part.step = STATE, state.parent, None

    def persistent(self, data: bytes, at: int) -> int:
        named = self._stack.pop()
        if isinstance(named, Built) and len(self._machine.storages) < self._machine.size:
            self._machine.storages.append(named)
        self._stack.append(None)
        return at + 1

    def persistent_line(self, data: bytes, at: int) -> int:
        line, end = self._line(data, at + 1)
        self._stack.append(self._literal(at, end, line))
        return end

    # what has nothing to do with values

    def stop(self, data: bytes, at: int) -> int:
        machine = self._machine
        machine.result = self._stack.pop()
        if isinstance(machine.result, Built):
            machine.result.root = True
        raise Stopped(machine.base + at + 1)

    def protocol(self, data: bytes, at: int) -> int:
        if data[at + 1] > 5:
            raise Broken(self._machine.base + at)
        return at + 2

    def frame(self, data: bytes, at: int) -> int:
        return at + 9

    def same(self, data: bytes, at: int) -> int:
        return at + 1

    def extension1(self, data: bytes, at: int) -> int:
        self._stack.append(None)
        return at + 2

    def extension2(self, data: bytes, at: int) -> int:
        self._stack.append(None)
        return at + 3

    def extension4(self, data: bytes, at: int) -> int:
        self._stack.append(None)
        return at + 5

    def none(self, data: bytes, at: int) -> int:
        raise Broken(self._machine.base + at)


def _is_latin(items: object) -> bool:
    """Whether these are a text and `latin1`: bytes, as protocols 0 to 2 have them."""
    match items:
        case [Literal() as text, Literal(text=encoding)] if encoding in _LATIN:
            text.is_bytes = True
            if text.text is not None and not text.told and not text.text.isascii():
                try:
                    text.text = text.text.decode("utf-8").encode("latin-1")
                except ValueError:
                    return True
            return True
    return False


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


def handlers(machine: Machine) -> list[Callable[[bytes, int], int]]:
    """The handler for each byte that may be an opcode."""
    opcodes = Opcodes(machine)
    bound = {code[0]: handler.__get__(opcodes) for code, handler in OPCODES.items()}
    return [bound.get(code, opcodes.none) for code in range(256)]
