"""GGUF: keys with their values, each entry of a vocabulary, names of tensors; and those tensors that may hold text.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 1 to 3, either byte order. Sizes of blocks
are those of ggml's `ggml_type` (ggml/include/ggml.h). Only the header is read, however large the file is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from math import prod
from typing import NamedTuple

from modelguard.budget import Budget
from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Omitted, Piece, entries
from modelguard.readers.json_places import quoted
from modelguard.readers.tokenizers.merges import in_text, pair_texts
from modelguard.readers.tokenizers.tokens import Tokens
from modelguard.readers.weights.cursor import Cursor
from modelguard.readers.weights.key_values import KeyValues
from modelguard.readers.weights.numbers import (
    MOST_LOOKED_AT,
    code_points,
    is_text_alone,
    is_text_like,
    swapped,
    text_in,
)

_SCALARS: Mapping[int, int] = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of each type of value; 6 and 12 are floats, 7 is a bool."""

_FLOATS = (6, 12)
_STRING, _ARRAY = 8, 9
_MERGES = b"tokenizer.ggml.merges"
"""Pairs of tokens that are joined, as `merges.txt` has them."""

_DEEPEST = 32
_MOST_DIMENSIONS = 16
_LONGEST = 1 << 20
"""Bytes of a string above which it is looked at as it stands."""

_SHORT = 1024
"""Bytes of an array of numbers up to which it is told beside its key."""

_BATCH = 1 << 20
_MOST_STRINGS = 50_000
"""So many strings at most are told at once: empty ones take no bytes, but memory."""

_MOST_TENSORS = 250_000
"""More than any model has. What is said of them is kept."""

_PADDING = 1 << 16
"""No file is aligned to more."""

_BLOCKS: Mapping[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66),
    17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54),
    35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip
"""How many numbers a block of each type of tensor has, and how many bytes."""

_WHOLE = {24: 1, 25: 2, 26: 4, 27: 8}
"""Types of tensors that hold whole numbers, and the bytes of each."""


