"""What a pickle imports, the objects that it makes by that, and their attributes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from modelguard.readers.pickles.arrays import dtype_of, texts_in
from modelguard.readers.pickles.arrow import held_by
from modelguard.readers.pickles.arrow_names import BUFFER, RESTORE
from modelguard.readers.pickles.containers import Containers
from modelguard.readers.pickles.imports import GETATTR, is_member
from modelguard.readers.pickles.machine import Broken, Paused, put
from modelguard.readers.pickles.nodes import ARGUMENTS, DICT, LIST, OBJECT, STATE, TUPLE, Built, Imported, Item, Literal

ARRAY = "joblib.numpy_pickle.NumpyArrayWrapper"
"""The object whose numbers joblib writes behind it."""

_RECONSTRUCT = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
_FROM_BUFFER = ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer")
_ITEMS_OF_STATE = 5
"""What makes an array of numpy: version, shape, type, order and bytes (`numpy/_core/src/multiarray/methods.c`); in
protocol 5 bytes, type, shape and order."""

_LATIN = (b"latin1", b"latin-1")


class Objects(Containers):
    """See `Strings`."""

    def global_(self, data: bytes, at: int) -> int:
        """GLOBAL."""
        imported, end = self._imported(data, at)
        self._stack.append(imported)
        return end

    def _imported(self, data: bytes, at: int) -> tuple[Imported, int]:
        module, middle = self._line(data, at + 1)
        name, end = self._line(data, middle)
        texts = [part.rstrip(b"\r").decode("utf-8", "replace") for part in (module, name)]
        base = self._machine.base
        if self._machine.doubts and not _are_names(texts):
            raise Broken(base + at)
        return self._machine.import_(base + at, base + end, texts[0], texts[1]), end

    def stack_global(self, data: bytes, at: int) -> int:
        """STACK_GLOBAL."""
        name, module = self._stack.pop(), self._stack.pop()
        start = self._machine.base + at
        if isinstance(name, Literal) and isinstance(module, Literal) and name.text and module.text:
            texts = [part.text.decode("utf-8", "replace") for part in (module, name) if part.text]
            if self._machine.doubts and not _are_names(texts):
                raise Broken(start)
            name.told = module.told = True
        else:
            texts = ["?", "name made while it loads"]
        self._stack.append(self._machine.import_(start, start + 1, texts[0], texts[1]))
        return at + 1

    def instance(self, data: bytes, at: int) -> int:
        """INST."""
        imported, end = self._imported(data, at)
        self._made(imported, self._arguments(self._machine.to_mark()))
        return end

    def object_(self, data: bytes, at: int) -> int:
        """OBJ."""
        items = self._machine.to_mark()
        self._made(items[0], self._arguments(items[1:]))
        return at + 1

    def _arguments(self, items: list[Item]) -> Built:
        self._tuple(items)
        made = self._stack.pop()
        assert isinstance(made, Built)
        return made

    def new_object(self, data: bytes, at: int) -> int:
        """NEWOBJ."""
        arguments, kind = self._stack.pop(), self._stack.pop()
        self._made(kind, arguments)
        return at + 1

    def new_object_named(self, data: bytes, at: int) -> int:
        """NEWOBJ_EX."""
        named, arguments, kind = self._stack.pop(), self._stack.pop(), self._stack.pop()
        made = self._made(kind, arguments)
        put(named, made, None)
        if isinstance(named, Built):
            named.kind = STATE
        return at + 1

    def call(self, data: bytes, at: int) -> int:
        """REDUCE."""
        arguments, called = self._stack.pop(), self._stack.pop()
        items = arguments.items if isinstance(arguments, Built) else ()
        if isinstance(called, Imported):
            if called.name in GETATTR:
                self._stack.append(self._member_of(called, items))
                return at + 1
            if called.name == "_codecs.encode" and self._is_latin(items):
                self._stack.append(items[0])
                return at + 1
            if called.name in (RESTORE, BUFFER):
                self._arrow(called.name, self._made(called, arguments))
                return at + 1
        made = self._made(called, arguments)
        if isinstance(called, Imported) and called.name in _FROM_BUFFER and len(items) > 1:
            self._texts(made, items[1], items[0])
        return at + 1

    def _texts(self, array: Built, dtype: Item, data: Item) -> None:
        """The texts of an array of numpy, which are one string of a pickle, each as one of its own."""
        if not isinstance(data, Literal) or data.text is None or data.told:
            return
        texts = texts_in(dtype_of(dtype), data.text)
        if not texts:
            return
        data.told = True
        array.kind = LIST
        for number, text in enumerate(texts):
            if text:
                literal = Literal(data.start, data.end, text)
                literal.parent, literal.step = array, number
                self._told.literals.append(literal)
                self._told.held += len(text)

    def _arrow(self, called: str, made: Built) -> None:
        """Note an array of Arrow, or what it is made of."""
        if called == RESTORE:
            self._told.arrays.note(made)
        elif (literal := held_by(made)) is not None:
            self._told.hold(literal)

    def _is_latin(self, items: object) -> bool:
        """Whether these are a text and `latin1`: bytes, as protocols 0 to 2 have them."""
        match items:
            case [Literal() as literal, Literal(text=encoding)] if encoding in _LATIN:
                if literal.text is not None and not literal.told:
                    with suppress(ValueError):
                        literal.text = literal.text.decode("utf-8").encode("latin-1")
                    self._told.binary.append(literal)
                    literal.parent = literal.step = None
                return True
        return False

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
        if isinstance(called, Imported):
            called.other_uses += 1
        made = Built(OBJECT, [called, arguments])
        if isinstance(arguments, Built) and arguments.parent is None:
            arguments.kind = ARGUMENTS if arguments.kind == TUPLE else arguments.kind
            put(arguments, made, None)
        self._stack.append(made)
        return made

    def build(self, data: bytes, at: int) -> int:
        """BUILD."""
        state = self._stack.pop()
        made = self._stack[-1]
        self._state(state, made)
        if isinstance(made, Built) and isinstance(state, Built) and made.items:
            called = made.items[0]
            made.kept = state.kept
            if len(state.items) == _ITEMS_OF_STATE and state.kind == TUPLE:
                made.kept = {b"values": state.items[-1]}
            if isinstance(called, Imported) and called.name == ARRAY:
                raise Paused(self._machine.base + at + 1, made)
            if isinstance(called, Imported) and called.name in _RECONSTRUCT and len(state.items) == _ITEMS_OF_STATE:
                self._texts(made, state.items[2], state.items[4])
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
        """BINPERSID."""
        named = self._stack.pop()
        if isinstance(named, Built):
            self._machine.store(named)
        self._stack.append(None)
        return at + 1

    def persistent_line(self, data: bytes, at: int) -> int:
        """PERSID."""
        line, end = self._line(data, at + 1)
        self._stack.append(self._literal(at, end, line))
        return end


def _are_names(texts: Sequence[str]) -> bool:
    return all(text.replace(".", "_").isidentifier() for text in texts)
