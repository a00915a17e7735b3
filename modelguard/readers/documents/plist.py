"""Property lists of Apple's systems, binary and XML: strings with the keys that they are behind.

Formats: `CFBinaryPList.c` of Core Foundation; `PropertyList-1.0.dtd`. Of a binary one all is told that its table of
objects names; the XML is looked at as it stands, and keys are put beside their strings.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, OverBudget, Piece, Text, entries, whole
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Held

_MAGIC = b"bplist"
_TRAILER_BYTES = 32
_DATA, _ASCII, _WIDE, _DICT = 0x4, 0x5, 0x6, 0xD
_LISTS = (0xA, 0xB, 0xC, _DICT)
_SHORTEST_MEMBER = 64
_STEP = 5000
_MOST_OBJECTS = 300_000
"""More than anybody writes. One takes up to 400 bytes until all are told, since keys stand anywhere."""

_PAIR = re.compile(rb"<key>([\w .:-]{1,32})</key>\s{0,80}<(?:string|integer|real|data)>([^<]{1,100000})</")


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The strings of a property list. See `Reader`."""
    data = whole(blob, limits)
    yield from _binary(blob, data, limits) if data.startswith(_MAGIC) else _xml(data)


def _xml(data: bytes) -> Iterator[Piece]:
    found = _PAIR.finditer(data)
    while pairs := list(islice(found, _STEP)):
        yield entries(
            [b'"%b": "%b"' % (_plain(pair[1]), _plain(pair[2]).strip()) for pair in pairs],
            lambda number, pairs=pairs: f"key {quoted(pairs[number][1].decode('utf-8', 'replace'))}",  # type: ignore[misc]
            lambda number, pairs=pairs: pairs[number].span(2),  # type: ignore[misc]
            again=True,
            lines=True,
        )


def _plain(written: bytes) -> bytes:
    return html.unescape(written.decode("utf-8", "replace")).encode() if b"&" in written else written


class _Object(NamedTuple):
    """An object: its kind, how many bytes, letters or members it has, and where these stand."""

    kind: int
    length: int
    at: int

    def end(self, reference_bytes: int) -> int:
        """Where it ends; what is of no use here has no length."""
        width = {_WIDE: 2, _DICT: 2 * reference_bytes}.get(self.kind, 1 if self.kind < _WIDE else reference_bytes)
        return self.at + self.length * width


def _binary(blob: Blob, data: bytes, limits: Limits) -> Iterator[Piece]:
    trailer = data[-_TRAILER_BYTES:]
    offset_bytes, reference_bytes = trailer[6], trailer[7]
    count, table = int.from_bytes(trailer[8:16], "big"), int.from_bytes(trailer[24:32], "big")
    table_end = len(data) - _TRAILER_BYTES
    if not 1 <= offset_bytes <= 8 or not 1 <= reference_bytes <= 8 or table + count * offset_bytes > table_end:
        raise Malformed("its table of objects lies outside the file")
    if count > _MOST_OBJECTS:
        raise OverBudget(f"it has more than {_MOST_OBJECTS} objects")
    offsets = [
        int.from_bytes(data[at : at + offset_bytes], "big")
        for at in range(table, table + count * offset_bytes, offset_bytes)
    ]
    objects = [_object(data, offset, table, reference_bytes) for offset in offsets]
    keys = _keys(data, objects, reference_bytes, limits)
    texts: list[tuple[bytes, int, _Object]] = []
    for number, each in enumerate(objects):
        if number % _STEP == 0:
            limits.check_time()
        if each is None:
            continue
        end = each.end(reference_bytes)
        if each.kind == _DATA and each.length >= _SHORTEST_MEMBER:
            yield Member(Held(blob, f"data at {each.at}", data[each.at : end], each.at, end))
            yield Covered(each.at, end)
        elif each.kind in (_ASCII, _WIDE):
            raw = data[each.at : end]
            limits.spend(len(raw))
            text = raw.decode("utf-16-be", "replace").encode() if each.kind == _WIDE else raw
            texts.append((text, number, each))
            yield Covered(each.at - 1, end)
    if texts:
        yield _text(texts, keys, reference_bytes)


def _object(data: bytes, at: int, most: int, reference_bytes: int) -> _Object | None:
    """The string, data or list that begins there, if it is one and ends before the table."""
    if not len(_MAGIC) <= at < most:
        return None
    kind, count = data[at] >> 4, data[at] & 15
    at += 1
    if count == 15 and at < most:
        width = 1 << (data[at] & 3)
        count = int.from_bytes(data[at + 1 : at + 1 + width], "big")
        at += 1 + width
    found = _Object(kind, count, at)
    is_wanted = kind in (_DATA, _ASCII, _WIDE, *_LISTS)
    return found if is_wanted and found.end(reference_bytes) <= most else None


def _keys(data: bytes, objects: list[_Object | None], reference_bytes: int, limits: Limits) -> dict[int, int]:
    """The key that each object is behind first, both by number."""
    found: dict[int, int] = {}
    for each in objects:
        if each is None or each.kind != _DICT:
            continue
        limits.spend(2 * each.length * reference_bytes)
        references = [
            int.from_bytes(data[at : at + reference_bytes], "big")
            for at in range(each.at, each.end(reference_bytes), reference_bytes)
        ]
        for key, value in zip(references[: each.length], references[each.length :], strict=False):
            found.setdefault(value, key)
    return found


def _text(texts: list[tuple[bytes, int, _Object]], keys: dict[int, int], reference_bytes: int) -> Text:
    """Each string with its key. A key is told with its first string, or by itself."""
    by_number = {number: text for text, number, _ in texts}
    used: set[int] = set()
    lines: list[bytes] = []
    names: list[str] = []
    spans: list[tuple[int, int]] = []
    for text, number, each in sorted(texts, key=lambda told: told[1] not in keys):
        key = keys.get(number)
        label = by_number.get(key) if key is not None else None
        if number in used:
            continue
        if label and key is not None:
            used.add(key)
        lines.append(b'"%b": "%b"' % (label, text) if label else text)
        names.append(f"key {quoted(label.decode('utf-8', 'replace'))}" if label else f"string at {each.at}")
        spans.append((each.at, each.end(reference_bytes)))
    return entries(lines, names.__getitem__, spans.__getitem__)
