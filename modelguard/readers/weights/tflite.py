"""TFLite: what each text in a model is, strings of tensors each alone, attached files; tensors of numbers are weights.

Format: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs; files that
belong to a model stand behind it as a zip archive (https://ai.google.dev/edge/litert/models/metadata).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from modelguard.budget import Budget
from modelguard.model import Blob
from modelguard.readers.archives.zip import read as read_zip
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Omitted, Piece
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Ranged
from modelguard.readers.weights.flatbuffers import Buffer, Table
from modelguard.readers.weights.key_values import Entries
from modelguard.readers.weights.numbers import MOST_LOOKED_AT, text_in

_FLOATS = (0, 1, 8, 10, 11, 18)
"""`TensorType`: FLOAT32, FLOAT16, COMPLEX64, FLOAT64, COMPLEX128, BFLOAT16."""

_STRING = 5
_WHOLE: Mapping[int, int] = {2: 4, 4: 8, 7: 2, 12: 8, 15: 4, 16: 2}
"""Whole numbers of more than one byte: INT32, INT64, INT16, UINT64, UINT32, UINT16."""

_MOST = 200_000
"""Parts of a model, tables that are listed several times counted as often."""

_LONGEST_END = 65_557
"""A zip archive ends with at most so many bytes behind its directory (APPNOTE.TXT, section 4.3.16)."""


class _Tensor(NamedTuple):
    """A tensor's name and type."""

    name: str
    kind: int


class _Said(NamedTuple):
    """A text of a model: its bytes, and what it is."""

    start: int
    end: int
    name: str


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Strings of tensors, metadata and attached files; texts are left as they stand. See `Reader`."""
    model = _Model(blob, limits)
    weights = count = 0
    for number, (start, end) in enumerate(model.buffers()):
        tensor = model.tensors.get(number)
        if start == end:
            continue
        if number in model.metadata:
            yield Member(Ranged(blob, f"metadata {quoted(model.metadata[number])}", start, end))
            yield Covered(start, end)
        elif tensor is None:
            continue
        elif tensor.kind == _STRING:
            yield from _strings(blob, tensor, start, end, limits)
        elif not limits.weights and (tensor.kind in _FLOATS or end - start > MOST_LOOKED_AT):
            yield Covered(start, end)
            weights += end - start
            count += 1
        elif tensor.kind in _WHOLE and end - start <= MOST_LOOKED_AT:
            text = text_in(blob.read(start, end), _WHOLE[tensor.kind], _indexed(tensor.name), start, limits)
            if text is not None:
                yield text
    if count:
        yield Omitted("tensors", f"{count} tensors of a model; --weights looks at them, too", weights)
    if b"PK\x05\x06" in blob.read(max(0, blob.size - _LONGEST_END), blob.size):
        yield from read_zip(blob, limits)


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """What text of the model stands at a byte, or whose tensor it belongs to. See `Guide`."""
    model = _Model(blob, Limits(Budget()))
    places = sorted([*model.said, *model.named_buffers()])
    starts = [place.start for place in places]
    found: list[str | None] = []
    for at in offsets:
        place = places[bisect_right(starts, at) - 1] if starts else _Said(0, 0, "")
        found.append(place.name if place.start <= at < place.end else None)
    return found


class _Model:
    """What a model consists of. `tensors` and `metadata` say what a buffer holds, by its number."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self.said: list[_Said] = []
        self.tensors: dict[int, _Tensor] = {}
        self.metadata: dict[int, str] = {}
        self._limits = limits
        self._buffer = Buffer(blob)
        self._root = self._buffer.root()
        self._count = 0
        self._say(self._root, 3, "description")
        for number, code in enumerate(self._each(self._root, 1)):
            self._say(code, 1, f"operator code {number}")
        for number, graph in enumerate(self._each(self._root, 2)):
            self._graph(graph, f"subgraph {number}")
        for number, metadata in enumerate(self._each(self._root, 6)):
            self.metadata.setdefault(metadata.number(1), self._say(metadata, 0, f"name of metadata {number}"))
        for number, signature in enumerate(self._each(self._root, 7)):
            self._signature(signature, f"signature {number}")

    def buffers(self) -> Iterator[tuple[int, int]]:
        """The bytes of each buffer; large models have theirs behind everything else.

        Raises:
            Malformed: one lies outside the file.
        """
        for buffer in self._each(self._root, 4):
            start, size = buffer.number(1, 8), buffer.number(2, 8)
            if start <= 1:
                yield buffer.text(0) or (0, 0)
                continue
            if start + size > self._buffer.size:
                raise Malformed("a buffer lies outside the file")
            yield start, start + size

    def named_buffers(self) -> Iterator[_Said]:
        """The buffers of tensors."""
        for number, (start, end) in enumerate(self.buffers()):
            if number in self.tensors:
                yield _Said(start, end, self.tensors[number].name)

    def _each(self, table: Table, field: int) -> Iterator[Table]:
        for each in table.tables(field):
            self._count += 1
            if self._count > _MOST:
                raise Malformed("it has more parts than any model has")
            self._limits.check_time()
            yield each

    def _graph(self, graph: Table, name: str) -> None:
        self._say(graph, 4, f"name of {name}")
        for number, tensor in enumerate(self._each(graph, 0)):
            shown = self._say(tensor, 3, f"name of tensor {number} in {name}")
            self.tensors.setdefault(tensor.number(2), _Tensor(f"tensor {quoted(shown)}", tensor.number(1, 1)))

    def _signature(self, signature: Table, name: str) -> None:
        self._say(signature, 2, name)
        for field, kind in ((0, "input"), (1, "output")):
            for number, tensor in enumerate(self._each(signature, field)):
                self._say(tensor, 0, f"{kind} {number} of {name}")

    def _say(self, table: Table, field: int, name: str) -> str:
        """Note what a string is; returns it, cut where it is long."""
        start, end = table.text(field) or (0, 0)
        if end > start:
            self.said.append(_Said(start, end, name))
        return self._buffer.take(start, min(end - start, 200)).decode("utf-8", "replace")


def _indexed(name: str) -> Callable[[int], str]:
    return lambda number: f"{name}[{number}]"


def _strings(blob: Blob, tensor: _Tensor, start: int, end: int, limits: Limits) -> Iterator[Piece]:
    """The strings of a tensor: how many, where each begins and the last ends, and all of them without anything between.

    Format: tensorflow/lite/string_util.h.
    """
    buffer = Buffer(blob)
    count = buffer.number(start) if end - start >= 4 else 0
    if 4 * (count + 2) > end - start:
        raise Malformed("a tensor of strings is damaged")
    table = blob.read(start + 4, start + 4 * (count + 2))
    ends = [start + int.from_bytes(table[at : at + 4], "little") for at in range(0, len(table), 4)]
    gathered = Entries()
    for number, (first, last) in enumerate(pairwise(ends)):
        if not start <= first <= last <= end:
            raise Malformed("a tensor of strings is damaged")
        limits.spend(last - first)
        gathered.add(blob.read(first, last), f"{tensor.name}[{number}]", first, last)
        if gathered.enough:
            yield from gathered.told()
    yield from gathered.told()
    yield Covered(start, end)
