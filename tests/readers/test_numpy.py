"""NumPy arrays: each text at its row, objects as the pickle that they are, numbers that are text; nothing is run."""

from __future__ import annotations

import struct

import pytest

from modelguard.model import GapReason
from modelguard.readers.interface import Member
from tests.readers.opened import PASSWORD, RULES, bears_damage, opened, places, scanned, values

VALUES = values()


def npy(descr: str, shape: str, data: bytes, version: int = 1, columns: bool = False) -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': {columns}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + bytes((version, 0)) + struct.pack("<H" if version == 1 else "<I", len(header)) + header + data


def wide(texts: list[str], width: int, order: str = "le") -> bytes:
    return b"".join(text.encode(f"utf-32-{order}").ljust(4 * width, b"\0") for text in texts)


def narrow(texts: list[str], width: int) -> bytes:
    return b"".join(text.encode().ljust(width, b"\0") for text in texts)


TEXTS = ["plain", f"x {VALUES.cloud}", "é", VALUES.hub, VALUES.forge, ""]
EXPECTED = {RULES.cloud: "[1]", RULES.hub: "[3]", RULES.forge: "[4]"}


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("order", ["le", "be"])
def test_unicode(order: str, version: int) -> None:
    descr = "'<U60'" if order == "le" else "'>U60'"
    data = npy(descr, "(6,)", wide(TEXTS, 60, order), version)
    seen = scanned(data, "notes.npy")
    assert places(seen) == EXPECTED
    assert not seen.gaps and not seen.left_out
    for finding in seen.findings:
        assert (finding.place.byte_end - finding.place.byte_start) == 240


def test_bytes() -> None:
    """Elements that fill their width stand side by side, and each is looked at alone."""
    assert places(scanned(npy("'|S60'", "(6,)", narrow(TEXTS, 60)), "notes.npy")) == EXPECTED
    exact = narrow([VALUES.forge, "A" * 40], 40)
    assert places(scanned(npy("'|S40'", "(2,)", exact), "notes.npy")) == {RULES.forge: "[0]"}


def test_several_dimensions() -> None:
    data = npy("'|S60'", "(2, 3)", narrow(TEXTS, 60))
    assert places(scanned(data, "a.npy")) == {RULES.cloud: "[0, 1]", RULES.hub: "[1, 0]", RULES.forge: "[1, 1]"}
    data = npy("'|S60'", "(2, 3)", narrow(TEXTS, 60), columns=True)
    assert places(scanned(data, "a.npy")) == {RULES.cloud: "[1, 0]", RULES.hub: "[1, 1]", RULES.forge: "[0, 2]"}


def test_records() -> None:
    descr = "[('id', '<i8'), ('note', '<U60'), ('in', [('path', '|S60', (2,)), ('x', '<f4', (3,))])]"
    record = struct.pack("<q", 7) + wide(["hello"], 60) + narrow(["a", "b"], 60) + b"\0" * 12
    found = struct.pack("<q", 8) + wide([VALUES.hub], 60) + narrow([VALUES.forge, VALUES.cloud], 60) + b"\0" * 12
    seen = scanned(npy(descr, "(2,)", record + found), "a.npy")
    assert places(seen) == {RULES.hub: '[1]["note"]', RULES.forge: '[1]["in.path"]', RULES.cloud: '[1]["in.path[1]"]'}
    assert not seen.gaps


def test_a_field_is_the_key_of_its_value() -> None:
    data = npy("[('x', '<f4'), ('db_password', '|S24')]", "(1,)", b"\0" * 4 + narrow([PASSWORD], 24))
    seen = scanned(data, "a.npy")
    assert {each.place.inner for each in seen.findings} == {'[0]["db_password"]'}


def test_objects_are_a_pickle() -> None:
    body = b"\x80\x04\x8c\x04abcd."
    (member,), gaps = opened(npy("'|O'", "(1,)", body), "a.npy")
    assert isinstance(member, Member) and not gaps
    assert member.blob.read(0, 100) == body
    seen = scanned(npy("[('a', '|O'), ('b', '<f4')]", "(1,)", b"\x80\x02U\x25" + VALUES.hub.encode() + b"."), "a.npy")
    assert len(seen.findings) == 1


