"""Keys and their values as lines of one text, as in a settings file, and single texts, each with a place of its own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from modelguard.readers.interface import Text, entries

_ENOUGH = 1 << 20
"""Bytes from which on lines are told, before more are gathered."""


Name = str | Callable[[], str]
"""What a place is called; it may be made when it is needed."""


class _Line(NamedTuple):
    """A key and its value, with the name of its place and the bytes that it was made of."""

    key: bytes
    value: bytes
    name: Name
    start: int
    end: int
    key_start: int


class KeyValues:
    """Gathers keys and values, which rules must see side by side."""

    def __init__(self, again: bool = False) -> None:
        self._again = again
        self._lines: list[_Line] = []
        self._size = 0

    def add(self, key: bytes, value: bytes, name: Name, start: int, end: int, key_start: int) -> None:
        """One more line; `start` and `end` are the bytes of the blob that hold the value."""
        self._lines.append(_Line(key, value, name, start, end, key_start))
        self._size += len(key) + len(value)

    @property
    def enough(self) -> bool:
        """Whether it is time to tell them."""
        return self._size >= _ENOUGH or len(self._lines) >= _ENOUGH >> 6

    def told(self) -> Iterator[Text]:
        """All that was gathered since the last time, as one text; nothing where that is nothing."""
        if self._lines:
            yield _text(self._lines, self._again)
            self._lines, self._size = [], 0


class Entries:
    """Gathers texts that are looked at each alone, and have each a name."""

    def __init__(self, again: bool = False, sort: str = "") -> None:
        self._again = again
        self._sort = sort
        self._texts: list[bytes] = []
        self._places: list[tuple[Name, int, int]] = []
        self._size = 0

    def add(self, text: bytes, name: Name, start: int, end: int) -> None:
        """One more text, made of the bytes of the blob from `start` to `end`."""
        self._texts.append(text)
        self._places.append((name, start, end))
        self._size += len(text)

    @property
    def enough(self) -> bool:
        """Whether it is time to tell them."""
        return self._size >= _ENOUGH or len(self._texts) >= _ENOUGH >> 3

    def told(self) -> Iterator[Text]:
        """All that was gathered since the last time, as one text; nothing where that is nothing."""
        if self._texts:
            places = self._places
            yield entries(
                self._texts,
                lambda number: _name_of(places[number][0]),
                lambda number: places[number][1:],
                self._again,
                self._sort,
            )
            self._texts, self._places, self._size = [], [], 0


def _name_of(name: Name) -> str:
    return name if isinstance(name, str) else name()


def _text(lines: Sequence[_Line], again: bool) -> Text:
    starts: list[int] = []
    at = 0
    for line in lines:
        starts.append(at)
        at += len(line.key) + len(line.value) + 3

    def where(offset: int) -> tuple[_Line, int]:
        """The line of an offset, and where in its value that is."""
        number = max(0, bisect_right(starts, offset) - 1)
        line = lines[number]
        return line, offset - starts[number] - len(line.key) - 2

    def name(offset: int) -> str:
        line, within = where(offset)
        if b"\n" not in line.value:
            return _name_of(line.name)
        return f"{_name_of(line.name)}:{line.value.count(NEWLINE, 0, max(0, within)) + 1}"

    def byte(offset: int) -> tuple[int, int]:
        """The bytes of the blob that one of the text was made of: one byte, where they are the same."""
        line, within = where(offset)
        if within < 0:
            at = line.key_start + min(within + 2 + len(line.key), len(line.key))
            return at, at + 1
        exact = within < len(line.value) == line.end - line.start
        return (line.start + within, line.start + within + 1) if exact else (line.start, line.end)

    def span(first: int, last: int) -> tuple[int, int]:
        return byte(first)[0], byte(max(first, last - 1))[1]

    return Text(b"\n".join(line.key + b": " + line.value for line in lines), name, span, again=again)


NEWLINE = b"\n"
