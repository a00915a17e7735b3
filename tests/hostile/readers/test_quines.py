"""Archives that hold themselves are opened as deep as any, and a gap says where that ends."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from modelguard.model import GapReason
from tests.hostile.readers.quines import gzip_quine, zip_quine
from tests.hostile.readers.watched import BESIDE, HUB, found, looked
from tests.packed import tarred, zipped
from tests.readers.opened import RULES

_QUINES = {"a.gz": gzip_quine, "a.zip": zip_quine}


def test_they_are_what_they_hold() -> None:
    data = gzip_quine()
    assert gzip.decompress(data) == data
    data = zip_quine()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (name,) = archive.namelist()
        assert archive.read(name) == data


@pytest.mark.parametrize("path", _QUINES)
def test_one_by_itself(path: str) -> None:
    seen = looked(_QUINES[path](), path)
    assert [gap.reason for gap in seen.gaps] == [GapReason.OVER_BUDGET]
    assert not seen.findings
    assert seen.blobs < 20


@pytest.mark.parametrize("path", _QUINES)
def test_what_stands_behind_one_is_found(path: str) -> None:
    seen = looked(_QUINES[path]() + BESIDE, path)
    assert RULES.hub in found(seen)


@pytest.mark.parametrize("path", _QUINES)
@pytest.mark.parametrize(("pack", "outer"), [(zipped, "all.zip"), (tarred, "all.tar")])
def test_what_lies_beside_one_is_found(path: str, pack: object, outer: str) -> None:
    members = (path, _QUINES[path]()), ("b/.env", b"HF_TOKEN=" + HUB + b"\n")
    seen = looked(pack(*members), outer)  # type: ignore[operator]
    assert RULES.hub in found(seen)
    assert {gap.reason for gap in seen.gaps} == {GapReason.OVER_BUDGET}


@pytest.mark.parametrize("path", _QUINES)
def test_one_in_a_packed_tar(path: str) -> None:
    seen = looked(gzip.compress(tarred((path, _QUINES[path]()), (".env", HUB))), "all.tar.gz")
    assert RULES.hub in found(seen)
    assert {gap.reason for gap in seen.gaps} == {GapReason.OVER_BUDGET}
