"""Sheets of Excel's workbooks: cells below telling headers, in whatever sheet, with the texts that all sheets share.

A cell names its text by number, and texts are in another member (`xl/sharedStrings.xml`), so both are read together.
Format: ECMA-376 part 1, sections 18.3.1 (`row`, `c`, `v`, `is`) and 18.4 (`si`, `t`). No entity that the XML declares
is ever resolved.
"""

from __future__ import annotations

import html
import re
import zipfile
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain, islice

from modelguard.model import Blob, way
from modelguard.readers.archives.zip_members import held, local_header
from modelguard.readers.interface import Limits, Malformed, Text
from modelguard.readers.tables.below import LONGEST_CELL, Below, Cell

_SHEET = re.compile(r"xl/worksheets/[^/]{1,200}\.xml", re.IGNORECASE)
_STRINGS = "xl/sharedStrings.xml"

_STRING = re.compile(rb"<(?:\w{1,8}:)?si(?=[\s/>])")
_PHONETIC = re.compile(rb"<(?:\w{1,8}:)?rPh[\s>]")
_RUN = re.compile(rb"<(?:\w{1,8}:)?t(?:\s[^<>]*)?(?<!/)>([^<]*)<")
_TAG = re.compile(rb"<(?:\w{1,8}:)?(?:(row)|c)(?=[\s/>])([^<>]*)>")
_NAME = re.compile(rb"\sr=[\"']([A-Z]{1,3})[0-9]{0,7}[\"']")
_NUMBER = re.compile(rb"\sr=[\"']([0-9]{1,7})[\"']")
_SHARED = re.compile(rb"\st=[\"']s[\"']")
_VALUE = re.compile(rb"<(?:\w{1,8}:)?v(?:\s[^<>]*)?>([^<]*)<")

_MOST_COLUMNS = 256
_HEADER_WITHIN_ROWS = 20

Row = tuple[int, Mapping[int, bytes]]
"""The number of a row, from 1, and what is in its cells, by column from 0."""


def cells(blob: Blob, infos: Sequence[zipfile.ZipInfo], limits: Limits) -> Iterator[Text]:
    """The cells below telling headers of an archive that is a workbook; `cell B7, column "password"`."""
    sheets = [info for info in infos if _SHEET.fullmatch(info.filename)]
    shared = next((info for info in infos if sheets and info.filename.casefold() == _STRINGS.casefold()), None)
    most = limits.budget.held_bytes
    with suppress(Malformed):  # a member that cannot be unpacked is told when it is opened
        strings = _Strings(held(blob, shared, limits, most) if shared else b"")
        for info in sheets:
            local = local_header(blob, info)
            sheet = held(blob, info, limits, most)
            yield from _below(sheet, info.filename, strings, (local.start, local.end), limits)


class _Strings:
    """The texts that sheets share, by number."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._starts = array("L", (found.start() for found in _STRING.finditer(xml)))

    def __getitem__(self, number: int) -> bytes:
        if not 0 <= number < len(self._starts):
            return b""
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._xml)
        return _shown(self._xml, self._starts[number], end)


def _shown(xml: bytes, start: int, end: int) -> bytes:
    """The runs of a text, without how it is spoken."""
    phonetic = _PHONETIC.search(xml, start, end)
    runs = _RUN.finditer(xml, start, phonetic.start() if phonetic else end)
    return _plain(b"".join(run[1] for run in runs))


def _plain(text: bytes) -> bytes:
    if len(text) > LONGEST_CELL:
        return b""
    if b"&" in text:
        text = html.unescape(text.decode("utf-8", "replace")).encode("utf-8", "replace")
    return b" ".join(text.split())


def _below(sheet: bytes, name: str, strings: _Strings, span: tuple[int, int], limits: Limits) -> Iterator[Text]:
    rows = _rows(sheet, strings, limits)
    first = list(islice(rows, _HEADER_WITHIN_ROWS))
    at = next((at for at, (_, cells) in enumerate(first) if sum(map(bool, cells.values())) > 1), 0)
    if not first:
        return
    below = Below(limits, lambda row, column: way(name, f"cell {_letters(column)}{row}"))
    if not below.begin(_in_columns(first[at][1])):
        return
    for number, found in chain(first[at + 1 :], rows):
        yield from below.row(number, [Cell(text, *span) for text in _in_columns(found)])
    yield from below.rest()


def _in_columns(row: Mapping[int, bytes]) -> list[bytes]:
    return [row.get(column, b"") for column in range(max(row, default=-1) + 1)]


def _rows(sheet: bytes, strings: _Strings, limits: Limits) -> Iterator[Row]:
    """The rows of a sheet that have any cell."""
    number, column = 0, -1
    cells: dict[int, bytes] = {}
    for tag, end in _tags(sheet):
        if tag[1]:
            if cells:
                yield number, cells
            limits.check_time()
            said = _NUMBER.search(tag[2])
            number, column, cells = int(said[1]) if said else number + 1, -1, {}
        else:
            named = _NAME.search(tag[2])
            column = _column(named[1]) if named else column + 1
            if column < _MOST_COLUMNS:
                cells[column] = _text(sheet, tag, end, strings)
    if cells:
        yield number, cells


def _tags(sheet: bytes) -> Iterator[tuple[re.Match[bytes], int]]:
    """Each tag that opens a row or a cell, and where the next one begins."""
    before: re.Match[bytes] | None = None
    for tag in _TAG.finditer(sheet):
        if before is not None:
            yield before, tag.start()
        before = tag
    if before is not None:
        yield before, len(sheet)


def _text(sheet: bytes, tag: re.Match[bytes], end: int, strings: _Strings) -> bytes:
    """What is in a cell: a shared text, a number or the result of a formula, or a text of its own."""
    value = _VALUE.search(sheet, tag.end(), end)
    if value is None:
        return _shown(sheet, tag.end(), end)
    if _SHARED.search(tag[2]):
        return strings[int(value[1])] if value[1].isdigit() and len(value[1]) < 10 else b""
    return _plain(value[1])


def _column(letters: bytes) -> int:
    """`A` is 0, `AA` 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters
