"""What PyTorch and joblib write around pickles: numbers are passed over where they are weights, text is found."""

from __future__ import annotations

import pickle
import struct
import zipfile
import zlib

import lz4.frame
import pytest

from modelguard.model import GapReason
from modelguard.seen import Seen
from tests.packed import zipped
from tests.readers.opened import RULES, bears_damage, opened, places, scanned, values

VALUES = values()
MAGIC = 0x1950A86A20F9469CFC6C


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def tensor(kind: str, key: str, count: int) -> bytes:
    """A tensor in a pickle of PyTorch: a call of what rebuilds it with its storage."""
    named = (
        text("storage")
        + b"ctorch\n"
        + kind.encode()
        + b"Storage\n"
        + text(key)
        + text("cpu")
        + b"M"
        + struct.pack("<H", count)
    )
    return b"ctorch._utils\n_rebuild_tensor_v2\n((" + named + b"tQK\x00)tR"


def checkpoint(*members: tuple[str, bytes]) -> bytes:
    """A dict in protocol 2."""
    return b"\x80\x02}(" + b"".join(text(name) + value for name, value in members) + b"u."


def code_points(value: str, width: int) -> bytes:
    return b"".join(ord(each).to_bytes(width, "little") for each in value)


HIDDEN = "key = " + VALUES.forge


def model(method: int = zipfile.ZIP_STORED, floats: bytes = VALUES.cloud.encode() + b" " * 12) -> bytes:
    settings = b"}(" + text("hub_token") + text(VALUES.hub) + b"u"
    pickled = checkpoint(
        (
            "state_dict",
            b"}(" + text("w") + tensor("Float", "0", 8) + text("ids") + tensor("Long", "1", len(HIDDEN)) + b"u",
        ),
        ("rng", tensor("Byte", "2", 60)),
        ("hyper_parameters", settings),
    )
    seeds = b"\x01" * 17 + b" " + values(2).cloud.encode() + b" " + b"\x01" * 21
    return zipped(
        ("archive/data.pkl", pickled),
        ("archive/data/0", floats),
        ("archive/data/1", code_points(HIDDEN, 8)),
        ("archive/data/2", seeds[:60]),
        ("archive/version", b"3\n"),
        method=method,
    )


def left(seen: Seen) -> int:
    return sum(each.bytes or 0 for each in seen.left_out)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_that_are_weights_are_left_out_and_said_so(method: int) -> None:
    seen = scanned(model(method), "model.ckpt")
    expected = {
        RULES.hub: 'archive/data.pkl → ["hyper_parameters"]["hub_token"]',
        RULES.cloud: "archive/data/2",
    }
    if method == zipfile.ZIP_STORED:
        expected[RULES.forge] = "archive/data/1[6]"
    assert {
        rule: place for rule, place in places(seen).items() if rule != RULES.forge or method == zipfile.ZIP_STORED
    } == expected
    assert left(seen) == 32
    assert not seen.gaps


def test_weights_are_looked_at_when_asked_for() -> None:
    seen = scanned(model(), "model.ckpt", weights=True)
    assert [finding.place.inner for finding in seen.findings if finding.rule == RULES.cloud] == [
        "archive/data/0",
        "archive/data/2",
    ]
    assert not seen.left_out


def test_a_member_that_is_not_as_long_as_the_weights_is_looked_at() -> None:
    seen = scanned(model(floats=b"notes: " + VALUES.cloud.encode() + b"\n"), "model.ckpt")
    assert "archive/data/0" in {finding.place.inner for finding in seen.findings}
    assert not seen.left_out


def legacy(*, counts: tuple[int, int] = (8, 60)) -> bytes:
    """PyTorch's older format: five pickles, and the storages in the order of the last one."""
    pickled = checkpoint(
        ("w", tensor("Float", "11", 8)), ("rng", tensor("Byte", "12", 60)), ("notes", text("a\nb " + VALUES.hub))
    )
    parts = [pickle.dumps(each, 2) for each in (MAGIC, 1001, {"little_endian": True})]
    parts += [pickled, pickle.dumps(["11", "12"], 2)]
    floats = b" " + VALUES.cloud.encode() + b" " * 11
    seeds = (b" " + VALUES.forge.encode() + b" " * 60)[:60]
    return b"".join(parts) + struct.pack("<q", counts[0]) + floats + struct.pack("<q", counts[1]) + seeds


def test_storages_behind_pickles() -> None:
    seen = scanned(legacy(), "model.pth")
    assert {finding.rule: finding.place.inner for finding in seen.findings} == {
        RULES.hub: '["notes"]:2',
        RULES.forge: None,
    }
    assert left(seen) == 32
    assert not seen.gaps


def test_storages_that_are_not_where_they_should_be_are_looked_at() -> None:
    seen = scanned(legacy(counts=(9, 60)), "model.pth")
    assert {finding.rule for finding in seen.findings} == set(RULES)
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def wrapped(dtype: str, shape: tuple[int, ...], data: bytes, alignment: bool = True) -> bytes:
    """An array as joblib writes it into a pickle: a wrapper, and the numbers behind it."""
    sizes = b"(" + b"".join(b"M" + struct.pack("<H", size) for size in shape) + b"t"
    made = b"cnumpy\ndtype\n" + text(dtype) + b"\x89\x88\x87R"
    state = text("shape") + sizes + text("order") + text("C") + text("dtype") + made
    state += text("numpy_array_alignment_bytes") + (b"K\x10" if alignment else b"N")
    padding = b"\x05" + b"\xff" * 5 if alignment else b""
    return b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(" + state + b"ub" + padding + data


FLOATS = b" " + VALUES.cloud.encode() + b"N" * 19


@pytest.mark.parametrize("alignment", [True, False])
def test_arrays_between_opcodes(alignment: bool) -> None:
    data = checkpoint(
        ("before", text(VALUES.forge)),
        ("array", wrapped("f8", (1, 5), FLOATS, alignment)),
        ("objects", wrapped("O8", (1,), pickle.dumps([{"api_token": values(2).forge}], 5), alignment=False)),
        ("after", b"}(" + text("hub_token") + text(VALUES.hub) + b"u"),
    )
    seen = scanned(data, "model.joblib")
    assert sorted((finding.rule, finding.place.inner) for finding in seen.findings) == [
        (RULES.forge, '["before"]'),
        (RULES.forge, '["objects"][0]["api_token"]'),
        (RULES.hub, '["after"]["hub_token"]'),
    ]
    assert left(seen) == 40
    assert not seen.gaps


@pytest.mark.parametrize(
    ("dtype", "encoding"), [("U40", "utf-32-le"), ("U40", "utf-32-be"), ("S40", "ascii")], ids=["le", "be", "bytes"]
)
def test_texts_of_an_array_are_looked_at_each_alone(dtype: str, encoding: str) -> None:
    """A forge token has 40 letters: nothing stands between it and the next text."""
    letters = "".join(value.ljust(40, "\0") for value in VALUES).encode(encoding)
    data = checkpoint(("array", wrapped(dtype, (3,), letters)), ("after", text("x")))
    told = {RULES.hub: "array[0]", RULES.cloud: "array[1]", RULES.forge: "array[2]"}
    assert places(scanned(data, "model.joblib")) == told


def test_an_array_of_text_that_is_none_is_looked_at_as_it_stands() -> None:
    data = checkpoint(("array", wrapped("U10", (1,), VALUES.hub.ljust(40).encode())), ("after", text("x")))
    assert places(scanned(data, "model.joblib")) == {RULES.hub: None}


@pytest.mark.parametrize("shape", [(60_000, 60_000, 60_000), (65_535,), (1,) * 200])
def test_arrays_whose_size_is_a_lie(shape: tuple[int, ...]) -> None:
    data = checkpoint(("array", wrapped("f8", shape, FLOATS)), ("after", text(" " + VALUES.hub + " ")))
    seen = scanned(data, "model.joblib")
    assert {finding.rule for finding in seen.findings} >= {RULES.hub}
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]


def test_arrays_within_arrays_without_end() -> None:
    one = wrapped("O8", (1,), b"", alignment=False)
    _, gaps = opened(b"\x80\x02" + one * 3000, "model.joblib")
    assert [gap.reason for gap in gaps] == [GapReason.MALFORMED]


def test_compressed_joblib_files() -> None:
    data = checkpoint(("array", wrapped("f8", (5,), FLOATS)), ("after", text(VALUES.hub)))
    assert places(scanned(zlib.compress(data), "model.joblib")) == {RULES.hub: 'model.joblib → ["after"]'}
    assert places(scanned(lz4.frame.compress(data), "model.joblib")) == {RULES.hub: 'model.joblib → ["after"]'}


def test_damaged_models() -> None:
    bears_damage(model(), "model.ckpt")
    bears_damage(legacy(), "model.pth")
    bears_damage(checkpoint(("a", wrapped("i4", (10,), FLOATS)), ("b", text("c"))), "model.joblib")
