"""Cells below telling headers in pages, documents, notebooks and workbooks, at their places."""

from __future__ import annotations

import io
import json

import pytest

from tests.packed import zipped
from tests.readers.opened import PASSWORD, bears_damage, places, scanned, values

VALUES = values()
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OPEN = 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:text:1.0"'


def page(*rows: str) -> bytes:
    return "\n".join(["<!DOCTYPE html>", "<table>", *rows, "</table>"]).encode()


HEADER = "<tr><th>user</th><th>password</th></tr>"
PAGES = {
    "as it is written by hand": (page(HEADER, f"<tr><td>a</td><td>{PASSWORD}</td></tr>"), "table 1, row 1", 4),
    "without closing tags": (page("<tr><th>user<th>Password", f"<tr><td>a<td>{PASSWORD}"), "table 1, row 1", 4),
    "in capitals": (page(HEADER, f"<tr><td>a</td><td>{PASSWORD}</td></tr>").upper().replace(PASSWORD.upper().encode(), PASSWORD.encode()), "table 1, row 1", 4),
    "below a title": (page('<tr><td colspan="2">the secret ones</td></tr>', HEADER, f"<tr><td>a<td>{PASSWORD}"), "table 1, row 1", 5),
    "beside cells that span two": (page("<tr><th colspan=2>user<th>password", f"<tr><td>a<td>b<td>{PASSWORD}"), "table 1, row 1", 4),
    "cut by tags": (page(HEADER, f"<tr><td>a</td><td>{PASSWORD[:5]}<b>{PASSWORD[5:]}</b></td></tr>"), "table 1, row 1", 4),
    "in a table of a table": (page("<tr><td>", HEADER.join(("<table>", f"<tr><td>a<td>{PASSWORD}</table>"))), "table 2, row 1", 4),
    "in the second table": (page("<tr><td>a", "</table><table>", HEADER, "<tr><td>a<td>", f"<tr><td>a<td>{PASSWORD}"), "table 2, row 2", 7),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_pages(name: str) -> None:
    data, place, line = PAGES[name]
    seen = scanned(data, "users.html")
    assert [(each.rule, each.place.line) for each in seen.findings] == [("generic-cell", line)]
    assert (seen.findings[0].place.inner or "").lower() == f'{place}, column "password"'
    assert not seen.gaps


def test_names_beside_values() -> None:
    data = page("<tr><th>key<th>value", "<tr><td>lr<td>0.1", f"<tr><td>db_password<td>{PASSWORD}")
    assert places(scanned(data, "a.html")) == {"generic-cell": 'table 1, row 2, column "value"'}


@pytest.mark.parametrize(
    "row",
    ["<tr><td>a<td>sunshine", "<tr><td>a<td>********", f"<tr><td>{PASSWORD}<td>yes", "<tr><td>a", f"<td>{PASSWORD}"],
)
def test_look_alikes(row: str) -> None:
    assert not scanned(page(HEADER.replace("password", "token"), row), "a.html").findings


def test_what_a_rule_knows_is_told_once_with_the_name_of_its_cell() -> None:
    seen = scanned(page(HEADER.replace("password", "token"), f"<tr><td>a<td>{VALUES.hub}"), "a.html")
    assert places(seen) == {"hf-user-token": 'table 1, row 1, column "token"'}
    assert (seen.findings[0].place.line, seen.findings[0].place.column) == (4, 14)


def test_a_page_longer_than_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from modelguard.readers.documents import html

    monkeypatch.setattr(html, "_AT_ONCE", 300)
    data = page("<tr><td>a") * 9 + page(HEADER, f"<tr><td>a<td>{PASSWORD}")
    (found,) = scanned(data, "a.html").findings
    assert data[found.place.byte_start : found.place.byte_end] == PASSWORD.encode()


def word(*rows: tuple[str, str]) -> bytes:
    cells = ("".join(f"<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>" for text in row) for row in rows)
    body = "".join(f"<w:tr>{row}</w:tr>" for row in cells)
    return f'<?xml version="1.0"?>\n<w:document {WORD}><w:tbl>{body}</w:tbl></w:document>'.encode()


def test_a_document_of_word() -> None:
    data = zipped(("word/document.xml", word(("user", "password"), ("a", PASSWORD))))
    assert places(scanned(data, "a.docx")) == {"generic-cell": 'word/document.xml → table 1, row 1, column "password"'}


def test_a_sheet_of_open_document() -> None:
    cells = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    skipped = '<table:table-cell table:number-columns-repeated="2"/>'
    rows = f"<table:table-row>{cells.format('user')}{skipped}{cells.format('password')}</table:table-row>"
    rows += f"<table:table-row>{cells.format('a')}{skipped}{cells.format(PASSWORD)}</table:table-row>"
    xml = f'<?xml version="1.0"?><office:document-content {OPEN}><table:table>{rows}</table:table></office:document-content>'
    assert [each.rule for each in scanned(xml.encode(), "content.xml").findings] == ["generic-cell"]


def test_tables_of_a_notebook() -> None:
    table = page(HEADER, f"<tr><td>a</td><td>{PASSWORD}</td></tr>").decode()
    for text in (table, table.splitlines(keepends=True)):
        output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": text}}
        cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": [output], "source": []}
        data = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()
        seen = scanned(data, "a.ipynb")
        assert places(seen) == {"generic-cell": 'cell[0].output[0].data["text/html"]:4'}
        start, end = seen.findings[0].place.byte_start, seen.findings[0].place.byte_end
        assert json.dumps(PASSWORD)[1:-1].encode() in data[start:end]


def workbook(sheet: str, strings: str = "") -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return zipped(
        ("xl/workbook.xml", f"{head}<workbook {SHEET}/>".encode()),
        ("xl/worksheets/sheet1.xml", f"{head}<worksheet {SHEET}><sheetData>{sheet}</sheetData></worksheet>".encode()),
        ("xl/sharedStrings.xml", f"{head}<sst {SHEET}>{strings}</sst>".encode()),
    )


STRINGS = f"<si><t>user</t></si><si><r><t>pass</t></r><r><t>word</t></r></si><si/><si><t>{PASSWORD}</t></si>"
SHEETS = {
    "shared": ('<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row><row r="3"><c r="C3" t="s"><v>3</v></c></row>', "C3"),
    "without references": ('<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row><c/><c t="s"><v>3</v></c></row>', "B2"),
    "inline": (f'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>api_key</t></is></c></row><row r="2"><c r="B2" t="inlineStr"><is><t>{PASSWORD}</t></is></c></row>', "B2"),
    "of a formula": (f'<row r="1"><c r="A1"><v>1</v></c><c r="AA1" t="s"><v>1</v></c></row><row r="7"><c r="AA7" t="str"><f>A1</f><v>{PASSWORD}</v></c></row>', "AA7"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_workbooks(name: str) -> None:
    sheet, cell = SHEETS[name]
    column = "api_key" if name == "inline" else "password"
    seen = scanned(workbook(sheet, STRINGS), "a.xlsx")
    assert places(seen) == {"generic-cell": f'xl/worksheets/sheet1.xml → cell {cell}, column "{column}"'}
    assert not seen.gaps


def test_a_number_of_a_card_in_a_workbook() -> None:
    from modelguard.rules.templates import expand

    sheet = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>card_number</t></is></c></row>'
    card = expand("<luhn:400000:16>")
    seen = scanned(workbook(f'{sheet}<row r="2"><c r="B2"><v>{card}</v></c></row>', STRINGS), "a.xlsx")
    assert places(seen) == {"payment-card": 'xl/worksheets/sheet1.xml → cell B2, column "card_number"'}


def test_numbers_of_strings_that_there_are_not() -> None:
    for number in ("99", "-1", "9" * 30, "x", ""):
        sheet = SHEETS["shared"][0].replace("<v>3</v>", f"<v>{number}</v>")
        assert not scanned(workbook(sheet, STRINGS), "a.xlsx").findings


def test_a_workbook_that_openpyxl_writes() -> None:
    import openpyxl

    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["id", "db_password"], [1, PASSWORD]):
        book.worksheets[0].append(row)
    book.save(out)
    assert places(scanned(out.getvalue(), "a.xlsx")) == {
        "generic-cell": 'xl/worksheets/sheet1.xml → cell B2, column "db_password"'
    }


def test_bears_damage() -> None:
    bears_damage(PAGES["beside cells that span two"][0], "a.html")
    bears_damage(workbook(SHEETS["shared"][0], STRINGS), "a.xlsx")
