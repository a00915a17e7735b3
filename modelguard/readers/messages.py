"""Messages told: each string of a message is a text of its own, named by the fields that lead to it.

In a message, a string has the byte of its length before it and the tag of the next field behind it, which hide a value
from any rule that asks for its bounds. So all of a message is told piece by piece, the numbers between its strings too,
and then covered; but what is long stays as it stands, with nothing before and behind it, and weights are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from modelguard.model import Blob, GapReason
from modelguard.readers.gathered import LONG, SHORTEST_BETWEEN, Gathered, Leaf, is_text
from modelguard.readers.interface import (
    Limits,
    Malformed,
    Member,
    Omitted,
    OverBudget,
    Piece,
    Problem,
    Spans,
    Text,
)
from modelguard.readers.kinds import HEAD_BYTES, is_file
from modelguard.readers.members import Ranged
from modelguard.readers.message_walk import Walk
from modelguard.readers.shapes import PAIR, UNKNOWN, WEIGHTS, Known, Schema, Shape, Step, shown
from modelguard.readers.weights.numbers import code_points, is_text_alone, is_text_like
from modelguard.readers.wire import LENGTH, VARINT, Field, Source, fields, guessed

_SHORTEST = 6
"""A string that is shorter than any value is told with what stands around it."""

_LONGEST_KEY = 1024
_MOST_IN_NUMBERS = 16 * 1024 * 1024
"""Bytes of one array of whole numbers that are looked at for text without `--weights`; larger ones are weights."""

_DEEPEST = 64
_MOST_MESSAGES = 4_000_000
_SHORTEST_MEMBER = 64

_WORDS = re.compile(rb"[A-Za-z0-9_-]")


class _Held(NamedTuple):
    """The key of a pair whose value has not been met."""

    step: Step
    shape: Shape
    key: bytes
    start: int
    end: int


class Teller(Gathered):
    """Tells the messages of a blob, one after the other, in the order in which they stand.

    `spans` says which bytes of the file bytes of the blob are, where these are not the same: then it is the caller
    who covers, and everything is told, however long it is.
    """

    def __init__(self, blob: Blob, limits: Limits, schema: Schema, spans: Spans | None = None) -> None:
        super().__init__(Source(blob, limits), limits, spans)
        self._blob = blob
        self._schema = schema
        self._held: _Held | None = None
        self._walks: list[Walk] = []
        self._messages = 0
        self._broken = 0
        self._weights = 0
        self._tensors = 0

    def tell(self, step: Step, shape: Shape, start: int, end: int) -> Iterator[Piece]:
        """The pieces of the message that stands in a range.

        Raises:
            Malformed: it is none, or goes on as none does; what was met before that is told.
        """
        self.within(step, shape, start, end)
        try:
            yield from self._message(step, shape, start, end, 0)
        except Malformed:
            self._drop_held()
            yield from self.finish()
            raise
        self._between(end)

    def tell_as(self, step: Step, shape: Shape | None, start: int, end: int) -> Iterator[Piece]:
        """The pieces of one message among many, which may be broken, or none (no shape)."""
        self.within(step, shape or UNKNOWN, start, end)
        if shape is None:
            yield from self._leaf(step, start, end)
        else:
            yield from self._message(step, shape, start, end, 1)
        self._between(end)
        if self._is_full():
            yield from self.flush()

    def tell_field(
        self, step: Step, shape: Shape, number: int, start: int, end: int, index: int = 0
    ) -> Iterator[Piece]:
        """The pieces of one field of a message, which has a length."""
        yield from self._told(Step(step, shape.fields.get(number), number, index), start, end, 0)

    def finish(self) -> Iterator[Piece]:
        """The pieces that are left, and what was left out."""
        yield from self.flush()
        if self._tensors:
            yield Omitted("tensors", f"{self._tensors} tensors of a model; --weights looks at them, too", self._weights)
        if self._broken:
            detail = f"messages within it are cut off or broken ({self._broken}); these were looked at as bytes"
            yield Problem(GapReason.MALFORMED, detail)

    def flush(self) -> Iterator[Piece]:
        """What was gathered, and then what is covered by that."""
        self._drop_held()
        yield from super().flush()

    def _message(self, step: Step, shape: Shape, start: int, end: int, depth: int) -> Iterator[Piece]:
        self._count()
        kind = self._peek(step, shape, start, end)
        later: list[tuple[Step, int, int]] = []
        counts: dict[int, int] = {}
        known_fields = shape.fields
        at = start
        try:
            for number, wire, first, last in fields(self.source, start, end):
                at = last
                if wire != LENGTH:
                    if number == shape.type and wire == VARINT:
                        kind = self.source.varint(first)
                    continue
                if number in (shape.key, shape.other_key) and self._is_key(step, first, last):
                    continue
                index = counts.get(number, 0)
                counts[number] = index + 1
                known = known_fields.get(number)
                if last - first < _SHORTEST and self._held is None:
                    continue
                inner = Step(step, known, number, index)
                if known is not None and known.numbers and kind is None:
                    later.append((inner, first, last))
                    self.leave(first, last)
                elif known is not None and (known.numbers or known.floats):
                    yield from self._numbers(inner, first, last, kind)
                else:
                    yield from self._told(inner, first, last, depth)
        except Malformed:
            if not depth:
                raise
            self._broken += 1
            yield from self._leaf(step, at, end)
        for inner, first, last in later:
            yield from self._numbers_left(inner, first, last, kind)
        if self._held is not None and self._held.step is step:
            self._drop_held()

    def _count(self) -> None:
        self._messages += 1
        if self._messages > _MOST_MESSAGES:
            raise OverBudget(f"it holds more than {_MOST_MESSAGES} messages")

    def _told(self, inner: Step, first: int, last: int, depth: int) -> Iterator[Piece]:
        """A field that has a length."""
        known = inner.known
        shape = self._shape(known, first, last) if depth < _DEEPEST else None
        if shape is not None:
            yield from self._message(inner, shape, first, last, depth + 1)
        elif last - first > _SHORTEST_MEMBER:
            yield from self._leaf(inner, first, last)
        else:
            self._add(inner, first, last)
            if known is None:
                self._within(inner, first, last)
        if self._is_full():
            yield from self.flush()

    def _shape(self, known: Known | None, first: int, last: int) -> Shape | None:
        """What message a field is; None: it is none."""
        if known is not None:
            return self._schema.shapes[known.shape] if known.shape else None
        if last - first < SHORTEST_BETWEEN:
            return None
        if last - first <= LONG and is_text(self.source.bytes(first, last)):
            return None
        found = guessed(self.source, first, last)
        if found is None:
            return None
        return PAIR if self._is_pair(found) else UNKNOWN

    def _is_pair(self, found: list[Field]) -> bool:
        """Whether a message has a text as field 1 and another as field 2, as an entry of a map has."""
        if [field[:2] for field in found] != [(1, LENGTH), (2, LENGTH)]:
            return False
        (_, _, first, last), (_, _, start, end) = found
        short = 0 < last - first <= _LONGEST_KEY and end - start <= LONG
        return short and is_text(self.source.bytes(first, last)) and is_text(self.source.bytes(start, end))

    def _peek(self, step: Step, shape: Shape, start: int, end: int) -> int | None:
        """Find the key of a message, and its type of numbers, as far as they are near."""
        if not shape.key and not shape.type:
            return None
        kind: int | None = None
        near = start + _LONGEST_KEY * 4
        try:
            for number, wire, first, last in fields(self.source, start, end):
                if wire == LENGTH and number and number in (shape.key, shape.other_key):
                    self._take_key(step, shape, first, last, number == shape.other_key)
                elif number == shape.type and wire == VARINT:
                    kind = self.source.varint(first)
                has_key = step.key is not None and not shape.other_key
                if last > near or (has_key and (kind is not None or not shape.type)):
                    break
        except Malformed:
            pass
        return kind

    def _take_key(self, step: Step, shape: Shape, first: int, last: int, is_later: bool) -> None:
        """Note the key of a message, and of a pair keep it for the value."""
        if not 0 < last - first <= _LONGEST_KEY or (step.key is not None and not is_later):
            return
        step.key = self.source.bytes(first, last)
        if shape.pair:
            if self._held is not None and self._held.step is not step:
                self._drop_held()
            self._held = _Held(step, shape, step.key, first, last)

    def _is_key(self, step: Step, first: int, last: int) -> bool:
        """Whether this is the key that is told with its value, or another one that is told alone."""
        if step.key is None and last - first <= _LONGEST_KEY:
            step.key = self.source.bytes(first, last)
        held = self._held
        if held is None or held.step is not step or last - first > LONG:
            return False
        self._between(first)
        self._told_to = last
        if held.start != first:
            self._keep(self.source.bytes(first, last), Leaf(step, first, last))
        return True

    def _drop_held(self) -> None:
        """A key that has no value is told alone."""
        held = self._held
        self._held = None
        if held is not None and held.key:
            self._keep(held.key, Leaf(held.step, held.start, held.end))

    def _leaf(self, inner: Step, first: int, last: int) -> Iterator[Piece]:
        """A string or bytes of any length."""
        if self._spans is None and last - first > _SHORTEST_MEMBER:
            head = self.source.bytes(first, min(last, first + HEAD_BYTES))
            if is_file(head):
                self._between(first)
                yield Member(Ranged(self._blob, shown(inner), first, last))
                self._told_to = last
                return
        if last - first <= LONG:
            self._add(inner, first, last)
            if inner.known is None:
                self._within(inner, first, last)
        elif self._spans is None:
            self.leave(first, last)
        else:
            yield from self._parts(inner, first, last)

    def _parts(self, inner: Step, first: int, last: int) -> Iterator[Piece]:
        """What is long, cut where a line ends."""
        while first < last:
            data = self.source.bytes(first, min(last, first + 4 * LONG))
            cut = data.rfind(b"\n") + 1 if first + len(data) < last else 0
            end = first + (cut or len(data))
            self._between(first)
            self._keep(data[: end - first], Leaf(inner, first, end, is_part=True))
            self._told_to = first = end
            yield from self.flush()

    def _add(self, inner: Step, first: int, last: int) -> None:
        """A string, with the key that it belongs to."""
        held = self._held
        self._between(first)
        text = self.source.bytes(first, last)
        self._told_to = last
        if held is None:
            keep = self._keep_again if inner.known is not None and inner.known.again else self._keep
            keep(text, Leaf(inner, first, last))
            return
        self._held = None
        remark = held.shape.remark(held.key, text) if held.shape.remark is not None else None
        if remark is not None:
            self._remark(remark, Leaf(inner, first, last), self._schema.sort)
        else:
            self._keep(held.key + b": " + text, Leaf(inner, first, last, len(held.key) + 2))

    def _within(self, inner: Step, first: int, last: int) -> None:
        """A text that may also be a message: strings in it whose bounds look like letters are told once more."""
        text = self._texts[-1] if self._leaves and self._leaves[-1] == Leaf(inner, first, last) else b""
        if len(text) < 2 * _SHORTEST or text[0] & 7 != LENGTH or not is_text(text):
            return
        for number, wire, start, end in guessed(self.source, first, last) or ():
            if wire == LENGTH and end - start >= _SHORTEST and _WORDS.match(text, max(0, start - first - 1)):
                self._keep(text[start - first : end - first], Leaf(Step(inner, None, number), start, end))

    def _numbers(self, inner: Step, first: int, last: int, kind: int | None) -> Iterator[Piece]:
        """An array of numbers as it stands in memory."""
        if self._is_weights(inner, first, last, kind):
            self.leave(first, last)
            yield from self._numbers_left(inner, first, last, kind)
            return
        text = self._code_points(inner, first, last, kind)
        if text is not None:
            yield text
        if text is not None and not text.again:
            self._between(first)
            self._told_to = last
        else:
            yield from self._leaf(inner, first, last)

    def _numbers_left(self, inner: Step, first: int, last: int, kind: int | None) -> Iterator[Piece]:
        """An array of numbers that was left as it stands, before or since its type is known."""
        if self._is_weights(inner, first, last, kind):
            if not self._limits.weights:
                self._covers.append((first, last))
                self._tensors += 1
                self._weights += last - first
        else:
            text = self._code_points(inner, first, last, kind)
            if text is not None:
                yield text
                if not text.again:
                    self._covers.append((first, last))

    def _is_weights(self, inner: Step, first: int, last: int, kind: int | None) -> bool:
        if last - first > _MOST_IN_NUMBERS or (inner.known is not None and inner.known.floats):
            return True
        return self._schema.types.get(kind or 0, 1) == WEIGHTS

    def _code_points(self, inner: Step, first: int, last: int, kind: int | None) -> Text | None:
        width = self._schema.types.get(kind or 0, 1)
        if width < 2:
            return None
        data = self.source.bytes(first, last)
        if not is_text_like(data, width):
            return None
        text = code_points(data, width)
        self._limits.spend(len(text))
        return Text(
            text,
            lambda offset: f"{shown(inner)}[{offset}]",
            lambda start, end: (first + start * width, first + end * width),
            again=not is_text_alone(data, width),
        )

    def name_of(self, step: Step, shape: Shape, start: int, end: int, offset: int) -> str:
        """Where in the message that stands in a range an offset of the blob is; cheap for offsets that ascend."""
        held, self._held = self._held, None
        inner: Shape | None = shape
        for depth in range(_DEEPEST):
            if inner is None:
                break
            walk = self._walk(depth, step, inner, start, end, offset)
            step = walk.step
            found = walk.to(offset)
            if found is None or (found[1] == LENGTH and offset < found[2]):
                break
            number, wire, start, last = found
            end = last if wire == LENGTH else start
            if walk.inner is None:
                made = Step(step, inner.fields.get(number), number, walk.index)
                walk.inner = made, self._shape(made.known, start, end)
            step, inner = walk.inner
        self._held = held
        return shown(step)

    def _walk(self, depth: int, step: Step, shape: Shape, start: int, end: int, offset: int) -> Walk:
        """The walk that is at this depth, if it goes on to the offset; else a new one."""
        walk = self._walks[depth] if depth < len(self._walks) else None
        if walk is None or walk.span != (start, end) or walk.passed > offset:
            self._peek(step, shape, start, end)
            self._held = None
            walk = Walk(self.source, step, start, end)
            self._walks[depth:] = [walk]
        return walk

    def _name(self, leaf: Leaf) -> str:
        step = leaf.step
        if isinstance(step, Step):
            return shown(step)
        return self.name_of(step.step, step.shape, step.start, step.end, leaf.start) or "outermost fields"