class _Tensor(NamedTuple):
    """What a header says of a tensor; `size` is None where its type is not known."""

    name: bytes
    kind: int
    offset: int
    size: int | None


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Everything that a GGUF file says in words. See `Reader`."""
    return _Reading(blob, limits).pieces()


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """The key or the tensor whose bytes are looked at as they stand. See `Guide`."""
    reading = _Reading(blob, Limits(Budget(), weights=True))
    with suppress(Malformed):
        for _ in reading.pieces():
            pass
    places = sorted(reading.left)
    starts = [start for start, _, _ in places]
    found: list[str | None] = []
    for at in offsets:
        start, end, name = places[bisect_right(starts, at) - 1] if starts else (0, 0, "")
        found.append(f"{name}, byte {at - start}" if start <= at < end else None)
    return found


class _Reading:
    """One file; `left` are the ranges that are looked at as they stand, with their names."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self.left: list[tuple[int, int, str]] = []
        self._blob = blob
        self._limits = limits
        self._cursor = Cursor(blob)
        self._lines = KeyValues()
        self._wide = 8
        self._from = 0
        self._alignment = 32

    def pieces(self) -> Iterator[Piece]:
        cursor = self._cursor
        counts = self._start()
        try:
            for _ in range(counts[1]):
                yield from self._pair()
                if self._lines.enough:
                    yield from self._told()
            yield from self._told()
        except Malformed:
            yield from self._lines.told()  # at their places, though the bytes are looked at once more
            raise
        tensors = yield from self._tensors(counts[0])
        yield from self._told()
        start = cursor.at + -cursor.at % self._alignment
        yield from self._data(tensors, start)

    def _told(self, end: int | None = None) -> Iterator[Piece]:
        """What was gathered; then all before the cursor, or before `end`, has been told."""
        yield from self._lines.told()
        end = self._cursor.at if end is None else end
        if end > self._from:
            yield Covered(self._from, end)
            self._from = end

    def _leave(self, start: int, end: int, name: str) -> Iterator[Piece]:
        """Leave what the cursor has just passed to be looked at as it stands."""
        self.left.append((start, end, name))
        yield from self._told(start)
        self._from = end

    def _start(self) -> tuple[int, int]:
        """How many tensors and how many keys there are."""
        cursor = self._cursor
        if cursor.take(4) != b"GGUF":
            raise Malformed("it does not begin as such a file does")
        version = int.from_bytes(cursor.take(4), "little")
        if version & 0xFFFF == 0:
            cursor.order = "big"
            version = int.from_bytes(version.to_bytes(4, "little"), "big")
        if not 1 <= version <= 3:
            raise Malformed("its version is not known")
        self._wide = 4 if version == 1 else 8
        tensors = cursor.count(self._wide, self._wide + 16)
        return tensors, cursor.count(self._wide, self._wide + 5)

    def _short(self, what: str) -> bytes:
        """A string that is never long."""
        length = self._cursor.count(self._wide, 1)
        if length > _LONGEST:
            raise Malformed(f"{what} is longer than any is")
        return self._cursor.take(length)

    def _pair(self) -> Iterator[Piece]:
        """One key and its value."""
        cursor = self._cursor
        start = cursor.at
        key = self._short("a key")
        kind = cursor.number(4)
        name = f"kv {quoted(key.decode('utf-8', 'replace'))}"
        if kind == _STRING:
            yield from self._string(key, name, start + self._wide)
        elif kind == _ARRAY:
            self._lines.add(key, b"", name, start, cursor.at, start + self._wide)
            yield from self._array(key, name, start + self._wide)
        elif kind in _SCALARS:
            value = cursor.number(_SCALARS[kind])
            if key == b"general.alignment" and 0 < value <= _PADDING:
                self._alignment = value
            self._lines.add(key, b"" if kind in _FLOATS else b"%d" % value, name, start, cursor.at, start + self._wide)
        else:
            raise Malformed("a value has a type that is not known")

    def _string(self, key: bytes, name: str, key_start: int) -> Iterator[Piece]:
        cursor = self._cursor
        length = cursor.count(self._wide, 1)
        start = cursor.at
        if length > _LONGEST:
            self._lines.add(key, b"", name, start, start, key_start)
            cursor.skip(length)
            yield from self._leave(start, cursor.at, name)
        else:
            self._lines.add(key, cursor.take(length), name, start, start + length, key_start)

    def _array(self, key: bytes, name: str, key_start: int) -> Iterator[Piece]:
        """The elements of an array, whose type is where the cursor is."""
        cursor = self._cursor
        kind = cursor.number(4)
        if kind == _STRING:
            yield from self._strings(key, name, cursor.count(self._wide, self._wide))
            return
        start = cursor.at
        if kind in _SCALARS:
            size = cursor.count(self._wide, _SCALARS[kind]) * _SCALARS[kind]
            start = cursor.at
            text = self._as_text(start, size, _SCALARS[kind]) if size <= _SHORT else None
            if text is not None:
                cursor.skip(size)
                self._lines.add(key, text, name, start, start + size, key_start)
                return
            yield from self._code_points(start, size, 1 if kind in _FLOATS else _SCALARS[kind], name)
            cursor.skip(size)
        else:
            self._pass_array(kind, 0)
        yield from self._leave(start, cursor.at, name)

    def _pass_array(self, kind: int, depth: int) -> None:
        """Go to the end of an array: no program writes arrays of arrays, so they are looked at as they stand."""
        cursor = self._cursor
        if kind in _SCALARS:
            cursor.skip(cursor.count(self._wide, _SCALARS[kind]) * _SCALARS[kind])
        elif kind == _STRING:
            for _ in range(cursor.count(self._wide, self._wide)):
                cursor.skip(cursor.number(self._wide))
        elif kind == _ARRAY and depth < _DEEPEST:
            for _ in range(cursor.count(self._wide, self._wide + 4)):
                self._pass_array(cursor.number(4), depth + 1)
        elif kind == _ARRAY:
            raise Malformed("arrays lie in each other deeper than in any such file")
        else:
            raise Malformed("a value has a type that is not known")

    def _strings(self, key: bytes, name: str, count: int) -> Iterator[Piece]:
        """Each string of an array as an entry."""
        cursor, wide, length = self._cursor, self._wide, 0
        sort = "vocabulary" if key.startswith(b"tokenizer.") else ""
        yield from self._told()
        first = done = 0
        while done < count:
            texts: list[bytes] = []
            starts: list[int] = []
            lengths: list[int] = []
            size = 0
            while done < count and size < _BATCH and len(texts) < _MOST_STRINGS:
                length = cursor.number(wide)
                starts.append(cursor.at)
                lengths.append(length)
                done += 1
                if length > _LONGEST:
                    texts.append(b"")
                    break
                text = cursor.take(length)
                texts.append(without_markers(text) if sort and key != _MERGES else text)
                size += length + 1
            self._limits.spend(size)
            if key == _MERGES:
                yield from _merged(texts, _indexed(name, first), _spans(starts, lengths))
            else:
                yield entries(texts, _indexed(name, first), _spans(starts, lengths), sort=sort)
            yield from self._told()
            if length > _LONGEST:
                cursor.skip(length)
                yield from self._leave(cursor.at - length, cursor.at, f"{name}[{done - 1}]")
            first = done

    def _as_text(self, start: int, size: int, width: int) -> bytes | None:
        """Numbers as the text that they are, or as they stand; None where some are text, and others are not."""
        data = self._blob.read(start, start + size)
        little = self._little(data, width)
        if width == 1 or not is_text_like(little, width):
            return data
        return code_points(little, width) if is_text_alone(little, width) else None

    def _little(self, data: bytes, width: int) -> bytes:
        return data if self._cursor.order == "little" else swapped(data, width)

    def _code_points(self, start: int, size: int, width: int, name: str) -> Iterator[Piece]:
        """Numbers that are text; as they stand they are looked at anyway."""
        if width == 1 or size > MOST_LOOKED_AT:
            return
        data = self._little(self._blob.read(start, start + size), width)
        text = text_in(data, width, _indexed(name, 0), start, self._limits)
        if text is not None:
            yield text

    def _tensors(self, count: int) -> Generator[Piece, None, list[_Tensor]]:
        """What the header says of the tensors; their names are told, by number."""
        tensors: list[_Tensor] = []
        if count > _MOST_TENSORS:
            raise Malformed("it has more tensors than any model")
        while len(tensors) < count:
            first, size = len(tensors), 0
            starts: list[int] = []
            while len(tensors) < count and size < _BATCH:
                starts.append(self._cursor.at + self._wide)
                tensors.append(self._tensor())
                size += len(tensors[-1].name) + 1
            self._limits.spend(size)
            names = [tensor.name for tensor in tensors[first:]]
            yield entries(names, _numbered(first), _spans(starts, [len(name) for name in names]))
            yield from self._told()
        return tensors

    def _tensor(self) -> _Tensor:
        cursor = self._cursor
        name = self._short("the name of a tensor")
        dimensions = cursor.number(4)
        if dimensions > _MOST_DIMENSIONS:
            raise Malformed("a tensor has more dimensions than any has")
        numbers = prod(cursor.number(self._wide) for _ in range(dimensions))
        kind = cursor.number(4)
        block, size = _BLOCKS.get(kind, (1, 0))
        return _Tensor(name, kind, cursor.number(8), -(-numbers // block) * size if size else None)

    def _data(self, tensors: Sequence[_Tensor], start: int) -> Iterator[Piece]:
        """The tensors themselves, which begin at `start`."""
        end = self._blob.size
        offsets = sorted({tensor.offset for tensor in tensors})
        weights = count = 0
        for tensor in tensors:
            first = start + tensor.offset
            following = bisect_right(offsets, tensor.offset)
            unknown = start + offsets[following] if following < len(offsets) else end
            last = unknown if tensor.size is None else first + tensor.size
            if not start <= first <= last <= end:
                raise Malformed("a tensor lies outside the file")
            name = f"tensor {quoted(tensor.name.decode('utf-8', 'replace'))}"
            if self._limits.weights or (tensor.kind in _WHOLE and last - first <= MOST_LOOKED_AT):
                self.left.append((first, last, name))
                yield from self._code_points(first, last - first, _WHOLE.get(tensor.kind, 1), name)
            elif last > first:
                yield Covered(first, last)
                weights += last - first
                count += 1
        if count:
            yield Omitted("tensors", f"{count} tensors of a model; --weights looks at them, too", weights)


def _merged(
    texts: Sequence[bytes], name: Callable[[int], str], span: Callable[[int], tuple[int, int]]
) -> Iterator[Piece]:
    """What the pairs of a tokenizer become: tokens as a rule, which are told as such."""
    pairs = Tokens.of([text.decode("utf-8", "surrogateescape") for text in texts])
    yield from pair_texts(in_text(pairs), name, span, again=True)


def _numbered(first: int) -> Callable[[int], str]:
    return lambda number: f"tensor {first + number}"


def _indexed(name: str, first: int) -> Callable[[int], str]:
    return lambda number: f"{name}[{first + number}]"


def _spans(starts: Sequence[int], lengths: Sequence[int]) -> Callable[[int], tuple[int, int]]:
    return lambda number: (starts[number], starts[number] + lengths[number])


def without_markers(text: bytes) -> bytes:
    """A token with blanks where U+0120 or U+2581 stand for them."""
    return text.replace(b"\xc4\xa0", b" ").replace(b"\xe2\x96\x81", b" ")
