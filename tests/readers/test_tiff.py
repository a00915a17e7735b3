"""TIFF and BigTIFF: the texts of every directory by their tags; EXIF, GPS, XMP and IPTC within."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from modelguard.model import GapReason
from tests.readers.opened import RULES, bears_damage, opened, places, scanned, values
from tests.readers.test_pictures import iptc

VALUES = values()
HUB = VALUES.hub.encode()
ASCII, LONG, UNDEFINED = 2, 4, 7


class Tag(NamedTuple):
    """An entry; what leads to directories has these instead of a value."""

    tag: int
    kind: int
    value: bytes = b""
    below: Sequence[Sequence[Tag]] = ()


def tiff(*pages: Sequence[Tag], order: str = "<", big: bool = False, behind: bytes = b"") -> bytes:
    """Directories one after the other."""
    width, form = (8, "Q") if big else (4, "I")
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "H", 43 if big else 42)
    out = bytearray(head + (struct.pack(order + "HH", 8, 0) if big else b"") + bytes(width))

    def put(data: bytes) -> int:
        at = len(out)
        out.extend(data)
        return at

    def chain(listed: Sequence[Sequence[Tag]], link: int) -> None:
        for entries in listed:
            at = put(struct.pack(order + ("Q" if big else "H"), len(entries)))
            struct.pack_into(order + form, out, link, at)
            first = put(bytes((4 + 2 * width) * len(entries) + width))
            link = len(out) - width
            for number, entry in enumerate(entries):
                write(entry, first + number * (4 + 2 * width))

    def write(entry: Tag, at: int) -> None:
        count = len(entry.below) or len(entry.value) // (4 if entry.kind == LONG else 1)
        struct.pack_into(order + "HH" + form, out, at, entry.tag, entry.kind, count)
        place = at + 4 + width
        size = 4 * count if entry.below else len(entry.value)
        if size > width:
            where = put(entry.value or bytes(size))
            struct.pack_into(order + form, out, place, where)
            place = where
        else:
            out[place : place + size] = entry.value or bytes(size)
        for number, directory in enumerate(entry.below):
            link = put(bytes(width))
            chain([directory], link)
            (target,) = struct.unpack_from(order + form, out, link)
            struct.pack_into(order + "I", out, place + 4 * number, target)

    chain(pages, 16 - width if big else 4)
    return bytes(out) + behind


CASES = {
    "description": ([[Tag(0x010E, ASCII, b"x: " + HUB + b"\0")]], "TIFF ImageDescription"),
    "artist": ([[Tag(0x0131, ASCII, b"tool\0"), Tag(0x013B, ASCII, HUB + b"\0")]], "TIFF Artist"),
    "UTF-8": ([[Tag(0xA436, 129, HUB)]], "TIFF ImageTitle"),
    "private": ([[Tag(65000, UNDEFINED, HUB)]], "TIFF 0xFDE8"),
    "wide": ([[Tag(0x9C9C, 1, VALUES.hub.encode("utf-16-le"))]], "TIFF XPComment"),
    "second page": ([[Tag(0x0131, ASCII, b"tool\0")], [Tag(0x0131, ASCII, HUB)]], "TIFF Software (page 2)"),
    "EXIF": ([[Tag(0x8769, LONG, below=[[Tag(0x9286, UNDEFINED, b"ASCII\0\0\0" + HUB)]])]], "EXIF UserComment"),
    "GPS": ([[Tag(0x8825, LONG, below=[[Tag(0x001B, UNDEFINED, b"ASCII\0\0\0" + HUB)]])]], "EXIF 0x001B"),
    "pictures below": (
        [[Tag(0x014A, LONG, below=[[Tag(0x0131, ASCII, b"tool\0")], [Tag(0x010E, ASCII, HUB)]])]],
        "TIFF ImageDescription (page 2)",
    ),
    "XMP": ([[Tag(0x02BC, 1, b"<x:xmpmeta>" + HUB + b"</x:xmpmeta>")]], "XMP"),
    "IPTC": ([[Tag(0x83BB, UNDEFINED, b"\x1c\2\x78" + struct.pack(">H", 37) + HUB)]], "IPTC caption"),
    "IPTC in LONG": ([[Tag(0x83BB, LONG, b"\x1c\2\x78" + struct.pack(">H", 39) + HUB + b"  ")]], "IPTC caption"),
    "Photoshop": ([[Tag(0x8649, 1, iptc(120, HUB)[14:])]], "IPTC caption"),
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_places(name: str, big: bool, order: str) -> None:
    pages, place = CASES[name]
    seen = scanned(tiff(*pages, big=big, order=order), "scan.tif")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


@pytest.mark.parametrize("order", ["<", ">"])
def test_texts_of_imagej_stand_side_by_side(order: str) -> None:
    texts = [each.encode(f"utf-16-{'l' if order == '<' else 'b'}e") for each in ("Zq", VALUES.hub, "A" * 30)]
    header = b"IJIJlabl" + struct.pack(order + "I", 3)
    lengths = struct.pack(f"{order}4I", len(header), *map(len, texts))
    data = tiff([Tag(0xC696, LONG, lengths), Tag(0xC697, 1, header + b"".join(texts))], order=order)
    assert places(scanned(data, "stack.tif")) == {RULES.hub: "TIFF ImageJ[1]"}


def test_the_picture_and_what_follows_are_looked_at_as_they_stand() -> None:
    data = tiff([Tag(0x0131, ASCII, b"tool\0")], behind=b"\0 " + HUB)
    assert places(scanned(data, "a.tif")) == {RULES.hub: None}


def test_directories_that_lead_to_each_other() -> None:
    data = bytearray(tiff([Tag(0x010E, ASCII, HUB)], [Tag(0x0131, ASCII, b"tool\0")]))
    struct.pack_into("<I", data, data.index(b"\x31\x01\x02\0") + 12, 8)
    seen = scanned(bytes(data), "a.tif")
    assert places(seen) == {RULES.hub: "TIFF ImageDescription"}
    assert not seen.gaps


@pytest.mark.parametrize("entry", [Tag(0x010E, ASCII, b"x" * 9), Tag(0x8769, LONG, struct.pack("<I", 1 << 31))])
def test_what_lies_outside(entry: Tag) -> None:
    data = tiff([entry], behind=b"\0 " + HUB)
    if entry.kind == ASCII:
        data = data.replace(struct.pack("<I", 9), b"\xff\xff\xff\x7f")
    seen = scanned(data, "a.tif")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}


def test_one_value_under_thousands_of_tags() -> None:
    """It is told once."""
    data = bytearray(tiff([Tag(tag, ASCII, b"x" * 99 if tag == 1 else b"x") for tag in range(1, 60_000)]))
    (where,) = struct.unpack_from("<I", data, 18)
    for at in range(10, 10 + 12 * 59_999, 12):
        struct.pack_into("<II", data, at + 4, 99, where)
    pieces, gaps = opened(bytes(data), "a.tif")
    assert len(pieces) == 1 and not gaps


def test_damage() -> None:
    pages = [page for page, _ in CASES.values()]
    bears_damage(tiff(*(page[0] for page in pages)), "a.tif")
    bears_damage(tiff(*(page[0] for page in pages), big=True, order=">"), "a.tif")
