"""What holds of whatever bytes a reader is given; a broken law is an AssertionError.

The bytes go through the machine as in a scan, members within members too, with a recorder in the place of the rules.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import pytest

from modelguard import opening, pool
from modelguard.budget import Budget
from modelguard.inspection import Inspection
from modelguard.looking import Looking
from modelguard.model import Blob, GapReason, Window
from modelguard.opening import Opened, TextPlaces, alone, guided, lines_of
from modelguard.readers.interface import Covered, Limits, Omitted, Problem, Text
from modelguard.readers.kinds import HEAD_BYTES, Kind, sniffed
from modelguard.readers.lines import cursor_of
from modelguard.seen import Seen
from modelguard.settings import Settings
from tests.readers.opened import PathBlob

BUDGET = Budget(
    window_bytes=1 << 20,
    opened_bytes=8 << 20,
    opened_seconds=5.0,
    opened_depth=4,
    members=2000,
    held_bytes=4 << 20,
)
"""Small enough that whatever is within it ends long before the seconds do."""

VALUE = re.compile(rb"(?<![A-Za-z0-9_])(?:hf_[A-Za-z]{34}|AKIA[A-Z2-7]{16}|ghp_[A-Za-z0-9]{36})(?![A-Za-z0-9_])")
"""What a scan of the bytes as they stand tells: values of three formats that the corpus plants."""

_PREFIXES = (b"hf_", b"AKIA", b"ghp_")

MISTAKES = ("AssertionError", "AttributeError", "NameError", "NotImplementedError", "TypeError", "UnboundLocalError")
MISTAKES += ("MemoryError", "RecursionError")
"""Errors that our own code raises by mistake; other classes are how it meets what a format does not allow."""

_FILTERS_OF_HDF5 = re.compile(rb"\x0b\x00.{6}[\x01\x02]|\x0b.{3}\x02", re.DOTALL)
"""How a message begins that names filters, in headers of either version (sections IV.A.1 and IV.A.2.l of the format)."""

_UNDECODED: Mapping[str, Callable[[bytes], int]] = {
    "Parquet": lambda data: max(0, len(data) - 8 - int.from_bytes(data[-8:-4], "little")),
    "ORC": len,
    "HDF5": lambda data: len(data) if _FILTERS_OF_HDF5.search(data) else 0,
    "Avro": lambda data: len(data) if b"deflate" in data[:HEAD_BYTES] else 0,
}
"""Up to where a file of a kind may hold what is packed and nobody decodes (columns of numbers, indexes), or what is
packed without a checksum: whatever stands there, it was unpacked to something else, and that was told."""

_ASKED_TEXTS = 64
_ASKED_VALUES = 4
_PART = 4
_STOPPED_BY = re.compile(r"cannot be opened \((\w+)\)")


class Watched(Opened):
    """A blob opened, with every law that its reader's pieces must keep."""

    def _note(self, piece: Covered | Problem | Omitted) -> None:
        if isinstance(piece, Covered):
            assert 0 <= piece.start <= piece.end, f"{piece} is no range"
        super()._note(piece)

    # Where a blob is cut off, what is covered may reach behind its end: a stream does not say before where that is.
    def uncovered(self, size: int) -> Iterator[tuple[int, int]]:
        for start, end in super().uncovered(size):
            assert 0 <= start < end <= size
            yield start, end

    def _gap(self, reason: GapReason, detail: str, inner: str | None = None) -> None:
        assert not VALUE.search(detail.encode("utf-8", "replace")), "a gap's message holds text of the file"
        assert "took longer" not in detail, f"too slow for its size: {detail}"
        stopped = _STOPPED_BY.search(detail)
        if stopped is not None:
            mistakes = MISTAKES[:1] if self._kind.native else MISTAKES  # a library in C raises whatever it likes
            assert stopped[1] not in mistakes, f"a mistake in a reader: {stopped[1]}"
        super()._gap(reason, detail, inner)


class Recorder(Looking):
    """Instead of hunting through what is looked at it keeps the text, and the values in it."""

    values: set[bytes]
    texts: list[bytes]
    asked: int

    def part(self, blob: Blob, window: Window, tell: Any = None) -> Seen:
        """A window of a blob as it stands."""
        self._keep(window.data)
        return Seen()

    def in_text(self, blob: Blob, text: Text, tell: Any = None) -> Seen:
        """A text that a reader made, which keeps its laws."""
        self.asked += 1
        keeps_its_starts(text)
        if self.asked <= _ASKED_TEXTS:
            tells_its_places(blob, text)
        self._keep(text.text)
        return Seen()

    def _keep(self, text: bytes) -> None:
        self.texts.append(text)
        self.values.update(values_in(text))

    def begin(self) -> None:
        """Forget what was kept."""
        self.values, self.texts, self.asked = set(), [], 0


