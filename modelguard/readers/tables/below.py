"""Cells below telling headers, told as `name: value`, of tables whose cells stand anywhere in a file.

The same as `csv.py` tells of text with delimiters: columns whose names say what their values are, and two columns that
hold a name and its value. All of it stands elsewhere in the file, too, so it is told again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from modelguard.readers.interface import Limits, Text, entries
from modelguard.readers.json_places import quoted
from modelguard.readers.tables.headers import CELLS, is_telling, pair_in

LONGEST_CELL = 4096
"""Bytes; a longer text is no password."""

_LONGEST_LABEL = 32
_MOST_COLUMNS = 32
_MOST_AT_ONCE = 1 << 20


class Cell(NamedTuple):
    """A text, and the bytes of the blob that it was made of."""

    text: bytes
    start: int
    end: int


class _Told(NamedTuple):
    text: bytes
    place: str
    start: int
    end: int


class Below:
    """Takes rows, table by table. `place` tells from a row and a column, counted from 0, where a cell is."""

    def __init__(self, limits: Limits, place: Callable[[int, int], str], lines: bool = False) -> None:
        self._limits = limits
        self._place = place
        self._lines = lines
        self._names: Sequence[str] = ()
        self._telling: Sequence[int] = ()
        self._pair: tuple[int, int] | None = None
        self._gathered: list[_Told] = []
        self._size = 0

    def begin(self, header: Sequence[bytes]) -> bool:
        """Begin a table with this header; whether any of its cells will be told."""
        self._names = [name.decode("utf-8", "replace").strip() for name in header]
        telling = [at for at, name in enumerate(self._names) if len(name) <= _LONGEST_LABEL and is_telling(name)]
        self._telling = telling[:_MOST_COLUMNS]
        self._pair = pair_in(self._names)
        return bool(self._telling or self._pair)

    def row(self, number: int, cells: Sequence[Cell | None]) -> Iterator[Text]:
        """The texts that are complete with a row."""
        for column in self._telling:
            self._take(number, cells, self._names[column].encode(), column)
        if self._pair is not None:
            key = _at(cells, self._pair[0])
            if key is not None and key.text:
                self._take(number, cells, key.text, self._pair[1])
        if self._size > _MOST_AT_ONCE:
            yield from self.rest()

    def _take(self, number: int, cells: Sequence[Cell | None], name: bytes, column: int) -> None:
        cell = _at(cells, column)
        if cell is not None and cell.text and len(name) + len(cell.text) <= LONGEST_CELL:
            text = name + b": " + cell.text
            self._limits.spend(len(text))
            place = f"{self._place(number, column)}, column {quoted(self._names[column])}"
            self._gathered.append(_Told(text, place, cell.start, cell.end))
            self._size += len(text)

    def rest(self) -> Iterator[Text]:
        """What was gathered so far."""
        told, self._gathered, self._size = self._gathered, [], 0
        if told:
            yield entries(
                [each.text for each in told],
                lambda number: told[number].place,
                lambda number: (told[number].start, told[number].end),
                again=True,
                sort=CELLS,
                lines=self._lines,
            )


def _at(cells: Sequence[Cell | None], column: int) -> Cell | None:
    return cells[column] if column < len(cells) else None