@pytest.mark.parametrize(
    ("descr", "form", "shape", "place"),
    [
        ("'<i4'", "<I", "(42,)", "[4]"),
        ("'>u2'", ">H", "(2, 21)", "[0, 4]"),
        ("'<i8'", "<q", "(42,)", "[4]"),
        ("'<U1'", "<I", "(42,)", "[4]"),
        ("'>U2'", ">I", "(21,)", "[2]"),
    ],
)
def test_numbers_that_are_text(descr: str, form: str, shape: str, place: str) -> None:
    data = b"".join(struct.pack(form, ord(each)) for each in f"x = {VALUES.hub} ")
    assert places(scanned(npy(descr, shape, data), "a.npy")) == {RULES.hub: place}


@pytest.mark.parametrize("descr", ["'|u1'", "'|b1'", "'|S1'", "'|V3'"])
def test_bytes_as_they_stand(descr: str) -> None:
    text = f"x = {VALUES.hub} ".encode().ljust(60)
    width = int(descr[-2])
    assert set(places(scanned(npy(descr, f"({60 // width},)", text), "a.npy"))) == {RULES.hub}


def test_weights_are_left_out_unless_asked_for() -> None:
    data = npy("'<f4'", "(4, 4)", VALUES.hub.encode().ljust(64)) + VALUES.cloud.encode()
    seen = scanned(data, "a.npy")
    assert set(places(seen)) == {RULES.cloud}
    assert [(left.path, left.bytes) for left in seen.left_out] == [("a.npy!array", 64)]
    assert set(places(scanned(data, "a.npy", weights=True))) == {RULES.hub, RULES.cloud}


def test_a_large_array_of_whole_numbers_is_weights() -> None:
    data = npy("'<i8'", "(2097153,)", b"\0" * (8 * 2097153))
    assert [left.bytes for left in scanned(data, "a.npy").left_out] == [8 * 2097153]


def test_a_name_of_a_field_is_looked_at() -> None:
    assert set(places(scanned(npy(f"[('{VALUES.hub}', '<f4')]", "(1,)", b"\0" * 4), "a.npy"))) == {RULES.hub}


LYING = {
    "header": b"\x93NUMPY\x02\0" + struct.pack("<I", 2**31) + b"{'descr': '<f4'",
    "version": b"\x93NUMPY\x09\0\x10\0" + b" " * 16,
    "count": npy("'|S40'", f"({2**60},)", b"x" * 400),
    "dimensions": npy("'|S40'", "(" + "9999999999, " * 60 + ")", b"x" * 400),
    "width": npy("'|S999999999999'", "(1,)", b"x" * 400),
    "nested": npy("[" * 150 + "]" * 150, "(1,)", b"x" * 400),
    "nested deeper": npy("[" * 60000 + "]" * 60000, "(1,)", b"x", version=2),
    "many signs": npy("-" * 100000 + "1", "(1,)", b"x", version=2),
    "call": npy("__import__('os').system('false')", "(1,)", b"x" * 400),
    "negative": npy("'<f4'", "(-1,)", b"x" * 400),
    "no array": npy("'<f4'", "4", b"x" * 400),
    "type": npy("'<4f'", "(1,)", b"x" * 400),
    "fields of fields": npy("[('a', " * 17 + "'<f4'" + ")]" * 17, "(1,)", b"x" * 400),
    "texts of texts": npy("[('a', [('a', [('a', '|S9', (4000,))], (4000,))], (4000,))]", "(1,)", b"x" * 400),
}


@pytest.mark.parametrize("name", LYING)
def test_a_lying_header_is_a_gap_and_everything_is_looked_at(name: str) -> None:
    seen = scanned(LYING[name] + b"\n" + VALUES.hub.encode(), "a.npy")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert [each.rule for each in seen.findings] == [RULES.hub]
    assert not any("system" in gap.detail for gap in seen.gaps)


def test_an_element_that_is_longer_than_a_text_is_looked_at_as_it_stands() -> None:
    long = narrow([VALUES.hub], 20 << 20)
    seen = scanned(npy(f"'|S{20 << 20}'", "(1,)", long), "a.npy")
    assert set(places(seen)) == {RULES.hub}


def test_damage() -> None:
    bears_damage(npy("[('a', '<U9'), ('b', '|S9', (2,)), ('c', '<i4')]", "(2,)", b"x" * 116), "a.npy")
    bears_damage(npy("'<i4'", "(2, 3)", b"x\0\0\0" * 6, columns=True), "a.npy")


def test_what_is_no_code_point_is_looked_at_as_it_stands() -> None:
    data = npy("'<U60'", "(2,)", wide(["é"], 60) + VALUES.hub.encode().ljust(240, b"\0"))
    assert [finding.rule for finding in scanned(data, "a.npy").findings] == [RULES.hub]