class Recording(Inspection):
    """Goes its way through a blob as in a scan, with a recorder. `members` are kept where it is a list."""

    def __init__(self, weights: bool) -> None:
        super().__init__([], Settings(weights=weights), None, frozenset())
        self._budget = BUDGET
        self._looking = self.recorder = Recorder(self._detecting, BUDGET, frozenset())
        self.members: list[tuple[str, bytes]] | None = None

    def opened(self, blob: Blob) -> Seen:
        """Everything that is said of it."""
        self.recorder.begin()
        seen, parts = self.do(blob)  # type: ignore[arg-type]
        assert seen is not None
        assert not parts
        return seen

    def _opened_as(self, blob: Blob, kind: Kind | None, window: Window) -> Kind | None:
        return kind if kind is not None and kind.reader is not None else None

    def _opened(self, blob: Any, kind: Kind, limits: Limits | None = None, tell: Any = None) -> Any:
        limits = limits or Limits(self._budget, self._weights, blob.size, time.process_time)
        return super()._opened(blob, kind, limits, tell)

    def _member(self, member: Any, limits: Limits, tell: Any) -> Seen:
        if self.members is not None:
            cursor = cursor_of(member)
            self.members.append((member.origin.path, cursor.read(0, cursor.size)))
        return super()._member(member, limits, tell)


def values_in(text: bytes) -> list[bytes]:
    """Each value that stands in a text."""
    return VALUE.findall(text) if any(prefix in text for prefix in _PREFIXES) else []


def keeps_its_starts(text: Text) -> None:
    """Entries begin at 0 and behind a line feed each."""
    starts = text.starts
    if starts is None:
        return
    assert all(starts[number] < starts[number + 1] for number in range(len(starts) - 1)), "starts do not ascend"
    for number, start in enumerate(starts):
        assert 0 <= start <= len(text.text), "an entry begins outside of the text"
        assert text.text[start - 1 : start] == b"\n" if number else start == 0, "no line feed before an entry"


def tells_its_places(blob: Blob, text: Text) -> None:
    """A name and a span for wherever something may be found: in a text, or in an entry of it alone."""
    size = blob.size
    if text.starts is None:
        _has_places(blob, size, text)
        return
    asked = [*_spread(len(text.text)), *(found.span() for found in islice(VALUE.finditer(text.text), _ASKED_VALUES))]
    for _, entry in alone(text, asked):
        _has_places(blob, size, entry)


def _has_places(blob: Blob, size: int, text: Text) -> None:
    places = TextPlaces(text, lambda name, value: name, lines_of(text, blob))
    for start, end in _spread(len(text.text)):
        assert isinstance(text.name(start), str)
        place = places.place(start, end)
        assert 0 <= place.byte_start <= place.byte_end <= size, f"{place} of {size} bytes"


def _spread(length: int) -> Iterator[tuple[int, int]]:
    """Some spans in so many bytes: at the beginning, in the middle, at the end."""
    if length:
        yield 0, min(length, 20)
        yield length // 2, min(length, length // 2 + 40)
        yield length - 1, length


def is_guided(blob: Blob, kind: Kind, offsets: Sequence[int]) -> None:
    """A name or none for each offset."""
    names = guided(blob, kind, offsets)
    assert len(names) == len(offsets)
    assert all(name is None or isinstance(name, str) for name in names)


def kind_among(data: bytes, path: str, modules: Collection[str]) -> Kind | None:
    """The kind of such a file, if one of these modules reads or guides it."""
    kind = sniffed(data[:HEAD_BYTES], path)
    return kind if kind is not None and (kind.reader or kind.guide) in modules else None


@cache
def recording(weights: bool) -> Recording:
    """One that looks at the numbers of models, or leaves them out."""
    return Recording(weights)


def recorded(data: bytes, path: str, weights: bool = True) -> tuple[Seen, Recorder]:
    """What is said of a file with these bytes at this path, every law kept."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(opening, "Opened", Watched)
        patched.setattr(pool._Here, "is_worker", True)
        return recording(weights).opened(PathBlob(data, path)), recording(weights).recorder


def _is_torn(value: bytes, texts: bytes) -> bool:
    """Whether at least half of a value was told in parts: a fuzzer puts it where lengths and checksums stand, too."""
    told: set[int] = set()
    for start in range(len(value) - _PART + 1):
        if value[start : start + _PART] in texts:
            told.update(range(start, start + _PART))
    return 2 * len(told) >= len(value)


def members_of(data: bytes, path: str) -> list[tuple[str, bytes]]:
    """Every blob within a blob, at any depth: its path and its bytes."""
    recording(True).members = members = []
    try:
        recorded(data, path)
    finally:
        recording(True).members = None
    return members


def check(data: bytes, path: str, kind: Kind) -> None:
    """Every law, of one input."""
    seen, recorder = recorded(data, path, weights=len(data) % 2 == 0)
    if not seen.left_out:
        texts = b"\n".join(recorder.texts)
        looked_at = data[_UNDECODED[kind.title](data) :] if kind.title in _UNDECODED else data
        for value in set(values_in(looked_at)) - recorder.values:
            assert _is_torn(value, texts), "a value that stands in the bytes is not told any more"
    if kind.guide is not None:
        offsets = {0, len(data) // 3, len(data) // 2, len(data) - 1} | {each.start() for each in VALUE.finditer(data)}
        is_guided(PathBlob(data, path), kind, sorted(offset for offset in offsets if 0 <= offset < len(data)))
