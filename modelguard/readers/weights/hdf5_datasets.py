"""HDF5's datasets: strings at their rows, bytes and whole numbers as blobs within the blob; all others are weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from typing import Any

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Problem, Text, entries
from modelguard.readers.interface import Piece as Told
from modelguard.readers.members import Held, Ranged
from modelguard.readers.weights.hdf5_attributes import is_pointed
from modelguard.readers.weights.hdf5_filters import Filter
from modelguard.readers.weights.hdf5_storage import OUTSIDE, Piece, Strings, Unfiltered
from modelguard.readers.weights.key_values import Entries, KeyValues
from modelguard.readers.weights.numbers import MOST_LOOKED_AT, swapped, text_in

_BATCH = 1 << 20
_SHORTEST = 8
_LONGEST = 4 << 20
"""Bytes of a string between which it is an entry; others are looked at as bytes."""

_INDEX = "/_i_"
"""Groups in which PyTables keeps the values of a table's columns once more, in order."""


class Datasets:
    """The datasets of one file. `omitted` is how many were left out as weights, and `weights` their bytes."""

    def __init__(self, blob: Blob, limits: Limits, h5py: Any, strings: Strings) -> None:
        self.omitted = self.weights = 0
        self._blob = blob
        self._limits = limits
        self._h5 = h5py
        self._strings = strings

    def told(self, dataset: Any, path: str) -> Iterator[Told]:
        """What is in a dataset."""
        h5 = self._h5
        made = dataset.get_create_plist()
        layout = made.get_layout()
        if layout == h5.h5d.VIRTUAL or made.get_external_count():
            yield Problem(GapReason.UNREADABLE, "the data of a dataset lie in other files", path)
            return
        if dataset.get_space().get_simple_extent_type() == h5.h5s.NULL:
            return
        kind = dataset.get_type()
        pointed = is_pointed(kind, h5.h5t)
        width = self._strings.width if pointed or kind.get_class() == h5.h5t.VLEN else kind.get_size()
        stored = self._stored(dataset, made, width).inside(self._blob.size)
        alone = prod(dataset.shape) == 1
        if pointed:
            yield from self._pointed(stored, path, alone)
        elif kind.get_class() == h5.h5t.STRING and _SHORTEST <= width <= _LONGEST:
            yield from self._cells(stored, width, path, alone)
        else:
            yield from self._numbers(stored, kind, width, path)
        if stored.is_cut:
            raise Malformed(OUTSIDE)

    def _stored(self, dataset: Any, made: Any, width: int) -> Unfiltered:
        """Where a dataset's data stand."""
        shape = tuple(dataset.shape)
        if made.get_layout() != self._h5.h5d.CHUNKED:
            start = dataset.get_offset()
            size = min(prod(shape) * width, dataset.get_storage_size())
            pieces = [] if start is None or not size else [Piece(start, size, (0,) * len(shape), shape)]
            return Unfiltered(pieces, (), size)
        filters = []
        for number in range(made.get_nfilters()):
            applied, _, said, _ = made.get_filter(number)
            filters.append(Filter(applied, tuple(said)))
        chunk = tuple(made.get_chunk())
        pieces = []

        def add(found: Any) -> None:
            self._limits.check_time()
            pieces.append(Piece(found.byte_offset, found.size, tuple(found.chunk_offset), chunk, found.filter_mask))

        dataset.chunk_iter(add)
        return Unfiltered(pieces, filters, prod(chunk) * width)

    def _parts(self, stored: Unfiltered, width: int) -> Iterator[tuple[Piece, int, bytes]]:
        """Every piece, a large one in parts: the piece, the number of the first element, and the bytes from there."""
        stored.check()
        for piece in stored.pieces:
            if stored.filters:
                yield piece, 0, stored.data(self._blob, piece, self._limits)
                continue
            step = max(1, _BATCH // width) * width
            for at in range(0, piece.size, step):
                end = min(at + step, piece.size)
                self._limits.spend(end - at)
                yield piece, at // width, self._blob.read(piece.start + at, piece.start + end)

    def _cells(self, stored: Unfiltered, width: int, path: str, alone: bool) -> Iterator[Told]:
        """Strings of one width, each as an entry, or one that is `alone` beside its name."""
        plain = not stored.filters
        for piece, first, data in self._parts(stored, width):
            cells = [data[at : at + width].rstrip(b"\0 ") for at in range(0, len(data), width)]
            start = piece.start + first * width
            span = _each(start, width, start + len(data)) if plain else _whole(piece)
            again = _INDEX in path
            if alone and len(cells) == 1:
                yield from _beside_its_name(cells[0], path, *span(0), again)
            else:
                yield entries(cells, _indexed(path, piece, first), span, again)
            yield Covered(start, start + len(data) if plain else piece.start + piece.size)

    def _pointed(self, stored: Unfiltered, path: str, alone: bool) -> Iterator[Told]:
        """Strings of any width, as above, once: many elements may point to one."""
        gathered = Entries(again=True)
        for piece, first, data in self._parts(stored, self._strings.width):
            name = _indexed(path, piece, first)
            for number, span in enumerate(self._strings.ranges(data)):
                if span is None or span[1] - span[0] > _LONGEST or not self._strings.is_new(*span):
                    continue
                self._limits.spend(span[1] - span[0])
                if alone:
                    yield from _beside_its_name(self._blob.read(*span), path, *span, again=True)
                    continue
                gathered.add(self._blob.read(*span), partial(name, number), *span)
                if gathered.enough:
                    yield from gathered.told()
        yield from gathered.told()

    def _numbers(self, stored: Unfiltered, kind: Any, width: int, path: str) -> Iterator[Told]:
        """Bytes and whole numbers are looked at as members, where they are not many; all others are weights."""
        h5t = self._h5.h5t
        size = sum(piece.size for piece in stored.pieces)
        held = stored.largest * len(stored.pieces)
        of_class = kind.get_super().get_class() if kind.get_class() == h5t.ARRAY else kind.get_class()
        if not self._limits.weights and (of_class == h5t.FLOAT or held > MOST_LOOKED_AT):
            for piece in stored.pieces:
                yield Covered(piece.start, piece.start + piece.size)
            self.weights += size
            self.omitted += 1
            return
        if held < _SHORTEST:
            return
        if not stored.filters and len(stored.pieces) == 1:
            (piece,) = stored.pieces
            yield from self._in_eights(
                kind, self._blob.read(piece.start, piece.start + min(size, MOST_LOOKED_AT)), path
            )
            yield Member(Ranged(self._blob, path, piece.start, piece.start + piece.size))
            yield Covered(piece.start, piece.start + piece.size)
            return
        stored.check()
        yield from self._joined(stored, kind, path)

    def _joined(self, stored: Unfiltered, kind: Any, path: str) -> Iterator[Told]:
        """The pieces of a dataset on end, as members of at most some MiB."""
        data, done = bytearray(), 0
        for number, piece in enumerate(stored.pieces, 1):
            data += stored.data(self._blob, piece, self._limits)
            if len(data) < MOST_LOOKED_AT and number < len(stored.pieces):
                continue
            first, last = stored.pieces[done], piece
            yield from self._in_eights(kind, bytes(data), path)
            name = f"{path}{list(first.first)}" if done else path
            yield Member(Held(self._blob, name, bytes(data), min(first.start, last.start), last.start + last.size))
            for each in stored.pieces[done:number]:
                yield Covered(each.start, each.start + each.size)
            data, done = bytearray(), number

    def _in_eights(self, kind: Any, data: bytes, path: str) -> Iterator[Text]:
        """Text of eight bytes a letter, which nobody reads but us; narrower ones are seen in the bytes."""
        if kind.get_class() == self._h5.h5t.INTEGER and kind.get_size() == 8:
            little = data if kind.get_order() == self._h5.h5t.ORDER_LE else swapped(data, 8)
            text = text_in(little, 8, lambda number: f"{path}[{number}]", 0, self._limits)
            if text is not None:
                yield Text(text.text, text.name, lambda first, last: (0, self._blob.size))


def _beside_its_name(text: bytes, path: str, start: int, end: int, again: bool) -> Iterator[Text]:
    """The only string of a dataset, which is named as a setting is."""
    line = KeyValues(again)
    line.add(path.rpartition("/")[2].encode(), text, path, start, end, 0)
    yield from line.told()


def _indexed(path: str, piece: Piece, first: int) -> Callable[[int], str]:
    """The name of the i-th element of a piece from its element `first` on."""

    def name(number: int) -> str:
        number += first
        steps: list[int] = []
        for length, origin in zip(reversed(piece.shape), reversed(piece.first), strict=False):
            number, step = divmod(number, max(1, length))
            steps.append(origin + step)
        return f"{path}{steps[::-1]}" if steps else path

    return name


def _each(start: int, width: int, end: int) -> Callable[[int], tuple[int, int]]:
    return lambda number: (start + number * width, min(end, start + number * width + width))


def _whole(piece: Piece) -> Callable[[int], tuple[int, int]]:
    return lambda number: (piece.start, piece.start + piece.size)
