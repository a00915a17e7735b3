from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modelguard.sources.hub.blocks import FIRST_BYTES, Blocks

DATA = bytes(range(256)) * 4096
"""1 MiB in which every place differs from those near it."""


class Far:
    """Bytes that are fetched, and what was asked for."""

    def __init__(self, data: bytes) -> None:
        self.asked: list[tuple[int, int]] = []
        self.blocks = Blocks(self._fetch, len(data))
        self._data = data

    def _fetch(self, start: int, end: int) -> bytes:
        assert 0 <= start < end <= len(self._data)
        self.asked.append((start, end))
        return self._data[start:end]


@given(st.lists(st.tuples(st.integers(0, len(DATA)), st.integers(0, 70_000)), max_size=30))
def test_reads_are_what_the_file_holds(reads: list[tuple[int, int]]) -> None:
    far = Far(DATA)
    for start, count in reads:
        assert far.blocks.read(start, start + count) == DATA[start : start + count]


def test_a_small_file_is_one_request() -> None:
    far = Far(DATA[:1000])
    for start in range(0, 1000, 10):
        far.blocks.read(start, start + 10)
    assert far.asked == [(0, 1000)]


def test_neighbours_are_one_request_and_probes_are_small() -> None:
    far = Far(DATA)
    far.blocks.read(0, 4096)
    far.blocks.read(500_000, 500_030)
    far.blocks.read(499_800, 500_300)
    assert far.asked == [(0, FIRST_BYTES), (498_976, 507_168)]


def test_who_reads_on_is_given_more_at_a_time() -> None:
    far = Far(DATA)
    for start in range(0, len(DATA), 1024):
        far.blocks.read(start, start + 1024)
    assert len(far.asked) < 12
    assert sum(end - start for start, end in far.asked) <= len(DATA) + 1024


PLACE = st.one_of(st.integers(0, 600_000), st.integers(0, 6).map(lambda number: number * FIRST_BYTES))


@given(st.lists(st.tuples(PLACE, st.integers(0, 200_000)), max_size=20), PLACE)
def test_line_feeds_are_counted_as_they_go_by(reads: list[tuple[int, int]], offset: int) -> None:
    data = b"\n".join(b"x" * (number % 50) for number in range(20_000))
    blocks = Blocks(lambda start, end: data[start:end], len(data))
    for start, count in reads:
        blocks.read(start, start + count)
    at, count = blocks.line_feeds_before(offset)
    assert at <= offset and count == data[:at].count(b"\n")


def test_what_is_held_is_bounded() -> None:
    far = Far(DATA)
    blocks = Blocks(lambda start, end: bytes(end - start), 10**12)
    for number in range(100):
        blocks.read(number * 10**9, number * 10**9 + 4_000_000)
    assert blocks._bytes <= 12 * 1024 * 1024 and len(blocks._held) <= 4
    assert far.asked == []
