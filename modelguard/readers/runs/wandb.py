"""`.wandb` files: what a run of Weights & Biases logged, record by record, also where a record is cut in fragments.

Framing: blocks of 32 KiB with records in fragments, as in a log of LevelDB
(https://github.com/google/leveldb/blob/main/doc/log_format.md), behind a header of seven bytes (`:W&B`, a magic number,
a version). Records: https://github.com/wandb/wandb/blob/main/wandb/proto/wandb_internal.proto (field numbers). Between
two fragments stand the seven bytes of a header, so what is cut there shows only when they are joined.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from modelguard.model import Blob, GapReason
from modelguard.readers.interface import Limits, Malformed, Piece, Problem
from modelguard.readers.members import Held
from modelguard.readers.messages import Teller
from modelguard.readers.shapes import Known, Schema, Shape, Step, root
from modelguard.readers.wire import guessed

_FILE_HEADER_BYTES = 7
_BLOCK = 32 * 1024
_FRAGMENT_HEADER_BYTES = 7
_WHOLE, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4

_CONFIG = Known("config", "Config")

SCHEMA = Schema(
    {
        "Record": Shape(
            {
                2: Known("history", "History"),
                3: Known("summary", "Config"),
                4: Known("output", "Output"),
                5: _CONFIG,
                6: Known("files", "Files"),
                7: Known("stats", "Stats"),
                8: Known("artifact", "Artifact"),
                9: Known("tbrecord", "TensorBoard"),
                10: Known("alert", "Alert"),
                13: Known("output_raw", "Output"),
                17: Known("run", "Run"),
                19: Known("uuid"),
            }
        ),
        "History": Shape({1: Known("item", "Item")}),
        "Config": Shape({1: Known("update", "Item"), 2: Known("remove", "Item")}),
        "Item": Shape(
            {1: Known("key"), 2: Known("nested_key", many=True), 16: Known("")}, key=1, other_key=2, pair=True
        ),
        "Stats": Shape({3: Known("item", "Item")}),
        "Output": Shape({3: Known("line")}),
        "Files": Shape({1: Known("files", "File", many=True)}),
        "File": Shape({1: Known("path"), 16: Known("external_path")}),
        "TensorBoard": Shape({1: Known("log_dir"), 3: Known("root_dir")}),
        "Alert": Shape({1: Known("title"), 2: Known("text"), 3: Known("level")}),
        "Run": Shape(
            {
                1: Known("run_id"),
                2: Known("entity"),
                3: Known("project"),
                4: _CONFIG,
                5: Known("summary", "Config"),
                6: Known("run_group"),
                7: Known("job_type"),
                8: Known("display_name"),
                9: Known("notes"),
                10: Known("tags", many=True),
                11: Known("settings", "Settings"),
                12: Known("sweep_id"),
                13: Known("host"),
                16: Known("storage_id"),
                21: Known("git", "Git"),
            }
        ),
        "Settings": Shape({1: Known("item", "Item")}),
        "Git": Shape({1: Known("remote_url"), 2: Known("commit")}),
        "Artifact": Shape(
            {
                1: Known("run_id"),
                2: Known("project"),
                3: Known("entity"),
                4: Known("type"),
                5: Known("name"),
                6: Known("digest"),
                7: Known("description"),
                8: Known("metadata"),
                11: Known("aliases", many=True),
                12: Known("manifest", "Manifest"),
            }
        ),
        "Manifest": Shape(
            {2: Known("storage_policy"), 3: Known("storage_policy_config", "Extra"), 4: Known("contents", "Content")}
        ),
        "Content": Shape(
            {
                2: Known("digest"),
                3: Known("ref"),
                5: Known("mimetype"),
                6: Known("local_path"),
                16: Known("extra", "Extra"),
            },
            key=1,
        ),
        "Extra": Shape({1: Known("key"), 2: Known("")}, key=1, pair=True),
    }
)


class Fragment(NamedTuple):
    """A part of a record: which one it is (whole, first, middle, last), and its bytes in the file."""

    kind: int
    start: int
    end: int
    sum: int


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Every string of every record. See `Reader`."""
    teller = Teller(blob, limits, SCHEMA)
    teller.passed(0, min(_FILE_HEADER_BYTES, blob.size))
    found = _Records()
    failure: Malformed | None = None
    pieces = _fragments(blob)
    while True:
        try:
            fragment = next(pieces, None)
        except Malformed as error:
            failure, fragment = error, None
        if fragment is None:
            break
        data = blob.read(fragment.start, fragment.end)
        found.wrong += zlib.crc32(data, zlib.crc32(bytes([fragment.kind]))) != fragment.sum
        for each in found.add(fragment, limits.budget.held_bytes):
            teller.leave(each.start, each.end)
        record = found.complete()
        if len(record) == 1:
            teller.passed(fragment.start - _FRAGMENT_HEADER_BYTES, fragment.start)
            yield from teller.tell_as(
                *_of(teller, found.count, fragment.start, fragment.end), fragment.start, fragment.end
            )
        elif record:
            yield from _joined(blob, limits, found.count, record)
            teller.passed(record[0].start - _FRAGMENT_HEADER_BYTES, fragment.end)
        found.count += bool(record)
    for each in found.add(None, 0):
        teller.leave(each.start, each.end)
    yield from teller.finish()
    if found.wrong:
        detail = f"records that do not match their checksum, or have lost a part ({found.wrong}); they were looked at"
        yield Problem(GapReason.MALFORMED, detail)
    if failure is not None:
        raise failure


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """The record that a byte belongs to. See `Guide`."""
    names: list[str | None] = []
    number = 0
    pieces = _fragments(blob)
    fragment = next(pieces, None)
    for offset in offsets:
        while fragment is not None and offset >= fragment.end:
            number += fragment.kind in (_WHOLE, _LAST)
            fragment = next(pieces, None)
        names.append(None if fragment is None else f"record {number}")
    return names


