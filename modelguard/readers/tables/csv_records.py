"""Records of text with delimiters: its header, where records end, and which field an offset is in.

Format: RFC 4180, with whatever delimiter the header has. A quote counts only where a field begins with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from modelguard.model import Blob

_DELIMITERS = (b",", b"\t", b";", b"|")
_MARK = b"\xef\xbb\xbf"
_LONGEST_HEADER = 64 * 1024
_LONGEST_NAME = 100
_CHUNK = 1024 * 1024
_MOST_CUTS = 16
LONGEST_RECORD = 1024 * 1024
_NAME = re.compile(r"[^\W\d]")


class Header(NamedTuple):
    """The delimiter, the names of the columns (none: the first record is no header), and where records begin."""

    delimiter: bytes
    names: tuple[str, ...]
    end: int


def header_of(head: bytes) -> Header:
    """The header of a text that begins so."""
    start = len(_MARK) if head.startswith(_MARK) else 0
    line = head[start:_LONGEST_HEADER].partition(b"\n")[0]
    delimiter = max(_DELIMITERS, key=line.count)
    match = record_pattern(delimiter).match(head, start)
    end = match.end() if match else 0
    names = tuple(
        head[first:last].strip(b'"\r \t').decode("utf-8", "replace")
        for first, last in fields(head[:end], start, delimiter)
    )
    return Header(delimiter, names, end) if _are_names(names) else Header(delimiter, (), 0)


def _are_names(names: Sequence[str]) -> bool:
    return len(set(names)) == len(names) and all(
        len(name) <= _LONGEST_NAME and (_NAME.search(name) or name == "") for name in names
    )


def _field(delimiter: bytes) -> bytes:
    """A field as a pattern, which matches in one way only: else it would try too many."""
    others = b"[^" + re.escape(delimiter) + rb"\n]*"
    return rb'(?:"[^"]*(?:""[^"]*)*"(?!")' + others + rb'|(?!")' + others + b")"


@lru_cache(maxsize=64)
def record_pattern(delimiter: bytes, wanted: tuple[int, ...] = ()) -> re.Pattern[bytes]:
    """A record, with the fields of these numbers as its groups; group `odd` is a line that is none."""
    field, between = _field(delimiter), re.escape(delimiter)
    last = max(wanted, default=0)
    some = between.join(b"(" + field + b")" if number in wanted else field for number in range(last + 1))
    return re.compile(rb"(?!\Z)(?:" + some + b"(?:" + between + field + rb")*(?:\n|\Z)|(?P<odd>[^\n]*)(?:\n|\Z))")


@lru_cache(maxsize=8)
def _field_pattern(delimiter: bytes) -> re.Pattern[bytes]:
    return re.compile(_field(delimiter))


def fields(record: bytes, start: int, delimiter: bytes) -> list[tuple[int, int]]:
    """Where the fields of a record stand that begins at `start` and ends at the end, or is cut there."""
    found = []
    while True:
        match = _field_pattern(delimiter).match(record, start)
        end = match.end() if match else len(record)
        found.append((start, end))
        if record[end : end + 1] != delimiter:
            return found
        start = end + 1


class Rows:
    """Walks over the records of a blob."""

    def __init__(self, blob: Blob, header: Header) -> None:
        self._blob = blob
        self._delimiter = header.delimiter
        self._at = header.end
        self._row = 0

    def at(self, offset: int) -> tuple[int, int]:
        """The number of the record that holds an offset, counted from 0, and where it begins. Offsets ascend."""
        while True:
            data = self._blob.read(self._at, max(self._at, min(offset, self._at + _CHUNK)))
            count, end = self._ended(data)
            self._row += count
            self._at += end
            if end == 0:
                return self._row, self._at

    def _ended(self, data: bytes) -> tuple[int, int]:
        """How many records end in some bytes, and where the last one does."""
        if b'"' not in data:
            return data.count(b"\n"), data.rfind(b"\n") + 1
        count = end = 0
        for match in record_pattern(self._delimiter).finditer(data):
            end = match.start()
            if is_cut(match, data):
                break
            end = match.end()
            count += 1
        return count, end


def cut_at(data: bytes) -> int:
    """Where to cut bytes so that no record is cut: behind the last line's end that no quote holds, if there is one."""
    end = len(data)
    for _ in range(_MOST_CUTS):
        end = data.rfind(b"\n", 0, end)
        if end < 0:
            break
        if data.count(b'"', 0, end) % 2 == 0:
            return end + 1
    return data.rfind(b"\n") + 1 or len(data)


def is_cut(match: re.Match[bytes], data: bytes) -> bool:
    """Whether a record may go on behind the data in which it was found."""
    if match.end() == len(data) and not data.endswith(b"\n"):
        return True
    odd = match["odd"]
    return odd is not None and b'"' in odd and len(data) - match.start() < LONGEST_RECORD // 2
