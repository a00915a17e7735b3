"""Office documents: a word that is cut into runs is read as one, and its paragraph is named."""

from __future__ import annotations

import pytest

from tests.packed import zipped
from tests.readers.opened import RULES, bears_damage, places, scanned, values

VALUES = values()
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SLIDE = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
OPEN = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
FIRST, SECOND = VALUES.hub[:11], VALUES.hub[11:]


def part(root: str, namespaces: str, body: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<{root} {namespaces}>{body}</{root}>'.encode()


def paragraphs(*bodies: str) -> bytes:
    return part("w:document", WORD, "<w:body>" + "".join(f"<w:p>{body}</w:p>" for body in bodies) + "</w:body>")


def run(text: str) -> str:
    return f'<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


CUT = paragraphs(run("one"), '<w:pPr><w:pStyle w:val="a"/></w:pPr>' + run(f"token = {FIRST}") + run(SECOND))
PLACES = {
    "word/document.xml": (CUT, "paragraph 2"),
    "word/comments.xml": (paragraphs("<w:r><w:t>a</w:t></w:r>" * 3, run(VALUES.hub)), "paragraph 2"),
    "word/footnotes.xml": (
        paragraphs(f"<w:del><w:r><w:delText>{FIRST}</w:delText></w:r></w:del>" + run(SECOND)),
        "paragraph 1",
    ),
    "xl/sharedStrings.xml": (
        part("sst", SHEET, f"<si><t>a</t></si><si><r><t>{FIRST}</t></r><r><rPr/><t>{SECOND}</t></r></si>"),
        "shared string 2",
    ),
    "ppt/slides/slide1.xml": (
        part("p:sld", SLIDE, f"<a:p><a:r><a:t>{FIRST}</a:t></a:r><a:r><a:t>{SECOND}</a:t></a:r></a:p>"),
        "paragraph 1",
    ),
    "content.xml": (
        part(
            "office:document-content",
            OPEN,
            f"<text:h>a</text:h><text:p>{FIRST}<text:span>{SECOND}</text:span></text:p>",
        ),
        "paragraph 2",
    ),
    "entities.xml": (paragraphs(run(f"{FIRST[:2]}&#95;{VALUES.hub[3:]}")), "paragraph 1 → html"),
}


@pytest.mark.parametrize("name", PLACES)
def test_places(name: str) -> None:
    data, place = PLACES[name]
    seen = scanned(zipped((name, data)), "report.docx")
    assert places(seen) == {RULES.hub: f"{name} → {place}"}
    assert not seen.gaps


def test_a_value_that_stands_as_it_is_is_told_once() -> None:
    data = paragraphs(run("a"), run(f"token = {VALUES.hub}") + run(" and more"))
    seen = scanned(data, "document.xml")
    assert places(seen) == {RULES.hub: "paragraph 2"}
    assert seen.findings[0].place.line == 2


def test_a_cell_that_says_its_value_twice_is_told_once() -> None:
    """OpenDocument: an attribute, and the paragraph that shows it; where they differ, both are told."""
    cell = (
        '<table:table-cell office:value-type="string" office:string-value="{}"><text:p>{}</text:p></table:table-cell>'
    )
    body = cell.format(VALUES.hub, VALUES.hub) + cell.format(VALUES.forge, "hidden")
    seen = scanned(part("office:document-content", OPEN, body), "content.xml")
    assert sorted(finding.rule for finding in seen.findings) == sorted([RULES.hub, RULES.forge])


def test_words_of_two_paragraphs_are_not_one() -> None:
    assert not scanned(paragraphs(run(FIRST), run(SECOND)), "document.xml").findings
    assert not scanned(paragraphs(run(FIRST) + "<w:r><w:tab/></w:r>" + run(SECOND)), "document.xml").findings


def test_parts_without_an_end_take_no_longer() -> None:
    data = part("w:document", WORD, "<w:p><w:r><w:t>" * 50_000 + run(FIRST) + run(SECOND))
    assert set(places(scanned(data, "document.xml"))) == {RULES.hub}


def test_damage() -> None:
    bears_damage(CUT, "document.xml")
