"""The objects of a PDF file and their streams, found where they stand: what tables say of their places is not believed.

Format: ISO 32000-2:2020, sections 7.3.8 (streams), 7.4 (filters), 7.5.7 (object streams).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modelguard.readers.documents.labelled import Inflated, inflated
from modelguard.readers.documents.pdf_filters import (
    from_digits,
    from_letters,
    unpacked_lzw,
    unpacked_runs,
    unpredicted,
)
from modelguard.readers.documents.pdf_syntax import Name, Parser, Reference
from modelguard.readers.interface import Limits, OverBudget

_OBJECT = re.compile(rb"obj(?<=[\0\t\n\f\r ]obj)\b")
_NUMBERS = re.compile(rb"(?<!\d)(\d{1,9})[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+\Z")
_LONGEST_NUMBERS = 64
_LONGEST_OBJECT = 4 * 1024 * 1024
_STREAM = re.compile(rb"[\0\t\n\f\r ]*stream\r?\n?")
_END_STREAM = re.compile(rb"\r?\n?endstream")
_MOST_OBJECTS = 500_000
_LONGEST = 64 * 1024 * 1024
_MOST_BYTES = 128 * 1024 * 1024
"""What all objects may take in memory."""

_OBJECT_BYTES = 350
"""What one takes beside its value."""


class Object(NamedTuple):
    """An object: its value, the bytes of the file that it was made of, and those of its stream, if it has one."""

    number: int
    value: Any
    span: tuple[int, int]
    stream: tuple[int, int] | None = None

    @property
    def dictionary(self) -> Mapping[Any, Any]:
        """Its dictionary; an empty one where it is none."""
        return self.value if isinstance(self.value, dict) else {}


class Objects:
    """All objects of a file; of two with one number the last one is meant, and both are looked at.

    Where they are too many or take too much, `over` says so, and those that come first are here.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.data = data
        self.all: list[Object] = []
        self._by_number: dict[int, Object] = {}
        self.limits = limits
        self.over: OverBudget | None = None
        self._parser = Parser(_MOST_BYTES)
        try:
            for each in _objects(data, self._parser):
                limits.check_time()
                self._add(each)
            for each in list(self.all):
                if each.dictionary.get("Type") == "ObjStm":
                    self._unpack(each)
        except OverBudget as error:
            self.over = error

    def at(self, value: Any) -> Any:
        """What a value is, or refers to."""
        found = self.object(value)
        return found.value if found is not None else None if isinstance(value, Reference) else value

    def object(self, value: Any) -> Object | None:
        """The object that a value refers to."""
        return self._by_number.get(value.number) if isinstance(value, Reference) else None

    def dictionary(self, value: Any) -> Mapping[Any, Any]:
        """The dictionary that a value is, or refers to; an empty one where it is none."""
        found = self.at(value)
        return found if isinstance(found, dict) else {}

    def filters(self, each: Object) -> list[str]:
        """The names of the filters of a stream, the outermost first."""
        filters = self.at(each.dictionary.get("Filter"))
        listed = filters if isinstance(filters, list) else [filters]
        return [str(name) for name in (self.at(name) for name in listed) if isinstance(name, Name)]

    def content(self, each: Object) -> Inflated:
        """What is in a stream, and whether that is all of it."""
        if each.stream is None:
            return Inflated(b"", True)
        content, is_whole = self.data[slice(*each.stream)], True
        for number, name in enumerate(self.filters(each) if content else ()):
            content, is_so = self._filtered(name, content, self._parameters(each, number))
            is_whole &= is_so
        return Inflated(content, is_whole)

    def _parameters(self, each: Object, number: int) -> Mapping[Any, Any]:
        """What the filter of this number was told."""
        told = self.at(each.dictionary.get("DecodeParms", each.dictionary.get("DP")))
        listed = told if isinstance(told, list) else [told]
        return self.dictionary(listed[number]) if number < len(listed) else {}

    def _filtered(self, name: str, content: bytes, parameters: Mapping[Any, Any]) -> Inflated:
        if name in ("FlateDecode", "Fl"):
            content, is_whole = inflated(content, self.limits, _LONGEST)
            return Inflated(unpredicted(content, parameters, self.limits.check_time), is_whole)
        if name in ("LZWDecode", "LZW"):
            early = 0 if parameters.get("EarlyChange") == 0 else 1
            content, is_whole = unpacked_lzw(content, early, self.limits, _LONGEST)
            return Inflated(unpredicted(content, parameters, self.limits.check_time), is_whole)
        if name in ("RunLengthDecode", "RL"):
            return unpacked_runs(content, self.limits, _LONGEST)
        if name in ("ASCIIHexDecode", "AHx"):
            return from_digits(content)
        if name in ("ASCII85Decode", "A85"):
            return from_letters(content)
        return Inflated(b"", False)

    def _add(self, each: Object) -> None:
        self._parser.keep(_OBJECT_BYTES)
        if len(self.all) >= _MOST_OBJECTS:
            raise OverBudget(f"it has more than {_MOST_OBJECTS} objects")
        self.all.append(each)
        self._by_number[each.number] = each

    def _unpack(self, each: Object) -> None:
        """The objects in an object stream: numbers and offsets first, then the objects."""
        content, _ = self.content(each)
        first, count = each.dictionary.get("First"), each.dictionary.get("N")
        if not (isinstance(first, int) and isinstance(count, int)):
            return
        numbers = [int(number) for number in re.findall(rb"\d{1,9}", content[:first])[: 2 * max(0, count)]]
        for number, at in zip(numbers[::2], numbers[1::2], strict=False):
            self.limits.check_time()
            start = min(first + at, len(content))
            value, _ = self._parser.parsed(content, start, min(len(content), start + _LONGEST_OBJECT))
            self._add(Object(number, value, each.stream or each.span))


def _objects(data: bytes, parser: Parser) -> Iterator[Object]:
    ends = _Ends(data)
    for number, at in beginnings(data):  # wherever one is: where others seem to end need not be true
        value, end = parser.parsed(data, at, min(len(data), at + _LONGEST_OBJECT))
        opening = _STREAM.match(data, end) if isinstance(value, dict) else None
        stream = None
        if opening is not None:
            stream = opening.end(), ends.of(opening.end(), value.get("Length"))
        yield Object(number, value, (at, end), stream)


def beginnings(data: bytes) -> Iterator[tuple[int, int]]:
    """The number of each object, and where its value begins."""
    for word in _OBJECT.finditer(data):
        numbers = _NUMBERS.search(data[max(0, word.start() - _LONGEST_NUMBERS) : word.start()])
        if numbers is not None:
            yield int(numbers[1]), word.end()


class _Ends:
    """Where streams end; each byte is looked at once, however many of them begin."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._following = -1

    def of(self, start: int, length: Any) -> int:
        """Where a stream says that it ends, if it does; else where the word stands that ends it. Starts ascend."""
        data = self._data
        if isinstance(length, int) and 0 <= length <= len(data) - start and _END_STREAM.match(data, start + length):
            return start + length
        if self._following < start:
            found = data.find(b"endstream", start)
            self._following = len(data) if found < 0 else found
        end = self._following
        if end < len(data):
            end -= data.endswith(b"\n", start, end)
            end -= data.endswith(b"\r", start, end)
        return end
