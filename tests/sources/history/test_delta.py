"""A delta makes what git would make of it, and what it says is new is new, and nothing besides."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelguard.sources.history.delta import DeltaError, applied, fresh_in, windows

from .deltas import Step, delta_of

BASES = st.binary(min_size=1, max_size=400)


@st.composite
def made(draw: st.DrawFn) -> tuple[bytes, list[Step]]:
    base = draw(BASES)
    copies = st.integers(0, len(base) - 1).flatmap(
        lambda start: st.tuples(st.just(start), st.integers(1, len(base) - start))
    )
    return base, draw(st.lists(st.one_of(copies, st.binary(min_size=1, max_size=300)), max_size=8))


@settings(deadline=None)
@given(made())
def test_between_what_is_new_lie_runs_of_the_base(pair: tuple[bytes, list[Step]]) -> None:
    base, steps = pair
    delta, result = delta_of(base, steps)
    assert applied(delta, base, len(result)) == result
    fresh = fresh_in(delta, len(base), len(result))
    edges = [0, *fresh, len(result)]
    runs = [result[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    assert all(run in base for run in runs)
    assert base.startswith(runs[0]) and base.endswith(runs[-1])  # no seam: what is beside it is the same, too


@settings(deadline=None)
@given(made(), st.integers(0, 50))
def test_windows_hold_what_is_new_and_do_not_touch(pair: tuple[bytes, list[Step]], margin: int) -> None:
    base, steps = pair
    delta, result = delta_of(base, steps)
    fresh = fresh_in(delta, len(base), len(result))
    found = windows(fresh, len(result), margin)
    assert all(0 <= start <= end <= len(result) for start, end in found)
    assert all(before[1] < after[0] for before, after in pairwise(found))
    for at in range(0, len(fresh), 2):
        wanted = max(0, fresh[at] - margin), min(len(result), fresh[at + 1] + margin)
        assert any(start <= wanted[0] and wanted[1] <= end for start, end in found)


def test_large_copies() -> None:
    base = bytes(range(256)) * 1000
    delta, result = delta_of(base, [(0, len(base)), b"tail"])
    assert result == base + b"tail"
    assert applied(delta, base, len(result)) == result
    assert fresh_in(delta, len(base), len(result)) == [len(base), len(base) + 4]


@settings(deadline=None)
@given(made(), st.data())
def test_a_broken_delta_is_refused_or_makes_an_object_of_this_size(
    pair: tuple[bytes, list[Step]], data: st.DataObject
) -> None:
    base, _ = pair
    delta, result = delta_of(*pair)
    broken = bytearray(delta)
    for _ in range(data.draw(st.integers(1, 3))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(broken[: data.draw(st.integers(0, len(broken)))])
    try:
        content = applied(cut, base, len(result))
    except DeltaError:
        with pytest.raises(DeltaError):
            fresh_in(cut, len(base), len(result))
        return
    fresh = fresh_in(cut, len(base), len(result))
    assert len(content) == len(result)
    assert all(0 <= at <= len(result) for at in fresh) and fresh == sorted(fresh)


@pytest.mark.parametrize("delta", [b"", b"\x05", b"\x05\x05\x00", b"\x80" * 40, b"\x05\x05\x91\x00", b"\x01\x02\x05ab"])
def test_what_is_no_delta_is_refused(delta: bytes) -> None:
    with pytest.raises(DeltaError):
        applied(delta, b"12345", 5)
    with pytest.raises(DeltaError):
        fresh_in(delta, 5, 5)


@pytest.mark.parametrize(
    "delta",
    [
        b"\x05\x05\x91\x03\x05",  # a copy that runs out of the base
        b"\x05\x05\x05abc",  # an insert that runs out of the delta
        b"\x05\x05\x02ab\x05abc",  # the same where the sizes agree
        b"\x06\x05\x90\x05",  # for another base
        b"\x05\x06\x90\x05\x01a",  # for another object
        b"\x05\x05\x90\x05\x01a\x01a",  # more than there should be
        b"\x05\xff\xff\xff\xff\xff\xff\x7f\x90\x05",  # more than there is room for
    ],
)
def test_what_makes_something_else_is_refused(delta: bytes) -> None:
    with pytest.raises(DeltaError):
        applied(delta, b"12345", 5)
    with pytest.raises(DeltaError):
        fresh_in(delta, 5, 5)
