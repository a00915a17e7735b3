"""ExecuTorch: programs (`.pte`) and tensors beside them (`.ptd`): texts, what is handed to backends, named data.

Format: schema/program.fbs, schema/extended_header.h and extension/flat_tensor/serialize/flat_tensor.fbs in
https://github.com/pytorch/executorch. Tensors of fractions are weights, where the program says what they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Omitted, Piece
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Ranged
from modelguard.readers.weights.flat_shapes import Form, Part, Shape, Walk
from modelguard.readers.weights.flatbuffers import Buffer, Table
from modelguard.readers.weights.numbers import MOST_LOOKED_AT, text_in

_FRAME: Shape = {0: Part("filename"), 2: Part("name"), 3: Part("context")}
_FRAMES: Shape = {0: Part("items", Form.TABLES, {0: _FRAME})}
_TENSOR: Shape = {9: Part("extra_tensor_info", Form.TABLE, {0: {1: Part("fully_qualified_name")}})}
_VALUE: Shape = {1: Part("val", Form.UNION, {5: _TENSOR, 6: {0: Part("string_val")}})}
_PLAN: Shape = {
    0: Part("name"),
    1: Part("container_meta_type", Form.TABLE, {0: {0: Part("encoded_inp_str"), 1: Part("encoded_out_str")}}),
    2: Part("values", Form.TABLES, {0: _VALUE}),
    5: Part("chains", Form.TABLES, {0: {3: Part("stacktrace", Form.TABLES, {0: _FRAMES})}}),
    6: Part("operators", Form.TABLES, {0: {0: Part("name"), 1: Part("overload")}}),
    7: Part("delegates", Form.TABLES, {0: {0: Part("id"), 2: Part("compile_specs", Form.PAIRS)}}),
}
_NAMED: Shape = {0: Part("key")}
_PROGRAM: Shape = {
    1: Part("execution_plan", Form.TABLES, {0: _PLAN}),
    7: Part("named_data", Form.TABLES, {0: _NAMED}),
}
_TENSORS: Shape = {2: Part("named_data", Form.TABLES, {0: _NAMED})}

_TENSOR_VALUE = 5
_FLOATS = (5, 6, 7, 8, 9, 10, 15)
"""`ScalarType`: half, float, double, complex numbers of these, bfloat16."""

_WHOLE: Mapping[int, int] = {2: 2, 3: 4, 4: 8}
"""Whole numbers of more than one byte: short, int, long."""

_UNKNOWN = 255
_LONGEST_KEY = 200


class _Data(NamedTuple):
    """Bytes of a file that something in it names: numbers of a `ScalarType`, or anything."""

    start: int
    end: int
    name: str
    scalar: int | None = None


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of a program, and what it holds for others to read. See `Reader`."""
    file = _File(blob, limits)
    walk = Walk(blob, limits)
    yield from walk.table(file.root, _PROGRAM if file.is_program else _TENSORS, "")
    yield from walk.flushed()
    weights = count = 0
    for data in file.data():
        limits.check_time()
        start, end, name, scalar = data
        if scalar is None:
            limits.member()
            yield Member(Ranged(blob, name, start, end))
            yield Covered(start, end)
        elif not limits.weights and (scalar in _FLOATS or end - start > MOST_LOOKED_AT):
            weights += end - start
            count += 1
            yield Covered(start, end)
        elif scalar in _WHOLE and end - start <= MOST_LOOKED_AT:
            text = text_in(blob.read(start, end), _WHOLE[scalar], partial(_indexed, name), start, limits)
            if text is not None:
                yield text
    if count:
        yield Omitted("tensors", f"{count} tensors of a model; --weights looks at them, too", weights)


def _indexed(name: str, number: int) -> str:
    return f"{name}[{number}]"


