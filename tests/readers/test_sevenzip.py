"""7z: members by name, solid or stored, with a packed header; what cannot be unpacked is said."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import pytest

from modelguard.model import GapReason
from tests.readers.opened import RULES, bears_damage, places, scanned, values
from tests.readers.sevenzip_writer import AES, COPY, LZMA2, number, sevenzip

VALUES = values()
ENV = f"# settings\nHF_TOKEN={VALUES.hub}\n".encode()
MEMBERS = (("a.txt", b"nothing\n" * 50), ("empty", b""), ("app/.env", ENV), ("ключ.txt", VALUES.cloud.encode()))


@pytest.mark.parametrize("packed_header", [False, True])
def test_members(packed_header: bool) -> None:
    seen = scanned(sevenzip(*MEMBERS, packed_header=packed_header), "a.7z")
    assert places(seen) == {RULES.hub: "app/.env", RULES.cloud: "ключ.txt"}
    assert [each.place.line for each in seen.findings if each.rule == RULES.hub] == [2]
    assert not seen.gaps


def test_stored() -> None:
    assert places(scanned(sevenzip(*MEMBERS, coders=COPY), "a.7z")) == {RULES.hub: "app/.env", RULES.cloud: "ключ.txt"}


@pytest.mark.parametrize("coders", [COPY, LZMA2])
def test_what_follows_the_last_file_is_looked_at(coders: Sequence[tuple[bytes, bytes]]) -> None:
    """The packed stream is said to be longer than what its files take."""
    behind = b"\n" + VALUES.cloud.encode() + b"\n"
    whole = sevenzip(("app/.env", ENV), coders=coders)
    end = 32 + int.from_bytes(whole[12:20], "little")
    packed = whole[32:end]
    header = whole[end:].replace(b"\x09" + number(len(packed)), b"\x09" + number(len(packed) + len(behind)), 1)
    place = struct.pack("<QQI", len(packed) + len(behind), len(header), zlib.crc32(header))
    data = whole[:8] + struct.pack("<I", zlib.crc32(place)) + place + packed + behind + header
    assert places(scanned(data, "a.7z")) == {RULES.hub: "app/.env", RULES.cloud: None}


def test_an_encrypted_one_is_a_gap() -> None:
    seen = scanned(sevenzip(("a.txt", ENV), coders=AES), "a.7z")
    assert [(gap.reason, gap.inner) for gap in seen.gaps] == [(GapReason.UNREADABLE, "a.txt")]


def test_a_header_that_names_more_than_it_can_hold() -> None:
    whole = sevenzip(*MEMBERS)
    at = whole.rindex(b"\x05\x04\x0e")
    for count in (b"\xff" + b"\xff" * 8, b"\xef\xff\xff\xff"):
        broken = whole[: at + 1] + count + whole[at + 2 :]
        seen = scanned(broken, "a.7z")
        assert {gap.reason for gap in seen.gaps} == {GapReason.MALFORMED}


@pytest.mark.parametrize("packed_header", [False, True])
def test_damaged(packed_header: bool) -> None:
    bears_damage(sevenzip(("a.txt", b"x" * 40), ("app/.env", ENV), packed_header=packed_header), "a.7z")
