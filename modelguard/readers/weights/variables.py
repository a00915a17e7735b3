"""Variables of TensorFlow (`variables.data-00000-of-00001`) that are texts, which touch each other there.

Only the index beside the file says where a tensor stands, but before the texts of one are their lengths (each a varint)
and a checksum of these, so a tensor is known for sure by what stands before it. It is looked for where a text begins.
Format: `WriteStringTensor` in tensorflow/core/util/tensor_bundle/tensor_bundle.cc.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from modelguard.model import Blob
from modelguard.readers.interface import Covered, Limits, Piece, entries
from modelguard.readers.runs.checksums import masked_crc32c

_STEP = 4 * 1024 * 1024
_SHORTEST_RUN = 12
_KINDS = bytes(1 if byte in b"\t\n\r" or 0x20 <= byte < 0x7F else 0 for byte in range(256))
_TEXT = re.compile(
    rb"(?:[\t\n\r\x20-\x7e]+|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+", re.DOTALL
)
_SUM_BYTES = 4
_LONGEST = 1 << 28
_MOST_BEFORE = 256 * 1024
"""Bytes of lengths."""

_FIRST_READ = 4096
_LONGEST_SIGN = 4
_MOST_TEXT = 16 * 1024 * 1024
_BEGINS_WITHIN = 128
"""So far into a run of text the texts themselves may begin: lengths and checksums may look like text, too."""

_ENDS_WITHIN = 64
"""So much of what follows the last text may look like text."""

_MOST_STEPS = 1_000_000
"""So many lengths are read and summed for one run."""

_MOST_WAYS = 64


class _Tensor(NamedTuple):
    """Where the texts of a tensor begin, and how long each is."""

    start: int
    lengths: Sequence[int]

    @property
    def end(self) -> int:
        return self.start + sum(self.lengths)


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The texts of tensors, each alone; `strings at byte 8[3]`. See `Reader`."""
    runs = _Runs(blob, limits)
    at = 0
    while (start := runs.following(at)) is not None:
        tensor = _tensor_at(blob, start, limits)
        if tensor is None:
            at = start + _run_bytes(blob, start)
            continue
        yield from _told(blob, tensor, limits)
        at = tensor.end


class _Runs:
    """Finds runs of ASCII that are long enough; what was read is kept until a run lies behind it."""

    def __init__(self, blob: Blob, limits: Limits) -> None:
        self._blob = blob
        self._limits = limits
        self._at = 0
        self._kinds = b""

    def following(self, at: int) -> int | None:
        """Where the first run begins that is not before an offset."""
        run = b"\1" * _SHORTEST_RUN
        while True:
            if self._at <= at < self._at + len(self._kinds):
                found = self._kinds.find(run, at - self._at)
                if found >= 0:
                    return self._at + found
                at = max(at, self._at + len(self._kinds) - _SHORTEST_RUN + 1)
            self._limits.check_time()
            self._at, self._kinds = at, self._blob.read(at, at + _STEP).translate(_KINDS)
            if len(self._kinds) < _SHORTEST_RUN:
                return None


def _run_bytes(blob: Blob, start: int) -> int:
    """How long the text is that begins there, as far as it is read."""
    read = _FIRST_READ
    while True:
        data = blob.read(start, start + read)
        run = _TEXT.match(data)
        end = run.end() if run else 0
        if end < len(data) - _LONGEST_SIGN or len(data) < read or read >= _MOST_TEXT:
            return max(_SHORTEST_RUN, end)
        read *= 4


def _tensor_at(blob: Blob, start: int, limits: Limits) -> _Tensor | None:
    """The tensor whose texts begin in a run, at its begin or a little behind it."""
    first = max(0, start - _MOST_BEFORE)
    end = start + _run_bytes(blob, start)
    limits.spend(end - start)
    before = blob.read(first, min(end, start + _BEGINS_WITHIN))
    steps = 0
    for at in range(max(_SUM_BYTES, start - first), len(before)):
        ways, read = _lengths(before, at - _SUM_BYTES, end - first - at)
        steps += read
        for lengths in reversed(ways):  # what follows seldom looks like text
            steps += len(lengths)
            if steps > _MOST_STEPS:
                return None
            if _sum(lengths) == before[at - _SUM_BYTES : at]:
                return _Tensor(first + at, lengths)
        if steps > _MOST_STEPS:
            return None
    return None


def _sum(lengths: Sequence[int]) -> bytes:
    return masked_crc32c(b"".join(length.to_bytes(4, "little") for length in lengths)).to_bytes(4, "little")


def _lengths(data: bytes, at: int, most: int) -> tuple[list[list[int]], int]:
    """The varints that end at an offset and whose sum fits: each way in which they do, and how many were read.

    A byte with its highest bit set goes on in the next one, so they can be read from the last to the first; only what
    stands before the first may seem to be a part of it.
    """
    ways: list[list[int]] = []
    lengths: list[int] = []
    total = 0
    least = max(1, most - _ENDS_WITHIN)
    while at > 0 and data[at - 1] < 0x80 and len(lengths) < _MOST_STEPS and len(ways) < _MOST_WAYS:
        at -= 1
        length = data[at]
        while at > 0 and data[at - 1] >= 0x80 and length < _LONGEST:
            if least <= total + length <= most:
                ways.append([length, *reversed(lengths)])
            at -= 1
            length = length << 7 | data[at] & 0x7F
        total += length
        if total > most:
            break
        lengths.append(length)
        if total >= least:
            ways.append(lengths[::-1])
    return ways, len(lengths)


def _told(blob: Blob, tensor: _Tensor, limits: Limits) -> Iterator[Piece]:
    data = blob.read(tensor.start, tensor.end)
    limits.spend(len(data))
    starts = list(accumulate(tensor.lengths[:-1], initial=0))
    texts = [data[start : start + length] for start, length in zip(starts, tensor.lengths, strict=True)]

    def span(number: int) -> tuple[int, int]:
        return tensor.start + starts[number], tensor.start + starts[number] + tensor.lengths[number]

    yield entries(texts, lambda number: f"strings at byte {tensor.start}[{number}]", span)
    yield Covered(tensor.start, tensor.end)
