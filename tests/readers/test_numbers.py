"""Text in whole numbers: one letter a number is seen, and so is what stands beside it in the same array."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator

import numpy as np
import pytest

from modelguard.model import GapReason
from modelguard.readers.weights import safetensors
from modelguard.readers.weights.numbers import swapped
from tests.corpus import messages
from tests.corpus.hdf5 import written
from tests.readers.opened import RULES, PathBlob, places, scanned, values
from tests.readers.test_gguf import ARRAY, NAMED, U64, gguf
from tests.readers.test_msgpack import Array, packed
from tests.readers.test_pickled_models import checkpoint, wrapped
from tests.readers.written_messages import text, whole

VALUES = values()


LETTERS = f"x {VALUES.hub} "
MIXED = struct.pack(f"<{len(LETTERS)}q", *LETTERS.encode()) + f"  {VALUES.cloud}".encode().ljust(64)
"""Numbers of eight bytes that are letters, and beside them a value as it stands."""

OF_ONNX = text(5, whole(1, len(MIXED) // 8) + whole(2, 7) + text(8, "ids") + text(9, MIXED))
ARRAYS = {
    "a.gguf": gguf([NAMED, ("a.ids", ARRAY, (U64, struct.unpack(f"<{len(MIXED) // 8}Q", MIXED)))]),
    "a.onnx": messages.onnx(graph=OF_ONNX),
    "b.onnx": messages.onnx(graph=text(5, text(8, "ids") + text(9, MIXED) + whole(2, 7))),
    "a.joblib": checkpoint(("ids", wrapped("i8", (len(MIXED) // 8,), MIXED))),
    "a.h5": written(lambda file: file.attrs.update(ids=np.frombuffer(MIXED, "<i8"))),
    "b.h5": written(lambda file: file.create_dataset("ids", data=np.frombuffer(MIXED, "<i8"), chunks=(9,))),
    "a.msgpack": packed({"ids": Array(("int64", MIXED))}),
}


@pytest.mark.parametrize("path", ARRAYS)
def test_letters_hide_no_bytes_in_any_format(path: str) -> None:
    seen = scanned(ARRAYS[path], path)
    assert set(places(seen)) == {RULES.hub, RULES.cloud}
    assert not seen.gaps


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


def test_whose_bytes_these_are_is_found_without_a_look_at_each_tensor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine hundred values in a file of forty thousand tensors took ten seconds."""
    asked = []

    def tensors(blob: object, data_start: int) -> Iterator[tuple[str, str, int, int]]:
        for at in range(100):
            asked.append(at)
            yield f"w{at}", "F32", data_start + at * 4, data_start + at * 4 + 4
            if at == 50:
                yield "empty", "F32", data_start + 200, data_start + 200
                yield "over all", "F32", data_start, data_start + 204

    monkeypatch.setattr(safetensors, "header_end", lambda blob: 8)
    monkeypatch.setattr(safetensors, "tensors", tensors)
    names = safetensors.guide(PathBlob(bytes(500), "a.safetensors"), range(8, 412))
    assert names == [f'tensor "w{at // 4}", byte {at % 4}' for at in range(400)] + [None] * 4
    assert asked == list(range(100))
    asked.clear()
    assert safetensors.guide(PathBlob(bytes(500), "a.safetensors"), [8, 9]) == [
        f'tensor "w0", byte {at}' for at in (0, 1)
    ]
    assert asked == [0]


def test_a_header_of_safetensors_that_lies_about_one_tensor_covers_none() -> None:
    told = {"w": {"dtype": "F32", "shape": [15], "data_offsets": [0, 60]}, "x": {"data_offsets": [60, 999]}}
    header = json.dumps(told).encode()
    data = struct.pack("<Q", len(header)) + header + VALUES.hub.encode().ljust(60, b"\0")
    seen = scanned(data, "model.safetensors")
    assert [finding.rule for finding in seen.findings] == [RULES.hub]
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
