"""Names of a zip archive's members: each stands there twice, before the member and in the directory, and is told once.

Format: APPNOTE.TXT 6.3.10, sections 4.3.7 and 4.3.12.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, entries

_LOCAL, _LOCAL_BYTES = b"PK\x03\x04", 30
_LISTED, _LISTED_BYTES = b"PK\x01\x02", 46
_ARRAY = b".npy"
_SHORTEST = 16
"""Bytes of a name that may be a value by itself; shorter ones are looked at as they stand."""

_MOST = 10_000
_LONGEST_DIRECTORY = 16 << 20


def names_told(blob: Blob, infos: Sequence[zipfile.ZipInfo], directory: int, limits: Limits) -> Iterator[Piece]:
    """The names that may be a value; the directory begins there. Those of very many members are left as they stand."""
    long = [
        number
        for number, info in enumerate(infos)
        if len(info.orig_filename) >= _SHORTEST and info.header_offset >= 0  # a directory may lie about where they are
    ]
    if not long or len(long) > _MOST:
        return
    texts: list[bytes] = []
    spans: list[tuple[int, int]] = []
    numbers: list[int] = []
    for number in long:
        limits.check_time()
        start = infos[number].header_offset + _LOCAL_BYTES
        header = blob.read(start - _LOCAL_BYTES, start)
        end = start + int.from_bytes(header[26:28], "little")
        if header.startswith(_LOCAL) and end <= blob.size:
            texts.append(blob.read(start, end))
            spans.append((start, end))
            numbers.append(number)
    if not texts:
        return
    limits.spend(sum(map(len, texts)))
    shown = [text.removesuffix(_ARRAY) for text in texts]
    yield entries(shown, lambda at: f"name of member {numbers[at]}", lambda at: spans[at])
    for start, end in spans:
        yield Covered(start, end)
    yield from _in_directory(blob, set(texts), directory, limits)


def _in_directory(blob: Blob, told: set[bytes], start: int, limits: Limits) -> Iterator[Covered]:
    """The names in the directory, where they are those that were told."""
    start = min(max(start, blob.size - _LONGEST_DIRECTORY), blob.size)
    limits.spend(blob.size - start)
    data = blob.read(start, blob.size)
    at = data.find(_LISTED)
    while at >= 0 and data.startswith(_LISTED, at):
        name, extra, comment = (
            int.from_bytes(data[at + 28 + 2 * field : at + 30 + 2 * field], "little") for field in range(3)
        )
        first = at + _LISTED_BYTES
        if data[first : first + name] in told:
            yield Covered(start + first, start + first + name)
        at = first + name + extra + comment
