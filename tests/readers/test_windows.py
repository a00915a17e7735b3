"""A blob in windows: each value is found once, wherever the windows' edges fall."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from modelguard import inspection
from modelguard.budget import Budget
from modelguard.inspection import Inspection
from modelguard.model import Finding
from modelguard.pipeline import chosen_rules
from modelguard.readers.raw import read_raw
from modelguard.readers.wide import read_wide
from modelguard.readers.windows import read_window, window_ranges
from modelguard.rules.templates import expand
from modelguard.settings import Settings
from tests.readers.test_offsets import Bytes

TOKEN = expand("hf_<alpha:34>").encode()
SMALL = replace(Budget(), window_bytes=256, overlap_bytes=160)


@pytest.fixture(scope="module")
def looking() -> Inspection:
    found = Inspection(chosen_rules(Settings(only=("hf-user-token",))), Settings(), None, frozenset())
    found._budget = SMALL
    return found


def findings(looking: Inspection, data: bytes) -> list[Finding]:
    seen, parts = looking.do(Bytes(data))
    assert seen is not None and not parts
    assert seen.bytes == len(data)
    return list(seen.findings)


@given(st.integers(0, 5000), st.integers(1, 700), st.integers(0, 300))
def test_windows_own_every_byte_once(size: int, window: int, overlap: int) -> None:
    budget = replace(Budget(), window_bytes=window, overlap_bytes=overlap)
    ranges = window_ranges(size, budget)
    assert ranges[0][0] == 0 and ranges[-1][1] == size
    assert all(one[1] == other[0] for one, other in itertools.pairwise(ranges))
    data = bytes(at % 251 for at in range(size))
    for owned in ranges:
        window_of = read_window(Bytes(data), owned, budget)
        assert (window_of.owned_from, window_of.owned_to) == owned
        assert window_of.data == data[max(0, owned[0] - overlap) : owned[1] + overlap]
        assert data[window_of.start :].startswith(window_of.data)


@pytest.mark.parametrize("at", [*range(200, 300), 511, 512, 513])
def test_a_value_at_an_edge_is_found_once(looking: Inspection, at: int) -> None:
    data = b" " * at + TOKEN + b" " * (900 - at)
    (finding,) = findings(looking, data)
    assert data[finding.place.byte_start : finding.place.byte_end] == TOKEN


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("at", [190, 215, 230, 254, 255, 256, 257, 300])
def test_wide_text_at_an_edge_is_found_once(looking: Inspection, codec: str, at: int) -> None:
    wide = f" {TOKEN.decode()} ".encode(codec)
    data = b"\xfe" * at + wide + b"\xfe" * 500
    (finding,) = findings(looking, data)
    assert data.index(TOKEN.decode().encode(codec)) <= finding.place.byte_start < at + 2 * (len(wide) // len(TOKEN)) + 4


@given(st.lists(st.integers(0, 400), min_size=1, max_size=8))
def test_values_anywhere_are_found_in_order(gaps: list[int]) -> None:
    looking = Inspection(RULES, Settings(), None, frozenset())
    looking._budget = SMALL
    data = b"".join(b" " * gap + b" " + TOKEN for gap in gaps)
    starts = [finding.place.byte_start for finding in findings(looking, data)]
    assert starts == [at for at in range(len(data)) if data.startswith(TOKEN, at)]


RULES = chosen_rules(Settings(only=("hf-user-token",)))


@given(st.binary(max_size=400), st.integers(0, 200))
def test_a_segment_knows_its_way_back(data: bytes, start: int) -> None:
    blob = Bytes(b"\x01" * start + data)
    window = read_window(blob, (0, blob.size), Budget())
    for segment in (read_raw(window), *read_wide(window)):
        for at, byte in enumerate(segment.text):
            back = segment.blob_offset(at)
            joint = byte == 0x0A and any(at + 1 == first for first, _ in segment.runs)
            assert joint or blob.data[back] == byte


def test_a_blob_that_can_be_read_again_is_shared(looking: Inspection) -> None:
    class Shared(Bytes):
        def again(self) -> Shared:
            return self

    data = (b" " * 300 + TOKEN) * 5
    seen, parts = looking.do(Shared(data))
    assert seen is not None
    assert len(parts) == len(window_ranges(len(data), SMALL)) - 1 >= inspection._SHARED_FROM_WINDOWS - 1
    results = [seen, *(looking.do(part)[0] for part in parts)]
    assert sum(result.bytes for result in results if result) == len(data)
    assert sum(result.blobs for result in results if result) == 1
    assert sum(len(result.findings) for result in results if result) == 5
