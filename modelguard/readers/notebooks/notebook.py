"""Jupyter notebooks: what their JSON text does not show as it stands.

The text itself is looked at as it is, with `places.py` for names. Beside it there are words that are cut in two
(`hidden.py`, `joined.py`), cells of tables whose headers are lines away (`tables.py`), and pictures, documents and
attachments in base64. A notebook with none of these is not parsed at all.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import msgspec

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece, whole
from modelguard.readers.json_places import json_paths
from modelguard.readers.json_text import without_escapes
from modelguard.readers.members import Held
from modelguard.readers.notebooks.attachments import attached
from modelguard.readers.notebooks.hidden import ESCAPE, hidden
from modelguard.readers.notebooks.joined import joined
from modelguard.readers.notebooks.pictures import Encoded, pictures
from modelguard.readers.notebooks.places import place_name
from modelguard.readers.notebooks.tables import tables

_NO_NUMBER = re.compile(rb"-?(?:NaN|Infinity)")


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """What the text hides. See `Reader`."""
    read_whole = whole(blob, limits)
    lean = _Lean(read_whole, pictures(read_whole))
    text = lean.text
    plain = without_escapes(text)
    yield from hidden(text, plain, lean.original, limits.check_time)
    yield from joined(text, plain, lean.original, limits.check_time)
    yield from tables(text, plain, lean.original, limits)
    files = [*lean.cut, *(each.moved(lean.original(each.start)) for each in attached(plain))]
    del plain
    files.sort(key=lambda each: each.start)
    places = [lean.at(each.start) for each in files]
    for each, at, path in zip(files, places, json_paths(text, places), strict=True):
        limits.spend(len(each.data))
        yield Member(Held(blob, place_name(path, text, at) or "base64", each.data, each.start, each.end))
        if each.told > each.start:
            yield Covered(each.start, each.told)
    if (files or ESCAPE.search(text)) and not _is_json(text):
        raise Malformed("it is no JSON text")


class _Lean:
    """A notebook's text without what is in base64: most of the bytes, and of no use for finding one's way."""

    def __init__(self, whole: bytes, cut: Iterator[Encoded]) -> None:
        self.cut: Sequence[Encoded] = sorted(cut, key=lambda each: each.start)
        parts: list[bytes] = []
        self._starts: list[int] = []
        self._removed: list[int] = []
        at = removed = 0
        for each in self.cut:
            parts.append(whole[at : each.start])
            removed += each.end - each.start
            at = each.end
            self._starts.append(each.end - removed)
            self._removed.append(removed)
        self.text = b"".join([*parts, whole[at:]]) if parts else whole

    def original(self, offset: int) -> int:
        """Where an offset of the text is in the whole."""
        number = bisect_right(self._starts, offset)
        return offset + (self._removed[number - 1] if number else 0)

    def at(self, offset: int) -> int:
        """Where an offset of the whole, outside what was cut out, is in the text."""
        number = bisect_right([each.start for each in self.cut], offset - 1)
        return offset - (self._removed[number - 1] if number else 0)


def _is_json(text: bytes) -> bool:
    """Whether it is JSON, as Python's library writes it (which knows NaN)."""
    may_hold = b"NaN" in text or b"Infinity" in text
    return _decodes(text) or (may_hold and _decodes(_NO_NUMBER.sub(b"0", text)))


def _decodes(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
