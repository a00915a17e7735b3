"""Sound: the tags of MP3 (ID3v2), FLAC and Ogg (Vorbis comments), and MPEG-4. The sound is looked at as it stands.

Formats: https://id3.org/id3v2.4.0-structure and id3v2.3.0, id3v2-00; RFC 9639 (FLAC), section 8; Vorbis I, section 5;
ISO/IEC 14496-12 (boxes), and QuickTime File Format, "Metadata Item List Atom".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelguard.model import Blob, GapReason
from modelguard.readers.documents.heif import items
from modelguard.readers.documents.labelled import inflated, labelled
from modelguard.readers.interface import Covered, Limits, Malformed, Member, Piece, Problem
from modelguard.readers.json_places import quoted
from modelguard.readers.members import Held, Ranged

_LONGEST = 16 * 1024 * 1024
_ENCODINGS = {0: "latin-1", 1: "utf-16", 2: "utf-16-be", 3: "utf-8"}
_WIDE = {1, 2}
_WITH_LANGUAGE = {"COMM", "COM", "USLT", "ULT"}
_UNSYNCHRONISED = 0x80
_COMPRESSED, _ENCRYPTED = {3: 0x80, 4: 0x08}, {3: 0x40, 4: 0x04}
_PACKED = {3: 0xC0, 4: 0x0F}
"""Flags of frames (ID3v2.3, section 3.3.1; ID3v2.4, section 4.1)."""

_OLD_TAG_BYTES = 128
_OLD_FIELDS = (("title", 3, 33), ("artist", 33, 63), ("album", 63, 93), ("comment", 97, 127))
_PLAIN = re.compile(rb"[!-~]{8}")
_PICTURES = {"APIC", "PIC", "GEOB"}
_DEEPER = {b"moov", b"udta", b"trak", b"mdia", b"minf", b"ilst", b"meta"}
_DEEPEST = 8
_MOST_BOXES = 100_000


def read(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The tags of a sound file. See `Reader`."""
    head = blob.read(0, 8)
    if head.startswith(b"ID3"):
        yield from _id3(blob, limits)
        yield from _id3_at_the_end(blob)
    elif head.startswith(b"fLaC"):
        yield from _flac(blob, limits)
    elif head.startswith(b"OggS"):
        yield from _ogg(blob, limits)
    else:
        yield from _boxes(blob, 0, blob.size, limits, "", 0)


