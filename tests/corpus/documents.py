"""Pictures, pages and office documents: what tools write into them beside what is seen."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from tests.corpus.items import CARD_ALONE, Item, at_one_place, in_lines, named, planted, sentence, settings, values_for
from tests.corpus.others import box
from tests.packed import zipped

FAMILY = "documents"
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A picture of one grey pixel with these chunks."""
    head = (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in (head, *chunks, (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b""))
    )


def jpeg(comment: bytes) -> bytes:
    """A picture of nothing, with a comment."""
    segments = ((0xFE, comment), (0xDA, bytes(10)))
    told = b"".join(bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data for marker, data in segments)
    return b"\xff\xd8" + told + b"\1\2\xff\0\3\xff\xd9"


def gif(comment: bytes) -> bytes:
    """A picture of one pixel, with a comment."""
    parts = [comment[at : at + 255] for at in range(0, len(comment), 255)]
    extension = b"\x21\xfe" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    return screen + extension + b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x4c\1\0\x3b"


def pdf(content: bytes) -> bytes:
    """A page, whose content is in a packed stream of object 7."""
    packed = zlib.compress(content)
    stream = b"<< /Length %d /Filter /FlateDecode >> stream\n%b\nendstream" % (len(packed), packed)
    objects = ((1, b"<< /Type /Catalog /Pages 2 0 R >>"), (2, b"<< /Type /Pages /Kids [] /Count 0 >>"), (7, stream))
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % each for each in objects)
    return b"%PDF-1.7\n" + body + b"trailer << /Root 1 0 R >>\n%%EOF\n"


def tiff(comment: bytes) -> bytes:
    """A picture of nothing, with a description."""
    entry = struct.pack("<HHII", 0x010E, 2, len(comment) + 1, 26)
    return b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4) + comment + b"\0"


def heif(xmp: bytes) -> bytes:
    """A picture of nothing in boxes, with XMP."""
    named = full_box(b"infe", 2, struct.pack(">HH", 1, 0) + b"mime\0application/rdf+xml\0\0")
    listed = full_box(b"iinf", 0, struct.pack(">H", 1), named)
    located = full_box(b"iloc", 1, struct.pack(">HHHHHHII", 0x4400, 1, 1, 1, 0, 1, 0, len(xmp)))
    meta = full_box(b"meta", 0, full_box(b"hdlr", 0, bytes(20)), listed, located, box(b"idat", xmp))
    return box(b"ftyp", b"avif\0\0\0\0") + meta


def full_box(name: bytes, version: int, *data: bytes) -> bytes:
    """A box of a version."""
    return box(name, bytes([version, 0, 0, 0]), *data)


def items(seed: int) -> Iterator[Item]:
    """Every hiding place."""
    for path, name, form in _CHUNKS:
        values = values_for(seed, path)
        text = sentence(values).encode()
        yield Item(FAMILY, path, png((name, form(text))), at_one_place(values, 'text chunk "Comment"'))
    path = "images/prompt.png"
    values = values_for(seed, path)
    text = "\n".join(["a castle", *settings(values)]).encode()
    data = png((b"tEXt", b"parameters\0" + text))
    yield Item(FAMILY, path, data, named(values, [f'text chunk "parameters":{2 + at}' for at in range(5)]))
    for path, make in (("images/photo.jpg", jpeg), ("images/plot.gif", gif)):
        values = values_for(seed, path)
        yield Item(FAMILY, path, make(sentence(values).encode()), at_one_place(values, "comment"))
    for path, make, place in (("scans/a.tif", tiff, "TIFF ImageDescription"), ("images/a.avif", heif, "XMP")):
        values = values_for(seed, path)
        yield Item(FAMILY, path, make(sentence(values).encode()), at_one_place(values, place))
    path = "docs/paper.pdf"
    values = values_for(seed, path)
    data = pdf(b"BT\n" + b"".join(b"(%b) Tj T*\n" % line.encode() for line in settings(values)) + b"ET\n")
    yield Item(FAMILY, path, data, in_lines(values, "object 7", 2))
    path = "docs/report.docx"
    values = values_for(seed, path)
    cuts = (9, 9, 9, 0, 9)  # the end of an address is one, too
    runs = [(value[:cut], value[cut:]) for value, cut in zip(values, cuts, strict=True)]
    body = "".join(f"<w:p><w:r><w:t>{first}</w:t></w:r><w:r><w:t>{last}</w:t></w:r></w:p>" for first, last in runs)
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<w:document {_WORD}><w:body>{body}</w:body></w:document>'
    places = [(f"word/document.xml → paragraph {1 + at}", None if cut else 2) for at, cut in enumerate(cuts)]
    yield Item(FAMILY, path, zipped(("word/document.xml", xml.encode())), planted(values, places, CARD_ALONE))


_CHUNKS = (
    ("images/plain.png", b"tEXt", lambda text: b"Comment\0" + text),
    ("images/packed.png", b"zTXt", lambda text: b"Comment\0\0" + zlib.compress(text)),
    ("images/international.png", b"iTXt", lambda text: b"Comment\0\1\0en\0C\0" + zlib.compress(text)),
)
