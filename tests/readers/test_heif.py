"""HEIC and AVIF: EXIF and XMP of pictures in boxes."""

from __future__ import annotations

import struct

import pytest

from modelguard.model import GapReason
from tests.corpus.others import box
from tests.readers.opened import RULES, bears_damage, places, scanned, values
from tests.readers.test_pictures import tiff

VALUES = values()
HUB = VALUES.hub.encode()
EXIF = bytes(4) + tiff((0x010E, 2, b"x: " + HUB))
XMP = b"<x:xmpmeta>" + HUB + b"</x:xmpmeta>"


def full(name: bytes, version: int, *data: bytes) -> bytes:
    return box(name, bytes([version, 0, 0, 0]), *data)


def picture(*items: tuple[bytes, bytes], version: int = 0, in_box: bool = False, brand: bytes = b"avif") -> bytes:
    """A file with items of a type each; they are in `mdat`, or in a box beside the list of them."""
    number = ">I" if version == 2 else ">H"
    entries = [
        full(
            b"infe",
            3 if version == 2 else 2,
            struct.pack(number, at)
            + bytes(2)
            + kind
            + b"\0"
            + (b"application/rdf+xml\0\0" if kind == b"mime" else b""),
        )
        for at, (kind, _) in enumerate(items, 1)
    ]
    listed = full(b"iinf", 1 if version == 2 else 0, struct.pack(number, len(items)), *entries)
    data = b"".join(item for _, item in items)

    def meta(base: int) -> bytes:
        places = b""
        for at, (_, item) in enumerate(items, 1):
            places += struct.pack(number, at) + (struct.pack(">H", in_box) if version else b"") + bytes(2)
            places += struct.pack(">HII", 1, base, len(item))
            base += len(item)
        located = full(b"iloc", version, b"\x44\0" + struct.pack(number, len(items)), places)
        return full(b"meta", 0, full(b"hdlr", 0, bytes(20)), listed, located, box(b"idat", data) if in_box else b"")

    head = box(b"ftyp", brand + bytes(4))
    return head + meta(0 if in_box else len(head) + len(meta(0)) + 8) + (b"" if in_box else box(b"mdat", data))


@pytest.mark.parametrize(("version", "in_box"), [(0, False), (1, False), (2, False), (1, True), (2, True)])
@pytest.mark.parametrize(("kind", "data", "place"), [(b"Exif", EXIF, "EXIF ImageDescription"), (b"mime", XMP, "XMP")])
def test_places(version: int, in_box: bool, kind: bytes, data: bytes, place: str) -> None:
    seen = scanned(picture((b"av01", bytes(30)), (kind, data), version=version, in_box=in_box), "a.avif")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_items_of_other_kinds_are_looked_at_as_they_stand() -> None:
    assert places(scanned(picture((b"uri ", b"x: " + HUB + b" ")), "a.heic")) == {RULES.hub: None}


def test_an_item_that_lies_outside() -> None:
    data = picture((b"mime", XMP))
    data = data.replace(struct.pack(">I", len(XMP)), b"\x7f\xff\xff\xff")
    seen = scanned(data, "a.heic")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert places(seen) == {RULES.hub: None}


def test_damage() -> None:
    bears_damage(picture((b"Exif", EXIF), (b"mime", XMP)), "a.heic")
    bears_damage(picture((b"Exif", EXIF), (b"mime", XMP), version=2, in_box=True), "a.heic")
