"""One walk over the fields of a message, to bytes that ascend: a thousand places cost no more than the last of them."""

from __future__ import annotations

from modelguard.readers.interface import Malformed
from modelguard.readers.shapes import Shape, Step
from modelguard.readers.wire import LENGTH, Field, Source, fields


class Walk:
    """A walk over the fields of the message of a step, to bytes that ascend.

    `span` is the message, `passed` where what it went past ends, and `inner` what was found of the field that it is at:
    its step, and the shape of the message that it is.
    """

    def __init__(self, source: Source, step: Step, start: int, end: int) -> None:
        self.step = step
        self.span = start, end
        self.passed = start
        self.inner: tuple[Step, Shape | None] | None = None
        self._fields = fields(source, start, end)
        self._counts: dict[int, int] = {}
        self._field: Field | None = None

    @property
    def index(self) -> int:
        """How many fields of the same number came before."""
        return 0 if self._field is None else self._counts.get(self._field[0], 0)

    def to(self, offset: int) -> Field | None:
        """The field that a byte belongs to; None where there is none."""
        while self._field is None or offset >= self._field[3]:
            if self._field is not None:
                number, wire, _, self.passed = self._field
                self._counts[number] = self._counts.get(number, 0) + (wire == LENGTH)
            self.inner = None
            try:
                self._field = next(self._fields, None)
            except Malformed:
                self._field = None
            if self._field is None:
                return None
        return self._field
