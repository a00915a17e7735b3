"""Sound: each tag is told by name, once."""

from __future__ import annotations

import struct
import zlib

import pytest

from modelguard.model import GapReason
from tests.readers.opened import RULES, bears_damage, places, scanned, values
from tests.readers.test_pictures import jpeg, segment

VALUES = values()
HUB = VALUES.hub.encode()


def id3(*frames: tuple[bytes, bytes], version: int = 4) -> bytes:
    def seven(size: int) -> bytes:
        return bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])

    def frame(name: bytes, data: bytes) -> bytes:
        if version == 2:
            return name + struct.pack(">I", len(data))[1:] + data
        return name + (seven(len(data)) if version == 4 else struct.pack(">I", len(data))) + b"\0\0" + data

    body = b"".join(frame(*each) for each in frames) + bytes(20)
    return b"ID3" + bytes([version, 0, 0]) + seven(len(body)) + body + b"\xff\xfb\x90\0" * 20


def comments(*texts: bytes) -> bytes:
    listed = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return struct.pack("<I", 3) + b"lib" + struct.pack("<I", len(texts)) + listed


def flac(*blocks: tuple[int, bytes]) -> bytes:
    last = len(blocks) - 1
    body = b"".join(
        bytes([kind | (0x80 if number == last else 0)]) + struct.pack(">I", len(data))[1:] + data
        for number, (kind, data) in enumerate(blocks)
    )
    return b"fLaC" + body + b"\xff\xf8sound"


def box(name: bytes, *data: bytes) -> bytes:
    body = b"".join(data)
    return struct.pack(">I", len(body) + 8) + name + body


def m4a(item: bytes, value: bytes) -> bytes:
    items = box(b"ilst", box(item, box(b"data", struct.pack(">II", 1, 0), value)))
    return (
        box(b"ftyp", b"M4A \0\0\0\0") + box(b"moov", box(b"udta", box(b"meta", bytes(4), items))) + box(b"mdat", b"x")
    )


PLACES = {
    "a text": (id3((b"TIT2", b"\3title"), (b"TXXX", b"\3key\0" + HUB)), "ID3 TXXX"),
    "a wide text": (id3((b"TIT2", b"\1" + VALUES.hub.encode("utf-16"))), "ID3 TIT2"),
    "a wide comment": (id3((b"COMM", b"\1eng" + "a\0".encode("utf-16") + VALUES.hub.encode("utf-16"))), "ID3 COMM"),
    "version 3": (id3((b"TPE1", b"\0" + HUB), version=3), "ID3 TPE1"),
    "version 2": (id3((b"TT2", b"\0" + HUB), version=2), "ID3 TT2"),
    "an address": (id3((b"WOAS", b"https://x.example/?t=" + HUB)), "ID3 WOAS"),
    "a picture": (id3((b"APIC", b"\0image/jpeg\0\3\0" + jpeg(segment(0xFE, HUB)))), "ID3 APIC → comment"),
    "FLAC": (flac((0, bytes(34)), (4, comments(b"TITLE=a", b"COMMENT=" + HUB))), 'comment "COMMENT"'),
    "Ogg": (b"OggS\0\2" + bytes(40) + b"\3vorbis" + comments(b"TITLE=" + HUB) + b"\1", 'comment "TITLE"'),
    "MPEG-4": (m4a(b"\xa9cmt", HUB), 'item "©cmt"'),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(name: str) -> None:
    data, place = PLACES[name]
    seen = scanned(data, "speech.bin")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_a_tag_that_is_longer_than_the_file_is_a_gap_and_is_looked_at_as_it_stands() -> None:
    data = PLACES["a text"][0][:80]
    seen = scanned(data, "a.mp3")
    assert [gap.reason for gap in seen.gaps] == [GapReason.MALFORMED]
    assert set(places(seen)) == {RULES.hub}


@pytest.mark.parametrize("name", ["a wide text", "a picture", "FLAC", "Ogg", "MPEG-4"])
def test_damage(name: str) -> None:
    bears_damage(PLACES[name][0], "speech")


def seven_bits(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def packed(version: int, text: bytes) -> bytes:
    """A tag with one frame that is compressed."""
    body = zlib.compress(b"\0" + text)
    if version == 4:
        frame = b"TIT2" + seven_bits(len(body) + 4) + b"\0\x09" + seven_bits(len(text) + 1) + body
    else:
        frame = b"TIT2" + struct.pack(">I", len(body) + 4) + b"\0\x80" + struct.pack(">I", len(text) + 1) + body
    return b"ID3" + bytes([version, 0, 0]) + seven_bits(len(frame) + 10) + frame + bytes(10)


@pytest.mark.parametrize("version", [3, 4])
def test_a_frame_that_is_compressed(version: int) -> None:
    data = packed(version, VALUES.hub.encode())
    seen = scanned(data, "a.mp3")
    assert places(seen) == {RULES.hub: "ID3 TIT2 → ID3 TIT2"}
    assert not seen.gaps
    bears_damage(data, "a.mp3")


def test_a_tag_that_is_unsynchronised() -> None:
    body = b"\1eng\xff\xfe\0\0\xff\xfe" + VALUES.hub.encode("utf-16-le")
    frame = (b"COMM" + struct.pack(">I", len(body)) + b"\0\0" + body).replace(b"\xff", b"\xff\0")
    seen = scanned(b"ID3\3\0\x80" + seven_bits(len(frame)) + frame, "a.mp3")
    assert list(places(seen)) == [RULES.hub]
    assert not seen.gaps


def test_the_old_tag_at_the_end() -> None:
    old = b"TAG" + VALUES.cloud.encode().ljust(30, b"\0") + b"artist".ljust(90, b"x") + bytes(5)
    assert places(scanned(id3((b"TIT2", b"\0title")) + bytes(50) + old, "a.mp3")) == {RULES.cloud: "ID3v1 title"}
