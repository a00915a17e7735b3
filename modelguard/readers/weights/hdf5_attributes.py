"""The texts in an HDF5 attribute, or in a dataset that is kept in its object's header."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Limits, Malformed
from modelguard.readers.weights.hdf5_storage import Strings
from modelguard.readers.weights.numbers import code_points, is_text_like, swapped

_LARGEST = 64 * 1024 * 1024


class Value(NamedTuple):
    """A text, and the bytes of the file that it was made of."""

    text: bytes
    start: int
    end: int


def is_pointed(kind: Any, h5t: Any) -> bool:
    """Whether elements of a type point to strings, or to bytes, that have a length of their own."""
    of_class = kind.get_class()
    if of_class == h5t.STRING:
        return bool(kind.is_variable_str())
    return bool(of_class == h5t.VLEN and kind.get_super().get_size() == 1)


class Attributes:
    """Reads the attributes of one file: where it knows their bytes from these, and else through the library."""

    def __init__(self, blob: Blob, limits: Limits, h5py: Any, strings: Strings) -> None:
        self._blob = blob
        self._limits = limits
        self._h5 = h5py
        self._strings = strings

    def values(self, holder: Any, stands: tuple[int, int] | None, read_into: Callable[[Any], None]) -> list[Value]:
        """The texts in an attribute or dataset; whole numbers as bytes, or as the text that they are.

        Elements that point to strings are read only where they stand in a header: the library would take as much
        memory as lies beside a pointer. Such strings are looked at as they stand in any case.

        Raises:
            Malformed: it is larger than its file.
        """
        h5t = self._h5.h5t
        kind = holder.get_type()
        of_class = kind.get_class()
        if holder.get_space().get_simple_extent_type() == self._h5.h5s.NULL or of_class in (h5t.FLOAT, h5t.REFERENCE):
            return []
        if is_pointed(kind, h5t):
            return self._pointed(prod(holder.shape), stands)
        if stands is None and holder.dtype.hasobject:
            return []
        size = prod(holder.shape) * kind.get_size()
        if size > min(self._blob.size, _LARGEST):
            raise Malformed("an attribute is larger than its file")
        start, end = (0, self._blob.size) if stands is None else (stands[0], min(stands[1], stands[0] + size))
        data = self._read(holder, read_into) if stands is None else self._blob.read(start, end)
        self._limits.spend(len(data))
        if of_class == h5t.STRING:
            return self._cells(data, kind.get_size(), None if stands is None else start)
        return [Value(self._as_text(data, kind), start, end)]

    def _pointed(self, count: int, stands: tuple[int, int] | None) -> list[Value]:
        if stands is None:
            return []
        start, end = stands
        elements = self._blob.read(start, min(end, start + count * self._strings.width))
        found = []
        for span in self._strings.ranges(elements):
            is_new = span is not None and self._strings.is_new(*span)
            text = self._blob.read(*span) if span is not None and is_new else b""
            self._limits.spend(len(text))
            found.append(Value(text, *(span or (start, end))))
        return found

    def _cells(self, data: bytes, width: int, start: int | None) -> list[Value]:
        """Strings of one width; `start` is where they stand, if that is known."""
        values = []
        for at in range(0, len(data), width):
            span = (0, self._blob.size) if start is None else (start + at, start + at + width)
            values.append(Value(data[at : at + width].rstrip(b"\0"), *span))
        return values

    @staticmethod
    def _read(holder: Any, read_into: Callable[[Any], None]) -> bytes:
        import numpy

        array = numpy.empty(holder.shape, dtype=holder.dtype)
        read_into(array)
        return array.tobytes()

    def _as_text(self, data: bytes, kind: Any) -> bytes:
        width = kind.get_size()
        if kind.get_class() == self._h5.h5t.INTEGER and width > 1:
            little = data if kind.get_order() == self._h5.h5t.ORDER_LE else swapped(data, width)
            if is_text_like(little, width):
                return code_points(little, width)
        return data
