"""PDF: what pages show, what objects say, what is compressed or embedded; encrypted documents are gaps."""

from __future__ import annotations

import base64
import zlib

import pytest

from modelguard.budget import Budget
from modelguard.model import GapReason
from modelguard.readers.documents.pdf_fonts import Font, by_table
from modelguard.readers.documents.pdf_syntax import Name, Parser, Reference
from modelguard.readers.documents.pdf_text import Shown
from modelguard.readers.interface import Text
from tests.readers.opened import RULES, bears_damage, opened, places, scanned, values
from tests.readers.test_pictures import jpeg, segment

VALUES = values()
HUB = VALUES.hub.encode()
FONTS = b"/Resources << /Font << /F1 5 0 R >> >>"


def pdf(*objects: tuple[int, bytes], trailer: bytes = b"<< /Size 9 /Root 1 0 R >>") -> bytes:
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (number, value) for number, value in objects)
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + body + b"trailer\n" + trailer + b"\nstartxref\n0\n%%EOF\n"


def stream(data: bytes, more: bytes = b"", pack: bool = True) -> bytes:
    if pack:
        data, more = zlib.compress(data), b"/Filter /FlateDecode " + more
    return b"<< /Length %d %b>>\nstream\n%b\nendstream" % (len(data), more, data)


