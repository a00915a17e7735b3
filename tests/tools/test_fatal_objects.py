"""An object that kills its worker, hangs in it or breaks it is a gap of its own; the others are clean or dirty."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Sequence

import pytest

from modelguard.budget import Budget
from modelguard.history.sift import Sift, Sifted
from modelguard.inspection import Asked, Heard, Inspection
from modelguard.model import Blob, GapReason
from modelguard.pool import Pool
from modelguard.settings import Settings
from modelguard.sources.history.listing import Shard, listed_of
from modelguard.sources.history.repository import opened
from modelguard.sources.history.versions import Contents
from tests.tools.repo import Repo

_OBJECTS = 90
_DEEDS = {20: b"kills", 21: b"hangs", 50: b"breaks", 51: b"kills", 89: b"hangs"}
_SECONDS = 0.5


class Touchy(Inspection):
    """Finds what says so, and does not survive some."""

    def __init__(self) -> None:
        super().__init__((), Settings(), 0, frozenset())

    def rules_in(self, blob: Blob) -> Heard:
        return heard(blob.read(0, blob.size))

    def rules_in_each(self, asked: Sequence[Asked]) -> list[Heard]:
        return [heard(each.text) for each in asked]


def heard(text: bytes) -> Heard:
    if b"kills" in text:
        os._exit(9)
    if b"hangs" in text:
        time.sleep(600)
    if b"breaks" in text:
        raise ValueError("what is quoted here may be a value")
    return Heard(frozenset({"a-rule"} if b"dirty" in text else ()), wide=False, near=True)


def sifted(repo: Repo, names: Collection[str], shard_size: int) -> Sifted:
    repository = opened(str(repo.path), ".")
    listed = listed_of(repository, list(names))
    stream = (Shard(repository, tuple(listed[at : at + shard_size])) for at in range(0, len(listed), shard_size))
    pool: Pool[Shard, Sifted] = Pool(Sift(Touchy(), Budget(), Contents(repository, frozenset())), 2, _SECONDS, 3)
    parts = list(pool.run(stream, lambda: None))
    return Sifted(
        blobs=sum(part.blobs for part in parts),
        clean=tuple(name for part in parts for name in part.clean),
        dirty=tuple(each for part in parts for each in part.dirty),
        gaps=tuple(gap for part in parts for gap in part.gaps),
    )


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("shard_size", [1, 30, _OBJECTS])
def test_only_it_is_a_gap(repo: Repo, shard_size: int, packed: bool) -> None:
    texts = [
        b"%d %s\n" % (number, _DEEDS.get(number, b"dirty" if number % 7 == 0 else b"clean"))
        for number in range(_OBJECTS)
    ]
    repo.commit({f"{number:02}.txt": text for number, text in enumerate(texts)})
    names = [repo.head(f"HEAD:{number:02}.txt") for number in range(_OBJECTS)]
    if packed:
        repo.git("repack", "-a", "-d", "--quiet")
    found = sifted(repo, names, shard_size)
    reasons = {b"hangs": GapReason.TIMED_OUT, b"kills": GapReason.CRASHED, b"breaks": GapReason.CRASHED}
    assert {gap.inner: gap.reason for gap in found.gaps} == {
        f"object {names[number]}": reasons[deed] for number, deed in _DEEDS.items()
    }
    assert len(found.gaps) == len(_DEEDS)
    assert all("quoted" not in gap.detail for gap in found.gaps)
    dirty = sorted(number for number in range(0, _OBJECTS, 7) if number not in _DEEDS)
    assert sorted(names.index(each.listed.id) for each in found.dirty) == dirty
    clean = [number for number in range(_OBJECTS) if number not in _DEEDS and number not in dirty]
    assert sorted(names.index(name) for name in found.clean) == clean
    assert found.blobs == len(dirty) + len(clean)
