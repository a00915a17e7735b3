"""Compiled modules: every string once, with what it is assigned to; marshal is walked, never loaded."""

from __future__ import annotations

import importlib.util
import marshal
import struct

import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Limits, Malformed, Text
from modelguard.readers.pickles import pyc
from tests.readers.opened import RULES, PathBlob, bears_damage, kind, opened, places, scanned, values

VALUES = values()
HEADER = importlib.util.MAGIC_NUMBER + bytes(12)
SOURCE = f"""
import os
HF_TOKEN = "{VALUES.hub}"
class Client:
    region = "eu"
    def login(self, key="{VALUES.cloud}"):
        token = "{VALUES.forge}"
        return token, (1, 2.5, 10**30, None), {{"a", "b"}}, b"bytes", 3j
"""


def compiled(source: str) -> bytes:
    return HEADER + marshal.dumps(compile(source, "settings.py", "exec"))


def test_strings_are_told_with_what_they_are_assigned_to() -> None:
    seen = scanned(compiled(SOURCE), "settings.cpython-311.pyc")
    found = places(seen)
    assert found[RULES.hub] == "HF_TOKEN in module"
    assert found[RULES.forge] in ("token in Client.login", "token in login")  # Python 3.10 keeps the short name
    assert found[RULES.cloud] == "constants of Client"
    assert not seen.gaps


def test_a_type_byte_before_a_value_hides_nothing() -> None:
    """Short strings are preceded by their type and length, which may be a letter: `\\xda(ghp_…`."""
    source = "".join(f'NAME_{number} = "{values(number).forge}"\n' for number in range(1, 20))
    assert len(scanned(compiled(source), "settings.pyc").findings) == 19


@pytest.mark.parametrize("behind", ["None", "7", "True", "'zz'", "3.5", "(1, 2)"])
def test_a_type_byte_behind_a_value_hides_nothing(behind: str) -> None:
    """What follows a key of fixed length in the constants of a large module may begin with a letter: `N`, `i`, `z`."""
    filler = "".join(f'NAME_{number} = "some words {number}"\n' for number in range(400))
    data = compiled(f'{filler}KEY = "{VALUES.cloud}"\nOTHER = {behind}\n')
    assert len(data) > 8000
    assert places(scanned(data, "settings.pyc")) == {RULES.cloud: "KEY in module"}


def test_many_constants_need_long_arguments() -> None:
    names = [f"NAME_{number}" for number in range(300)]  # an instruction's argument has one byte
    source = "".join(f'{name} = "{number}"\n' for number, name in enumerate(names)) + f'LAST = "{VALUES.hub}"\n'
    texts = [piece for piece in opened(compiled(source), "settings.pyc")[0] if isinstance(piece, Text)]
    (found,) = [(text, text.text.index(VALUES.hub.encode())) for text in texts if VALUES.hub.encode() in text.text]
    assert found[0].name(found[1]) == "LAST in module"


def test_all_of_it_is_covered() -> None:
    data = compiled(SOURCE)
    *_, last = pyc.read(PathBlob(data, "a.pyc"), Limits(Budget()))
    assert last.start == 16  # type: ignore[union-attr]
    assert len(data) - last.end < 8, "too little for a value"  # type: ignore[union-attr]


def word(text: bytes) -> bytes:
    return b"s" + struct.pack("<i", len(text)) + text


def old_code(*constants: bytes) -> bytes:
    """The code object of a module of CPython 3.8 that assigns its first constant to NAME."""
    instructions = word(bytes([100, 0, 90, 0, 83, 0]))
    consts = b"(" + struct.pack("<i", len(constants)) + b"".join(constants)
    names = b"\xa9\x01\xda\x04NAME"
    empty = b")\0"
    return (
        b"\xe3"
        + bytes(24)
        + instructions
        + consts
        + names
        + empty * 3
        + b"z\x01f"
        + b"z\x08<module>"
        + bytes(4)
        + word(b"")
    )


def test_modules_of_older_versions() -> None:
    data = (
        struct.pack("<H", 3413) + b"\r\n" + bytes(12) + old_code(b"z" + bytes([len(VALUES.hub)]) + VALUES.hub.encode())
    )
    seen = scanned(data, "settings.cpython-38.pyc")
    assert places(seen) == {RULES.hub: "NAME in module"}
    assert not seen.gaps


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"(\xff\xff\xff\x7f", "too early"),
        (b"s\xff\xff\xff\x7f", "too early"),
        (b"s\xff\xff\xff\xff", "too early"),
        (b"l\xff\xff\xff\x7f", "too long"),
        (b"l\x00\x00\x00\x80", "too long"),
        (b")\x01" * 5000 + b"N", "without end"),
        (b"c" + b"\0" * 20, "too early"),
        (b"\x7f", "is none"),
        (b"", "too early"),
    ],
)
def test_bodies_that_lie(body: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        list(pyc.read(PathBlob(HEADER + body, "a.pyc"), Limits(Budget())))


def test_references_cost_nothing() -> None:
    pairs = [b"\xa9\x02" + b"".join(b"r" + struct.pack("<i", number) for _ in range(2)) for number in range(100)]
    pieces, gaps = opened(HEADER + b")\x64" + b"".join(pairs), "a.pyc")
    assert not pieces
    assert not gaps


def test_what_follows_a_broken_object_is_looked_at_as_it_stands() -> None:
    data = compiled(f'A = "{VALUES.hub}"\n')
    seen = scanned(data[:-4] + b"\x7f\x7f " + VALUES.cloud.encode(), "a.pyc")
    assert {finding.rule for finding in seen.findings} == {RULES.hub, RULES.cloud}
    cut = scanned(data[: data.index(VALUES.hub.encode()) + 60], "a.pyc")
    assert [gap.reason for gap in cut.gaps] == [GapReason.MALFORMED]


def test_kinds() -> None:
    assert kind(HEADER + b"N", "a.pyc") is not None
    assert kind(b"not compiled", "a.pyc") is None
    assert kind(b"U\r\r\n" + bytes(12) + b"N", "no-ending") is not None


def test_a_damaged_module() -> None:
    bears_damage(compiled(SOURCE), "a.pyc")
