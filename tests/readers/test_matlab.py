"""MATLAB's files: variables by name, packed or not; texts of a table each alone; what is damaged is looked at as bytes."""

from __future__ import annotations

import struct
import zlib

import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Limits
from tests.readers.opened import RULES, bears_damage, places, scanned, values

VALUES = values()
HUB = VALUES.hub.encode()
DOUBLE, CHAR, CELL, STRUCT, OBJECT = 6, 4, 1, 2, 3


def element(kind: int, data: bytes, order: str = "<") -> bytes:
    if 0 < len(data) <= 4:
        return struct.pack(order + "I", len(data) << 16 | kind) + data.ljust(4, b"\0")
    return struct.pack(order + "II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def matrix(kind: int, name: str, sizes: tuple[int, int], *parts: bytes, order: str = "<") -> bytes:
    head = element(6, struct.pack(order + "II", kind, 0), order) + element(5, struct.pack(order + "ii", *sizes), order)
    return element(14, head + element(1, name.encode(), order) + b"".join(parts), order)


def table(name: str, *rows: str, kind: int = 4, encoding: str = "utf-16-le", order: str = "<") -> bytes:
    """Rows of one length, column by column."""
    width = max(map(len, rows))
    columns = "".join("".join(column) for column in zip(*(row.ljust(width) for row in rows), strict=True))
    return matrix(CHAR, name, (len(rows), width), element(kind, columns.encode(encoding), order), order=order)


def written(*variables: bytes, packed: bool = True, order: str = "<") -> bytes:
    head = b"MATLAB 5.0 MAT-file, written by hand".ljust(124) + struct.pack(order + "HH", 0x0100, 0x4D49)
    if packed:
        variables = tuple(
            struct.pack(order + "II", 15, len(data)) + data for data in (zlib.compress(each) for each in variables)
        )
    return head + b"".join(variables)


CASES = {
    "text": (table("note", f"x: {VALUES.hub}", kind=16, encoding="utf-8"), 'variable "note"'),
    "wide text": (table("note", f"x: {VALUES.hub}"), 'variable "note"'),
    "bytes": (matrix(9, "u", (1, 40), element(2, b"x: " + HUB)), 'variable "u"'),
    "rows": (table("rows", "Zq", f"x: {VALUES.hub}", "A"), 'variable "rows", row 2'),
    "rows of bytes": (table("rows", "Zq", VALUES.hub, kind=16, encoding="utf-8"), 'variable "rows", row 2'),
    "cell": (matrix(CELL, "c", (1, 2), table("", "a"), table("", "b", f"x: {VALUES.hub}")), 'variable "c{2}", row 2'),
    "struct": (
        matrix(STRUCT, "s", (1, 1), element(5, struct.pack("<i", 8)), element(1, b"f".ljust(8)), table("", "b", VALUES.hub)),
        'variable "s{1}", row 2',
    ),
    "object": (
        matrix(
            OBJECT, "o", (1, 1), element(1, b"cls"), element(5, struct.pack("<i", 8)), element(1, b"f".ljust(8)),
            table("", "b", VALUES.hub),
        ),
        'variable "o{1}", row 2',
    ),
}  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_places(name: str, packed: bool) -> None:
    variable, place = CASES[name]
    seen = scanned(written(matrix(DOUBLE, "x", (1, 1), element(9, bytes(8))), variable, packed=packed), "data.mat")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_the_other_byte_order() -> None:
    variable = table("rows", "b", VALUES.hub, encoding="utf-16-be", order=">")
    assert places(scanned(written(variable, order=">"), "data.mat")) == {RULES.hub: 'variable "rows", row 2'}


def test_what_stands_around_variables() -> None:
    data = written(table("a", "b"))
    head = (b"MATLAB 5.0 MAT-file " + HUB).ljust(124) + data[124:]
    assert places(scanned(head, "a.mat")) == {RULES.hub: None}
    behind = data + struct.pack("<II", 99, 40) + HUB.ljust(40)
    assert places(scanned(behind, "a.mat")) == {RULES.hub: None}


def test_a_variable_that_is_longer_than_the_file() -> None:
    seen = scanned(
        written(table("a", f"x: {VALUES.hub} and more text", kind=16, encoding="utf-8"), packed=False)[:-8], "a.mat"
    )
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}


def test_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Limits(Budget(opened_bytes=1 << 20))
    monkeypatch.setattr("modelguard.readers.interface.Limits", lambda *told: small)
    seen = scanned(written(matrix(9, "u", (1, 1), element(2, bytes(1 << 26)))), "a.mat")
    assert [gap.reason for gap in seen.gaps] == [GapReason.OVER_BUDGET]


def test_cells_in_cells_without_end() -> None:
    variable = matrix(CHAR, "", (1, 1), element(4, b"a\0"))
    for _ in range(200):
        variable = matrix(CELL, "c", (1, 1), variable)
    (gap,) = scanned(written(variable), "a.mat").gaps
    assert gap.reason is GapReason.MALFORMED


def test_damage() -> None:
    variables = [variable for variable, _ in CASES.values()]
    bears_damage(written(*variables), "a.mat")
    bears_damage(written(*variables, packed=False), "a.mat")
