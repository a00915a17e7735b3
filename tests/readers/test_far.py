"""A blob that is far away: the same findings as of one that is near, for fewer bytes."""

from __future__ import annotations

import random

import pytest

from modelguard.inspection import Inspection
from modelguard.pipeline import chosen_rules
from modelguard.rules.templates import expand
from modelguard.seen import Seen
from modelguard.settings import Settings
from modelguard.sources.stdin import BytesBlob
from tests.corpus.make import FAMILIES

INSPECTION = Inspection(chosen_rules(Settings()), Settings(), 1000, frozenset())
TOKEN = expand("hf_<alnum:34>").encode()


class Counted(BytesBlob):
    """Bytes, and how many of them were asked for."""

    __slots__ = ("asked",)

    def __init__(self, data: bytes, shown: str) -> None:
        super().__init__(data, shown)
        self.asked = 0

    def read(self, start: int, end: int) -> bytes:
        data = super().read(start, end)
        self.asked += len(data)
        return data


class Far(Counted):
    __slots__ = ()

    is_far = True


@pytest.fixture(autouse=True)
def may_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries in C may parse here what this test makes."""
    monkeypatch.setattr("modelguard.inspection.may_end", lambda: True)


def seen(blob: BytesBlob) -> Seen:
    said, parts = INSPECTION.do(blob)
    assert said is not None and not parts
    return said


def told(said: Seen) -> set[tuple[object, ...]]:
    return {(each.rule, each.fingerprint, each.place) for each in said.findings} | {
        (each.reason, each.detail, each.inner) for each in said.gaps
    }


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 200_000, 5_000_000])
@pytest.mark.parametrize("path", ["a.txt", "a.json", "a.pyc", "a.bin"])
def test_the_same_is_found(size: int, path: str) -> None:
    data = random.Random(size).randbytes(size // 2).hex().encode()[: max(0, size - 50)] + b" " + TOKEN + b"\n"
    near, far = seen(BytesBlob(data, path)), seen(Far(data, path))
    assert told(near) == told(far) and near.findings
    assert near.bytes == far.bytes


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_is_found_in_every_kind_of_file(family: str) -> None:
    for item in FAMILIES[family](1):
        near, far = Counted(item.data, item.path), Far(item.data, item.path)
        assert told(seen(near)) == told(seen(far)), item.path
        assert far.asked <= near.asked + 2 * 4097, item.path


def test_a_zip_behind_something_is_seen_by_its_end() -> None:
    import io
    import zipfile

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(".env", b"TOKEN=" + TOKEN)
    data = b"#!/bin/sh\nexit 0\n" + b"#" * 100_000 + b"\n" + held.getvalue()
    assert told(seen(BytesBlob(data, "install"))) == told(seen(Far(data, "install")))
    assert [each.place.inner for each in seen(Far(data, "install")).findings] == [".env"]


def test_weights_are_not_read() -> None:
    import json
    import struct

    header = json.dumps({"w": {"dtype": "F32", "shape": [10**6], "data_offsets": [0, 4 * 10**6]}}).encode()
    data = struct.pack("<Q", len(header)) + header + bytes(4 * 10**6)
    near, far = Counted(data, "model.safetensors"), Far(data, "model.safetensors")
    assert told(seen(near)) == told(seen(far))
    assert near.asked > 4 * 10**6 and far.asked < 10_000
