"""Every kind of file, cut short at every byte and with its fields made lies: what is beside it is found all the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice

import pytest

from modelguard.readers.kinds import KINDS
from tests.hostile.readers.samples import SAMPLES, Sample
from tests.hostile.readers.watched import BESIDE, SMALL, found, looked
from tests.readers.opened import RULES

LIES = (
    b"\0" * 4,
    b"\xff",
    b"\xff" * 4,
    b"\xff\xff\xff\x7f",
    b"\x80\0\0\0",
    b"\xf8" + b"\xff" * 7,
    b"\x7f" + b"\xff" * 7,
)
"""Zero, huge, and less than zero, in both orders of bytes."""

_EVERY = 96
_AT_MOST = 40
_MOST_MISSED = 2
_LIES_AT_A_PLACE = 2


def test_every_row_has_a_sample() -> None:
    """A reader that is new needs a hostile file: add one to `samples.py`."""
    sampled = [sample.kind for sample in SAMPLES]
    assert [kind.title for kind in KINDS if not any(kind is each for each in sampled)] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_a_sample_is_read(sample: Sample) -> None:
    assert RULES.cloud in found(looked(sample.data, sample.path))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_what_follows_a_file_that_is_cut_short_is_found(sample: Sample) -> None:
    missed = [end for end in _places(sample.data) if not _is_found(sample.data[:end], sample.path)]
    assert len(missed) <= _MOST_MISSED, missed


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_what_follows_a_file_that_lies_is_found(sample: Sample) -> None:
    """Some of the lies at each place, all of them at any few places side by side: fuzzing tells the rest."""
    missed = []
    lies = cycle(LIES)
    for at in _places(sample.data):
        for lie in islice(lies, _LIES_AT_A_PLACE):
            broken = (sample.data[:at] + lie + sample.data[at + len(lie) :])[: len(sample.data)]
            if not _is_found(broken, sample.path):
                missed.append((at, lie))
    assert len(missed) <= _MOST_MISSED, missed


def _is_found(data: bytes, path: str) -> bool:
    """Whether a value behind these bytes is found; if not, something must be said.

    Policy leaves out tensors, and a lie may make one of whatever follows; and half of the value may be a string of its
    own, if a message is cut right before it.
    """
    seen = looked(data + BESIDE, path, SMALL)
    if RULES.hub in found(seen):
        return True
    assert seen.left_out or seen.gaps, (path, data)
    return bool(seen.left_out)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_what_stands_twice_or_in_itself(sample: Sample) -> None:
    half = len(sample.data) // 2
    for broken in (sample.data * 2, sample.data[:half] * 2 + sample.data[half:], sample.data[:half] + sample.data):
        assert RULES.hub in found(looked(broken + BESIDE, sample.path, SMALL))


def _places(data: bytes) -> Iterator[int]:
    """Each byte of a small file or of the first bytes of a large one, and some of the others."""
    yield from range(min(_EVERY, len(data)))
    yield from range(_EVERY, len(data), max(1, (len(data) - _EVERY) // _AT_MOST))