def _id3(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """Frames: a name, a length, flags, and a text that says how it is written."""
    head = blob.read(0, 10)
    version, flags = head[3], head[5]
    end = 10 + _seven_bits(head[6:10])
    if end > blob.size or version not in (2, 3, 4):
        raise Malformed("its tag is longer than the file, or written in a way that is not known")
    if flags & _UNSYNCHRONISED and version < 4:
        limits.spend(end)
        plain = blob.read(10, end).replace(b"\xff\0", b"\xff")
        tag = head[:5] + bytes((flags & ~_UNSYNCHRONISED,)) + _in_seven_bits(len(plain)) + plain
        yield Member(Held(blob, "ID3", tag, 0, end))
        yield Covered(0, end)
        return
    name_bytes, header_bytes = (3, 6) if version == 2 else (4, 10)
    at = 10
    if flags & 0x40 and version > 2:
        extended = blob.read(at, at + 4)
        at += _seven_bits(extended) if version == 4 else 4 + int.from_bytes(extended, "big")
    while at + header_bytes < end:
        limits.check_time()
        header = blob.read(at, at + header_bytes)
        name = header[:name_bytes]
        if not name.strip(b"\0"):
            return
        size = header[name_bytes : name_bytes + (3 if version == 2 else 4)]
        length = _seven_bits(size) if version == 4 else int.from_bytes(size, "big")
        start = at + header_bytes
        at = start + length
        if at > end:
            raise Malformed("a frame is longer than the tag")
        if version > 2 and header[9] & _PACKED[version]:
            yield from _packed(blob, name.decode("latin-1"), header[9], version, (start, at), limits)
        elif length <= _LONGEST:
            yield from _frame(blob, name.decode("latin-1"), blob.read(start, at), start)


def _packed(blob: Blob, name: str, flags: int, version: int, span: tuple[int, int], limits: Limits) -> Iterator[Piece]:
    """A frame that is compressed or unsynchronised, as a tag of its own with one frame that is not."""
    if flags & _ENCRYPTED[version]:
        yield Problem(GapReason.UNREADABLE, "a frame is encrypted", f"ID3 {name}")
        return
    data = blob.read(span[0], min(span[1], span[0] + _LONGEST))
    if version == 4 and flags & 0x02:
        data = data.replace(b"\xff\0", b"\xff")
    if version == 3 or flags & 0x01:
        data = data[4:]
    if flags & _COMPRESSED[version]:
        data, is_whole = inflated(data, limits, _LONGEST)
        if not is_whole:
            yield Problem(GapReason.MALFORMED, "a frame is damaged or too long", f"ID3 {name}")
    frame = name.encode("latin-1") + _in_seven_bits(len(data)) + b"\0\0" + data
    tag = b"ID3\4\0\0" + _in_seven_bits(len(frame) + 11) + frame + bytes(11)
    yield Member(Held(blob, f"ID3 {name}", tag, *span))


def _id3_at_the_end(blob: Blob) -> Iterator[Piece]:
    """The tag of ID3v1: fields of fixed length with nothing between them (https://id3.org/ID3v1)."""
    start = max(0, blob.size - _OLD_TAG_BYTES)
    data = blob.read(start, start + _OLD_TAG_BYTES)
    if not data.startswith(b"TAG"):
        return
    for name, first, last in _OLD_FIELDS:
        span = start + first, start + last
        yield from labelled(blob, name, data[first:last].rstrip(b"\0 "), f"ID3v1 {name}", span)
        yield Covered(*span)


def _in_seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def _frame(blob: Blob, name: str, data: bytes, start: int) -> Iterator[Piece]:
    span = start, start + len(data)
    if name in _PICTURES:
        found = re.search(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff", data)
        if found is not None:
            yield Member(Ranged(blob, f"ID3 {name}", start + found.start(), span[1]))
            yield Covered(start + found.start(), span[1])
    elif name[:1] == "W" and name not in ("WXXX", "WXX"):
        yield from labelled(blob, name, data, f"ID3 {name}", span)
        yield Covered(*span)
    elif data[:1] and data[0] in _ENCODINGS and (name[:1] == "T" or name in _WITH_LANGUAGE):
        written = data[4 if name in _WITH_LANGUAGE else 1 :]
        text = written.decode(_ENCODINGS[data[0]], "replace").replace("\ufeff", "").replace("\0", " ").strip()
        hides = data[0] in _WIDE and _PLAIN.search(written) is not None
        yield from labelled(blob, name, text.encode("utf-8", "replace"), f"ID3 {name}", span, again=hides)
        if not hides:
            yield Covered(*span)


def _seven_bits(size: bytes) -> int:
    """Four bytes of seven bits each."""
    number = 0
    for byte in size:
        number = number << 7 | byte & 0x7F
    return number


def _flac(blob: Blob, limits: Limits) -> Iterator[Piece]:
    at = 4
    while True:
        limits.check_time()
        header = blob.read(at, at + 4)
        start, end = at + 4, at + 4 + int.from_bytes(header[1:4], "big")
        if len(header) < 4 or end > blob.size:
            raise Malformed("a block is longer than the file")
        kind = header[0] & 0x7F
        if kind == 4:
            yield from _comments(blob, blob.read(start, end), start)
        elif kind == 6:
            found = re.search(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff", blob.read(start, end))
            if found is not None:
                yield Member(Ranged(blob, "picture", start + found.start(), end))
                yield Covered(start + found.start(), end)
        if header[0] & 0x80:
            return
        at = end


def _ogg(blob: Blob, limits: Limits) -> Iterator[Piece]:
    """The comments are in the second packet; where a page cuts them in two, the rest is looked at as it stands."""
    data = blob.read(0, min(blob.size, _LONGEST))
    limits.spend(len(data))
    found = re.search(rb"\x03vorbis|OpusTags", data)
    if found is not None:
        yield from _comments(blob, data[found.end() :], found.end(), cut_short=True)


def _comments(blob: Blob, data: bytes, start: int, cut_short: bool = False) -> Iterator[Piece]:
    """Who wrote it, and a list of `NAME=text`; each has its length before it."""

    def length(at: int) -> int:
        return int.from_bytes(data[at : at + 4], "little")

    at = 4 + length(0)
    left = length(at)
    at += 4
    while left and at + 4 <= len(data):
        left -= 1
        first, last = at + 4, at + 4 + length(at)
        if last > len(data):
            if cut_short:
                return
            raise Malformed("a comment is longer than the block that it is in")
        name, _, value = data[first:last].partition(b"=")
        label = name.decode("latin-1")
        span = start + first, start + last
        if not cut_short or b"OggS" not in data[first:last]:
            yield from labelled(blob, label, value, f"comment {quoted(label)}", span)
            yield Covered(*span)
        at = last


def _boxes(blob: Blob, at: int, end: int, limits: Limits, path: str, depth: int) -> Iterator[Piece]:
    """Boxes within boxes, down to the list of items and their data."""
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        limits.check_time()
        header = blob.read(at, at + 16)
        length, kind, start = int.from_bytes(header[:4], "big"), header[4:8], at + 8
        if length == 1:
            length, start = int.from_bytes(header[8:16], "big"), at + 16
        last = end if length == 0 else at + length
        if last > end or last < start:
            raise Malformed("a box is longer than what it is in")
        name = kind.decode("latin-1")
        if kind == b"data" and last - start > 8 and last - start <= _LONGEST:
            yield from labelled(blob, path, blob.read(start + 8, last), f"item {quoted(path)}", (start + 8, last))
            yield Covered(start + 8, last)
        elif depth < _DEEPEST and (kind in _DEEPER or path == "ilst"):
            first = start + 4 if kind == b"meta" and blob.read(start + 4, start + 8) != b"hdlr" else start
            if kind == b"meta" and not depth:
                yield from items(blob, first, last, limits)
            yield from _boxes(blob, first, last, limits, name, depth + 1)
        at = last
