"""Pictures: the texts that they carry are told by name, once; the picture itself is not looked at."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable

import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.interface import Member
from tests.packed import zipped
from tests.readers.opened import RULES, bears_damage, opened, places, scanned, values

VALUES = values()
NOISE = b"\0" + VALUES.cloud.encode() + b"\0\1"
"""What would be a finding, where a picture is looked at as text."""


def chunk(name: bytes, data: bytes, checksum: int | None = None) -> bytes:
    checksum = zlib.crc32(name + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)


def png(*chunks: bytes, behind: bytes = b"", pixels: bytes = zlib.compress(bytes(65))) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    return b"".join([b"\x89PNG\r\n\x1a\n", head, *chunks, chunk(b"IDAT", pixels), chunk(b"IEND", b""), behind])


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(*segments: bytes, scan: bytes = b"\1\2\xff\0\3\xff\xd0\4", behind: bytes = b"") -> bytes:
    return b"".join([b"\xff\xd8", *segments, segment(0xDA, bytes(10)), scan, b"\xff\xd9", behind])


def tiff(*entries: tuple[int, int, bytes], sub: tuple[tuple[int, int, bytes], ...] = (), order: str = "<") -> bytes:
    """A directory of texts, and below it one with EXIF's own tags."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)

    def directory(start: int, listed: list[tuple[int, int, bytes]], next_one: int = 0) -> bytes:
        where = start + 2 + 12 * len(listed) + 4
        table, data = b"", b""
        for tag, kind, value in listed:
            shown = value if len(value) <= 4 else struct.pack(order + "I", where + len(data))
            table += struct.pack(order + "HHI", tag, kind, len(value) if kind != 4 else 1) + shown.ljust(4, b"\0")
            data += value if len(value) > 4 else b""
        return struct.pack(order + "H", len(listed)) + table + struct.pack(order + "I", next_one) + data

    listed = [*entries]
    if not sub:
        return head + directory(8, listed)
    first = directory(8, [*listed, (0x8769, 4, b"\0\0\0\0")])
    below = 8 + len(first)
    return head + directory(8, [*listed, (0x8769, 4, struct.pack(order + "I", below))]) + directory(below, [*sub])


def iptc(number: int, text: bytes) -> bytes:
    dataset = b"\x1c\2" + bytes([number]) + struct.pack(">H", len(text)) + text
    return b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(dataset)) + dataset


def blocks(data: bytes) -> bytes:
    cut = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes([len(each)]) + each for each in cut) + b"\0"


def gif(*extensions: bytes, image: bytes = b"pixels", behind: bytes = b"") -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2" + blocks(image)
    return b"".join([screen, *extensions, frame, b"\x3b", behind])