def page(content: bytes, *others: tuple[int, bytes], pack: bool = True, more: bytes = FONTS) -> bytes:
    return pdf(
        (1, b"<< /Type /Catalog /Pages 2 0 R >>"),
        (2, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        (3, b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R %b >>" % more),
        (4, stream(content, pack=pack)),
        *others,
    )


def in_hex(text: str) -> bytes:
    """Each character by a code that only its font knows, two bytes long."""
    return b"<" + b"".join(b"%04x" % (ord(sign) + 0x100) for sign in text) + b">"


TABLE = b"""begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0120> <017e> <0020> endbfrange
2 beginbfchar <0200> <0041> <0201> <00410042> endbfchar
1 beginbfrange <0210> <0211> [<0061> <0062>] endbfrange"""
FONT = (5, b"<< /Type /Font /Subtype /Type0 /ToUnicode 6 0 R >>"), (6, stream(TABLE))
PACKED = b"10 0 11 22 <</Type /Other /N 1 >>" + b"<< /T (a) /V (token " + HUB + b") >>"

PLACES = {
    "a string": (page(b"BT /F1 12 Tf 72 700 Td (token " + HUB + b") Tj ET"), "page object 3"),
    "an array with gaps between letters": (
        page(b"BT [(" + HUB[:7] + b") 20 (" + HUB[7:20] + b") -15.5 <" + HUB[20:].hex().encode() + b">] TJ ET"),
        "page object 3",
    ),
    "letter by letter": (
        page(b"BT /F1 9 Tf " + b"".join(b"4.5 0 Td (%c) Tj " % letter for letter in HUB) + b"ET"),
        "page object 3",
    ),
    "letter by letter, by matrix": (
        page(b"BT " + b"".join(b"1 0 0 1 %d 700 Tm (%c) Tj " % (at * 5, HUB[at]) for at in range(len(HUB))) + b"ET"),
        "page object 3",
    ),
    "escapes": (page(b"BT (\\150f\\\n_" + HUB[3:] + b") Tj ET"), "page object 3"),
    "a table of a font": (page(b"BT /F1 9 Tf [" + in_hex(VALUES.hub) + b"] TJ ET", *FONT), "page object 3"),
    "a table of a font of single bytes": (
        page(b"BT /F1 9 Tf (" + HUB + b") Tj ET", (5, b"<< /Subtype /Type3 /ToUnicode 6 0 R >>"), FONT[1]),
        "page object 3",
    ),
    "a comment": (page(b"BT (a) Tj % " + HUB + b"\n(b) Tj ET"), "page object 3"),
    "other words for a part": (page(b"BT /Span << /ActualText (" + HUB + b") >> BDC (a) Tj EMC ET"), "page object 3"),
    "no compression, cut": (page(b"BT [(" + HUB[:9] + b") 3 (" + HUB[9:] + b")] TJ ET", pack=False), "page object 3"),
    "no compression": (page(b"BT (" + HUB + b") Tj ET", pack=False), "object 4"),
    "resources of the parent": (
        pdf(
            (2, b"<< /Type /Pages /Kids [3 0 R] %b >>" % FONTS),
            (3, b"<< /Type /Page /Parent 2 0 R /Contents [4 0 R] >>"),
            (4, stream(b"BT /F1 9 Tf " + in_hex(VALUES.hub) + b" Tj ET")),
            *FONT,
        ),
        "page object 3",
    ),
    "a form": (page(b"", (7, stream(b"BT (" + HUB + b") Tj ET", b"/Type /XObject /Subtype /Form "))), "form object 7"),
    "a title": (page(b"", (7, b"<< /Title (" + HUB + b") >>")), "object 7"),
    "a title in UTF-16": (
        page(b"", (7, b"<< /Title <" + ("\ufeff" + VALUES.hub).encode("utf-16-be").hex().encode() + b"> >>")),
        "object 7",
    ),
    "a packed object": (page(b"", (7, stream(PACKED, b"/Type /ObjStm /N 2 /First 11 "))), "object 11"),
    "metadata": (page(b"", (7, stream(b"<x:xmpmeta>\n" + HUB, b"/Type /Metadata /Subtype /XML "))), "object 7"),
    "a file in it": (page(b"", (7, stream(b"a\nHF_TOKEN=" + HUB, b"/Type /EmbeddedFile "))), "object 7"),
    "in letters": (
        page(
            b"",
            (7, b"<< /Filter [/ASCII85Decode /Fl] >> stream\n%b~>\nendstream" % base64.a85encode(zlib.compress(HUB))),
        ),
        "object 7",
    ),
    "a picture": (
        page(b"", (7, stream(jpeg(segment(0xFE, HUB)), b"/Subtype /Image /Filter /DCTDecode ", pack=False))),
        "object 7 → comment",
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(name: str) -> None:
    data, place = PLACES[name]
    seen = scanned(data, "paper.pdf")
    assert places(seen) == {RULES.hub: place}
    assert not seen.gaps


def test_a_field_of_a_form_is_beside_its_name() -> None:
    (text,) = [
        piece for piece in opened(page(b"", (7, b"<< /T (api_key) /V (abc) >>")), "a.pdf")[0] if b"abc" in piece.text
    ]
    assert b"T: api_key\nV: abc" in text.text


def test_words_are_parted_where_a_page_parts_them() -> None:
    def shown(content: bytes) -> bytes:
        drawing = Shown({"F1": Font()})
        drawing.draw(content)
        return drawing.text()

    assert shown(b"BT [(a) -250 (b) 30 (c)] TJ ET") == b"a bc"
    assert shown(b"BT /F1 10 Tf 0 0 Td (ab) Tj 0 -12 Td (c) Tj T* (d) Tj (e) ' ET") == b"ab\nc\nd\ne"
    assert shown(b"BT /F1 10 Tf (ab) Tj 100 0 Td (c) Tj ET") == b"ab c"
    assert shown(b"BT (ab) Tj ET Q q 1 0 0 1 9 9 cm BT (c) Tj ET BT (d) Tj ET") == b"ab\ncd"
    assert shown(b"0 0 m 1 1 l S (no text) ET BT (x) Tj") == b"x"


def test_widths_of_letters() -> None:
    simple = b"<< /Subtype /Type1 /FirstChar 97 /Widths [500 500 500] >>"
    many = b"<< /Subtype /Type0 /ToUnicode 6 0 R /DescendantFonts [<< /W [0 9 1000 353 [500] 354 355 500] >>] >>"
    for font, one, other in ((simple, b"(ab)", b"(c)"), (many, in_hex("ab"), in_hex("c"))):
        for gap, place in ((10.5, b"abc"), (13, b"ab c")):
            content = b"BT /F1 10 Tf %b Tj %g 0 Td %b Tj ET" % (one, gap, other)
            (text, *_) = opened(page(content, (5, font), FONT[1]), "a.pdf")[0]
            assert isinstance(text, Text)
            assert text.text == place


def test_tables_of_fonts() -> None:
    font = by_table(TABLE)
    assert font.width == 2
    assert font.text(bytes.fromhex("01410200020102100211")) == "AAABab"
    assert by_table(b"1 beginbfchar <41> <0062> endbfchar").text(b"A") == "b"
    assert len(by_table(b"1 beginbfrange <00000000> <ffffffff> <0020> endbfrange").meanings) <= 70_000


def test_objects_as_they_are_written() -> None:
    written = rb"<< /A#42 [1 -2.5 (x\(y(z)\051) <4142 4> true 12 0 R] /B << /C /D >> % no" + b"\n>> more"
    value, end = Parser(10_000).parsed(written, 0, len(written))
    assert value["AB"][:4] == [1, -2.5, b"x(y(z))", b"AB@"]
    assert value["AB"][5] == Reference(12)
    assert value["B"] == {"C": Name("D")}
    assert written[end:] == b" more"


def test_the_data_of_pictures_is_not_looked_at() -> None:
    noise = b"\xff\0 " + VALUES.cloud.encode() + b" \0\xff"
    picture = stream(noise, b"/Type /XObject /Subtype /Image /Filter /CCITTFaxDecode ", pack=False)
    assert not scanned(page(b"", (7, picture)), "a.pdf").findings


def test_what_only_says_that_it_is_a_picture_hides_nothing() -> None:
    inner = b"endstream endobj 8 0 obj << /Title (" + HUB + b") >> endobj 9 0 obj << >> stream"
    picture = stream(inner, b"/Type /XObject /Subtype /Image /Filter /DCTDecode ", pack=False)
    assert places(scanned(page(b"", (7, picture)), "a.pdf")) == {RULES.hub: "object 8"}


def test_an_encrypted_document_is_a_gap() -> None:
    data = pdf((1, b"<< /Title (x) >>"), trailer=b"<< /Root 1 0 R /Encrypt 9 0 R >>")
    assert [gap.reason for gap in scanned(data, "a.pdf").gaps] == [GapReason.UNREADABLE]


def test_a_stream_that_cannot_be_unpacked_is_a_gap() -> None:
    content = zlib.compress(b"BT (" + HUB + b") Tj ET " + bytes(range(256)) * 9)[:-20]
    data = page(b"", (8, b"<< /Filter /FlateDecode >> stream\n" + content + b"\nendstream"))
    seen = scanned(data, "a.pdf")
    assert [(gap.reason, gap.inner) for gap in seen.gaps] == [(GapReason.MALFORMED, "object 8")]
    assert places(seen) == {RULES.hub: "object 8"}


def test_a_bomb() -> None:
    bomb = zlib.compress(bytes(1 << 24))
    _, gaps = opened(
        page(b"", *[(number, b"<< /Filter /FlateDecode >> stream\n%b\nendstream" % bomb) for number in range(10, 30)]),
        "a.pdf",
        Budget(opened_bytes=1 << 26),
    )
    assert [gap.reason for gap in gaps] == [GapReason.OVER_BUDGET]


@pytest.mark.parametrize("sign", [b"<<", b"[", b"(", b"<< /A ", b"1 0 obj <<", b"1 0 obj << >> stream ", b"/A (", b"%"])
def test_what_never_ends_takes_no_longer(sign: bytes) -> None:
    data = (
        b"%PDF-1.4\n1 0 obj\n" + sign * (200_000 // len(sign)) + b"\n2 0 obj << /Title <" + HUB.hex().encode() + b"> >>"
    )
    seen = scanned(data, "a.pdf")
    assert RULES.hub in {each.rule for each in seen.findings}
    assert not [gap for gap in seen.gaps if gap.reason is not GapReason.MALFORMED]


def test_objects_that_lead_to_themselves() -> None:
    data = pdf(
        (2, b"<< /Type /Pages /Parent 2 0 R >>"),
        (3, b"<< /Type /Page /Parent 2 0 R /Contents 3 0 R >>"),
        (4, b"4 0 R"),
        (5, b"<< /Type /Page /Parent 5 0 R /Contents [4 0 R 5 0 R] >>"),
    )
    assert not scanned(data, "a.pdf").gaps


@pytest.mark.parametrize("name", ["a table of a font", "a packed object", "in letters", "a form"])
def test_damage(name: str) -> None:
    bears_damage(PLACES[name][0], "a.pdf")


def test_tables_that_say_the_same_again_and_again() -> None:
    table = b"1 beginbfrange " + b"<0000> <ffff> <0020> " * 20_000 + b"endbfrange"
    widths = b"<< /Subtype /Type0 /ToUnicode 6 0 R /DescendantFonts [<< /W [%b] >>] >>" % (b"0 65535 500 " * 20_000)
    data = page(b"BT /F1 9 Tf (a) Tj ET", (5, widths), (6, stream(table)))
    assert not scanned(data, "a.pdf").gaps


def test_a_page_that_takes_too_long_is_a_gap() -> None:
    content = zlib.compress(b"BT " + b"(a) Tj " * 3_000_000)
    data = page(
        b"", (7, b"<< /Type /Page /Contents 8 0 R >>"), (8, b"<< /Filter /Fl >> stream\n%b\nendstream" % content)
    )
    _, gaps = opened(data, "a.pdf", Budget(opened_seconds=0.5))
    assert [gap.reason for gap in gaps] == [GapReason.OVER_BUDGET]


def test_what_an_older_version_of_a_page_shows() -> None:
    """Saving a change adds objects with the numbers of the old ones, which are still there."""
    first, second = (page(f"BT (HF_TOKEN={text}) Tj ET".encode()) for text in (VALUES.hub, "removed"))
    seen = scanned(first + second[9:], "a.pdf")
    assert set(places(seen)) == {RULES.hub}
    assert not seen.gaps


def test_a_type_that_is_a_list_is_none() -> None:
    data = (
        b"%PDF-1.7\n1 0 obj\n<< /Type [/XRef] /Length 9 /Filter /FlateDecode >>\nstream\n"
        + b"x" * 9
        + b"\nendstream\nendobj"
    )
    assert not any("Error" in gap.detail for gap in scanned(data, "a.pdf").gaps)