class _File:
    """Where in a file the data of a program are, or of tensors. Nothing is given twice."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        head = blob.read(0, 48)
        self.is_program = head[4:8] == b"ET12"
        self._limits = limits
        self._buffer = Buffer(blob)
        self.root = self._buffer.root()
        self._base = _segments_from(head)
        self._segments: Sequence[tuple[int, int]] = tuple(self._each_segment(self.root, 4 if self.is_program else 1))
        self._given: set[int] = set()

    def data(self) -> Iterator[_Data]:
        """What backends are handed, named data, and constants that are weights."""
        for data in self._all():
            if data.start not in self._given and data.end > data.start:
                self._given.add(data.start)
                yield data

    def _all(self) -> Iterator[_Data]:
        if not self.is_program:
            for name, segment, layout in self._named(2):
                yield _Data(*segment, name, None if layout is None else layout.number(0, 1))
            return
        inline = [each.text(0) or (0, 0) for each in self.root.tables(3)]
        for plan in self.root.tables(1):
            for delegate in plan.tables(7):
                where = delegate.table(1)
                if where is not None:
                    listed = self._segments if where.number(0, 1) else inline
                    yield _Data(*_item(listed, where.number(1)), f"delegate {self._quoted(delegate)}")
        for name, segment, _ in self._named(7):
            yield _Data(*segment, name)
        yield from self._constants()

    def _named(self, field: int) -> Iterator[tuple[str, tuple[int, int], Table | None]]:
        for named in self.root.tables(field):
            self._limits.check_time()
            segment = _item(self._segments, named.number(1))
            yield f"named_data[{self._quoted(named)}]", segment, None if self.is_program else named.table(2)

    def _constants(self) -> Iterator[_Data]:
        """Constants that are tensors: in a segment one after the other, or each in a buffer of its own."""
        scalars = self._scalars()
        constants = self.root.table(5)
        offsets = constants.numbers(1, 8) if constants is not None else ()
        if constants is not None and offsets:
            start, end = _item(self._segments, constants.number(0))
            following = dict(pairwise(sorted({*offsets, end - start})))
            for number, scalar in scalars.items():
                first = offsets[number] if number < len(offsets) else end
                if first < end - start:
                    yield _Data(start + first, start + following[first], f"constant {number}", scalar)
            return
        for number, buffer in enumerate(self.root.tables(2)):
            if number in scalars:
                yield _Data(*(buffer.text(0) or (0, 0)), f"constant {number}", scalars[number])

    def _scalars(self) -> Mapping[int, int]:
        """What the numbers of each constant are, where all tensors that have it agree."""
        found: dict[int, int] = {}
        for plan in self.root.tables(1):
            for value in plan.tables(2):
                self._limits.check_time()
                tensor = value.table(1) if value.number(0, 1) == _TENSOR_VALUE else None
                number = tensor.number(5) if tensor is not None and tensor.table(6) is None else 0
                if tensor is not None and number:
                    scalar = tensor.number(0, 1)
                    found[number] = scalar if found.get(number, scalar) == scalar else _UNKNOWN
        return found

    def _each_segment(self, table: Table, field: int) -> Iterator[tuple[int, int]]:
        for segment in table.tables(field):
            self._limits.check_time()
            start = self._base + segment.number(0, 8)
            end = start + segment.number(1, 8)
            if end > self._buffer.size:
                raise Malformed("a segment lies outside the file")
            yield start, end

    def _quoted(self, table: Table) -> str:
        start, end = table.text(0) or (0, 0)
        return quoted(self._buffer.take(start, min(end - start, _LONGEST_KEY)).decode("utf-8", "replace"))


def _segments_from(head: bytes) -> int:
    """Where segments are counted from: the extended header says so, where there is one."""
    if head[8:12] == b"eh00":
        return int.from_bytes(head[24:32], "little")
    return int.from_bytes(head[32:40], "little") if head[8:12] == b"FH01" else 0


def _item(listed: Sequence[tuple[int, int]], number: int) -> tuple[int, int]:
    if number >= len(listed):
        raise Malformed("it names data that it does not have")
    return listed[number]