def riff(form: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + form + body


HUB = VALUES.hub.encode()
TEXT = b"prompt\nHF_TOKEN=" + HUB + b"\n"
XMP = b"<x:xmpmeta><dc:description>" + HUB + b"</dc:description></x:xmpmeta>"
WIDE = f"token {VALUES.hub}".encode("utf-16-le")

PLACES: dict[str, tuple[bytes, str]] = {
    "tEXt": (png(chunk(b"tEXt", b"Comment\0" + HUB)), 'text chunk "Comment"'),
    "tEXt of lines": (png(chunk(b"tEXt", b"parameters\0" + TEXT)), 'text chunk "parameters":2'),
    "zTXt": (png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(HUB))), 'text chunk "Comment"'),
    "behind zTXt": (png(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"a") + HUB)), 'text chunk "Comment":2'),
    "iTXt": (png(chunk(b"iTXt", b"Title\0\0\0en\0T\0" + HUB)), 'text chunk "Title"'),
    "iTXt compressed": (
        png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP))),
        'text chunk "XML:com.adobe.xmp"',
    ),
    "a translated keyword": (
        png(chunk(b"iTXt", b"Title\0\0\0en\0" + HUB + b"\0x")),
        'text chunk "Title", translated keyword',
    ),
    "eXIf": (png(chunk(b"eXIf", tiff((0x010E, 2, HUB + b"\0")))), "EXIF ImageDescription"),
    "a colour profile": (png(chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(b"desc\0\0" + HUB))), 'colour profile "sRGB"'),
    "JPEG comment": (jpeg(segment(0xFE, HUB)), "comment"),
    "JPEG EXIF": (jpeg(segment(0xE1, b"Exif\0\0" + tiff((0x013B, 2, HUB + b"\0"), order=">"))), "EXIF Artist"),
    "JPEG user comment": (
        jpeg(segment(0xE1, b"Exif\0\0" + tiff(sub=((0x9286, 7, b"ASCII\0\0\0" + HUB),)))),
        "EXIF UserComment",
    ),
    "JPEG user comment, wide": (
        jpeg(segment(0xE1, b"Exif\0\0" + tiff(sub=((0x9286, 7, b"UNICODE\0" + WIDE),)))),
        "EXIF UserComment",
    ),
    "JPEG user comment, wide, the other way round": (
        jpeg(segment(0xE1, b"Exif\0\0" + tiff(sub=((0x9286, 7, b"UNICODE\0" + WIDE),), order=">"))),
        "EXIF UserComment",
    ),
    "JPEG Windows comment": (jpeg(segment(0xE1, b"Exif\0\0" + tiff((0x9C9C, 1, WIDE + b"\0\0")))), "EXIF XPComment"),
    "a tag of no name": (jpeg(segment(0xE1, b"Exif\0\0" + tiff((0xFFFE, 2, HUB + b"\0")))), "EXIF 0xFFFE"),
    "JPEG XMP": (jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)), "XMP"),
    "JPEG long XMP": (
        jpeg(
            segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + XMP[:40]),
            segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + XMP[40:]),
        ),
        "XMP",
    ),
    "JPEG IPTC": (jpeg(segment(0xED, iptc(120, HUB))), "IPTC caption"),
    "GIF comment": (gif(b"\x21\xfe" + blocks(b"x" * 240 + b" " + HUB)), "comment"),
    "GIF application": (gif(b"\x21\xff\x0bMYTOOL  1.0" + blocks(b"x" * 250 + b" " + HUB)), "application data MYTOOL"),
    "WebP EXIF": (riff(b"WEBP", (b"VP8 ", b"x"), (b"EXIF", tiff((0x010E, 2, HUB + b"\0")))), "EXIF ImageDescription"),
    "WebP XMP": (riff(b"WEBP", (b"VP8L", b"xy"), (b"XMP ", XMP)), "XMP"),
    "WAVE comment": (
        riff(b"WAVE", (b"fmt ", bytes(16)), (b"LIST", b"INFOICMT" + struct.pack("<I", len(HUB)) + HUB)),
        "INFO ICMT",
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(name: str) -> None:
    data, place = PLACES[name]
    seen = scanned(data, "figure.bin")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps
    (finding,) = seen.findings
    assert 0 < finding.place.byte_start < finding.place.byte_end <= len(data)


def test_an_empty_chunk_is_not_what_follows_it() -> None:
    """The name of the chunk behind it is what stands at the beginning of EXIF; nothing was told from there on."""
    seen = scanned(riff(b"WEBP", (b"EXIF", b""), (b"Exif", b""), (b"XMP ", HUB)), "a.webp")
    assert places(seen) == {RULES.hub: "XMP"}
    assert [(gap.reason, gap.inner) for gap in seen.gaps] == [(GapReason.MALFORMED, "EXIF")]


@pytest.mark.parametrize(
    "data",
    [png(pixels=zlib.compress(NOISE, 0)), jpeg(scan=NOISE), gif(image=NOISE), riff(b"WEBP", (b"VP8 ", NOISE))],
    ids=["png", "jpeg", "gif", "webp"],
)
def test_the_picture_itself_is_not_looked_at(data: bytes) -> None:
    assert NOISE in data
    seen = scanned(data, "figure")
    assert not seen.findings
    assert not seen.gaps


@pytest.mark.parametrize(
    "make",
    [lambda behind: png(behind=behind), lambda behind: jpeg(behind=behind), lambda behind: gif(behind=behind)],
    ids=["png", "jpeg", "gif"],
)
def test_what_stands_behind_a_picture_is_looked_at(make: Callable[[bytes], bytes]) -> None:
    assert places(scanned(make(b"\nHF_TOKEN=" + HUB), "figure.png")) == {RULES.hub: None}


def test_a_chunk_of_pixels_that_its_checksum_does_not_know_is_looked_at() -> None:
    data = png(chunk(b"IDAT", NOISE, checksum=1))
    assert set(places(scanned(data, "a.png"))) == {RULES.cloud}


def test_a_text_that_cannot_be_unpacked_is_a_gap_and_what_came_out_is_told() -> None:
    packed = zlib.compress(HUB + b" " + bytes(range(32, 256)) * 4)
    seen = scanned(png(chunk(b"zTXt", b"Comment\0\0" + packed[:-9])), "a.png")
    assert [(gap.reason, gap.inner) for gap in seen.gaps] == [(GapReason.MALFORMED, 'text chunk "Comment"')]
    assert places(seen) == {RULES.hub: 'text chunk "Comment"'}


def test_what_should_be_wide_text_and_is_not_is_found_all_the_same() -> None:
    data = jpeg(segment(0xE1, b"Exif\0\0" + tiff((0x9C9C, 1, b"comment " + HUB))))
    assert set(places(scanned(data, "a.jpg"))) == {RULES.hub}


def test_a_very_long_text_is_a_member_of_its_own() -> None:
    data = png(chunk(b"tEXt", b"workflow\0" + b"\n" * (1 << 20) + HUB))
    pieces, _ = opened(data, "a.png")
    assert [type(piece) for piece in pieces] == [Member]
    assert places(scanned(data, "a.png")) == {RULES.hub: 'text chunk "workflow"'}


def test_a_bomb_in_a_text() -> None:
    bomb = zlib.compress(bytes(1 << 24))
    data = png(*[chunk(b"zTXt", b"a\0\0" + bomb) for _ in range(20)])
    _, gaps = opened(data, "a.png", Budget(opened_bytes=1 << 26))
    assert [gap.reason for gap in gaps] == [GapReason.OVER_BUDGET]


def test_directories_that_lead_to_each_other() -> None:
    data = bytearray(tiff((0x010E, 2, HUB + b"\0")))
    data[8 + 2 + 12 : 8 + 2 + 16] = struct.pack("<I", 8)
    seen = scanned(png(chunk(b"eXIf", bytes(data))), "a.png")
    assert places(seen) == {RULES.hub: "EXIF ImageDescription"}


@pytest.mark.parametrize(
    "name",
    ["zTXt", "iTXt compressed", "eXIf", "JPEG long XMP", "JPEG IPTC", "GIF comment", "WebP EXIF", "WAVE comment"],
)
def test_damage(name: str) -> None:
    bears_damage(PLACES[name][0], "figure")


def test_values_that_lie_upon_each_other() -> None:
    entry = struct.pack("<HHII", 0x010E, 2, 15_000_000, 1000)
    directory = struct.pack("<H", 80) + entry * 80 + struct.pack("<I", 0)
    data = png(chunk(b"eXIf", (b"II*\0" + struct.pack("<I", 8) + directory).ljust(15_001_000, b"a")))
    pieces, _ = opened(data, "a.png")
    assert len(pieces) <= 3


@pytest.mark.parametrize(
    ("picture", "path"),
    [(png(), "a.png"), (jpeg(), "a.jpg"), (gif(), "a.gif")],
    ids=["png", "jpeg", "gif"],
)
def test_an_archive_behind_a_picture(picture: bytes, path: str) -> None:
    data = picture + zipped(("a/.env", f"\nHF_TOKEN={VALUES.hub}\n".encode()))
    seen = scanned(data, path)
    assert places(seen) == {RULES.hub: f"bytes at {len(picture)}!a/.env"}
    assert not seen.gaps
    assert not scanned(picture + b"\r\n", path).gaps


def test_a_picture_that_ends_with_a_line_before_another_form() -> None:
    picture = base64.b64encode(png()).decode() + "\n"
    data = {"image/png": picture, "text/plain": ["<Figure size 640x480 with 1 Axes>"]}
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}}]
    cell = {"cell_type": "code", "outputs": outputs, "source": ["plot()"], "metadata": {}}
    seen = scanned(json.dumps({"nbformat": 4, "cells": [cell]}, indent=1).encode(), "a.ipynb")
    assert not seen.gaps
