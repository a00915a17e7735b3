"""Text in whole numbers: one letter a number is seen, and so is what stands beside it in the same array."""

from __future__ import annotations

import json
import struct

import pytest

from modelguard.model import GapReason
from modelguard.readers.weights.numbers import swapped
from tests.readers.opened import RULES, places, scanned, values

VALUES = values()


@pytest.mark.parametrize(("kind", "form"), [("I16", "h"), ("U32", "I"), ("I64", "q")])
def test_letters_do_not_hide_the_bytes_beside_them(kind: str, form: str) -> None:
    letters = f"x {VALUES.hub} "
    data = struct.pack(f"<{len(letters)}{form}", *letters.encode()) + f"  {VALUES.cloud}".encode().ljust(64)
    header = json.dumps({"ids": {"dtype": kind, "shape": [1], "data_offsets": [0, len(data)]}}).encode()
    seen = scanned(struct.pack("<Q", len(header)) + header + data, "model.safetensors")
    found = places(seen)
    assert set(found) == {RULES.hub, RULES.cloud}
    assert all((place or "").startswith('tensor "ids"') for place in found.values())


def test_the_other_byte_order() -> None:
    assert swapped(b"abcdefgh12", 4) == b"dcbahgfe"


def test_a_header_of_safetensors_that_lies_about_one_tensor_covers_none() -> None:
    told = {"w": {"dtype": "F32", "shape": [15], "data_offsets": [0, 60]}, "x": {"data_offsets": [60, 999]}}
    header = json.dumps(told).encode()
    data = struct.pack("<Q", len(header)) + header + VALUES.hub.encode().ljust(60, b"\0")
    seen = scanned(data, "model.safetensors")
    assert [finding.rule for finding in seen.findings] == [RULES.hub]
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
