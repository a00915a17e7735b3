"""What cannot be opened is said in words of our own: nothing of a file, and nothing of what a library says of it."""

from __future__ import annotations

import pytest

from modelguard.model import GapReason
from tests.corpus import safetensors
from tests.hostile.readers.samples import CLOUD, SAMPLES, VALUES, Sample
from tests.hostile.readers.watched import SMALL, looked, tells_nothing
from tests.packed import tarred, zipped

MARK = "Quetzalcoatl"
_OURS = set("0123456789 ()'[];:,.-%&") | set(map(chr, range(0x41, 0x5B))) | set(map(chr, range(0x61, 0x7B)))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.path)
def test_no_gap_quotes_a_file(sample: Sample) -> None:
    data = sample.data.replace(CLOUD.encode(), MARK.ljust(len(CLOUD), "x").encode())
    step = max(1, len(data) // 40)
    for at in range(0, len(data), step):
        for broken in (
            data[:at],
            data[:at] + MARK.encode() + data[at + len(MARK) :],
            data[:at] + b"\xff\0\n" + data[at:],
        ):
            for gap in looked(broken, sample.path, SMALL).gaps:
                assert MARK not in gap.detail
                assert set(gap.detail) <= _OURS, gap.detail


def _encrypted(name: str) -> bytes:
    data = bytearray(zipped((name, b"x" * 20)))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


NAMED = f"{VALUES.forge}.npy"
_TENSORS = safetensors.written({"w": safetensors.floats(1, 9)})


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a.zip", _encrypted(NAMED)),
        ("a.zip", zipped((NAMED, b"x" * 50)).replace(b"\x08\0", b"\x63\0")),
        ("a.zip", zipped((NAMED, b"\x93NUMPY\1\0xx"))),
        ("a.tar", tarred((NAMED, b"\x93NUMPY\1\0xx"))),
        ("a.zip", zipped((f"{VALUES.forge}/inner.zip", zipped((NAMED, b"\x93NUMPY\1\0xx"))))),
    ],
)
def test_a_value_in_the_name_of_a_member_is_not_in_its_gap(path: str, data: bytes) -> None:
    seen = looked(data, path)
    assert {gap.reason for gap in seen.gaps} <= {GapReason.MALFORMED, GapReason.UNREADABLE}
    assert seen.gaps
    assert all("***" in (gap.inner or "") for gap in seen.gaps)


def test_nor_in_the_place_of_what_is_in_it_nor_in_what_was_left_out() -> None:
    inner = (f"{VALUES.forge}/w.safetensors", _TENSORS), (f"{VALUES.forge}/.env", f"x = {VALUES.hub}\n".encode())
    seen = looked(zipped(*inner), "a.zip")
    assert seen.left_out
    assert any("***" in (each.place.inner or "") for each in seen.findings)
    tells_nothing(seen)