class _Records:
    """Fragments put together. `count` is how many records were complete, `wrong` counts what does not fit."""

    def __init__(self) -> None:
        self.count = 0
        self.wrong = 0
        self._open: list[Fragment] = []
        self._size = 0

    def add(self, fragment: Fragment | None, most: int) -> list[Fragment]:
        """Take the next fragment, or none at the end; returns those that belong to no record."""
        lost: list[Fragment] = []
        goes_on = fragment is not None and fragment.kind in (_MIDDLE, _LAST)
        if not goes_on:
            lost, self._open, self._size = self._open, [], 0
        if fragment is not None:
            self._size += fragment.end - fragment.start
            self._open.append(fragment)
            if (goes_on and len(self._open) == 1) or self._size > most:
                lost, self._open, self._size = [*lost, *self._open], [], 0
        self.wrong += bool(lost)
        return lost

    def complete(self) -> list[Fragment]:
        """The fragments of the record that is complete now."""
        if not self._open or self._open[-1].kind not in (_WHOLE, _LAST):
            return []
        record, self._open, self._size = self._open, [], 0
        return record


def _of(teller: Teller, number: int, first: int, last: int) -> tuple[Step, Shape | None]:
    known = guessed(teller.source, first, last) is not None
    return root(f"record {number}"), SCHEMA.shapes["Record"] if known else None


def _joined(blob: Blob, limits: Limits, number: int, record: Sequence[Fragment]) -> Iterator[Piece]:
    """A record whose fragments stand in several blocks."""
    data = b"".join(blob.read(each.start, each.end) for each in record)
    limits.spend(len(data))
    starts = [0]
    for each in record:
        starts.append(starts[-1] + each.end - each.start)

    def place(offset: int) -> int:
        at = max(0, min(bisect_right(starts, offset) - 1, len(record) - 1))
        return record[at].start + offset - starts[at]

    teller = Teller(
        Held(blob, f"record {number}", data),
        limits,
        SCHEMA,
        lambda first, last: (place(first), place(max(first, last - 1)) + (last > first)),
    )
    yield from teller.tell_as(*_of(teller, number, 0, len(data)), 0, len(data))
    yield from teller.finish()


def _fragments(blob: Blob) -> Iterator[Fragment]:
    """The fragments of a file.

    Raises:
        Malformed: what follows is none.
    """
    at, size = _FILE_HEADER_BYTES, blob.size
    while at + _FRAGMENT_HEADER_BYTES <= size:
        left = _BLOCK - at % _BLOCK
        header = blob.read(at, at + _FRAGMENT_HEADER_BYTES)
        if left < _FRAGMENT_HEADER_BYTES or not any(header):
            at += left
            continue
        length, kind = int.from_bytes(header[4:6], "little"), header[6]
        start = at + _FRAGMENT_HEADER_BYTES
        at = start + length
        if not _WHOLE <= kind <= _LAST or length > left - _FRAGMENT_HEADER_BYTES:
            raise Malformed("a record has no such kind or length")
        if at > size:
            raise Malformed("it ends within a record")
        yield Fragment(kind, start, at, int.from_bytes(header[:4], "little"))
    if at < size:
        raise Malformed("it ends within the head of a record")
