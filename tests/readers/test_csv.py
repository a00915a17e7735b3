"""CSV and TSV: rows and columns of places, whatever quotes hold; columns that say what their bare values are."""

from __future__ import annotations

import time

import pytest

from modelguard.readers.interface import Text
from modelguard.readers.tables import csv
from modelguard.readers.tables.csv_records import cut_at, header_of, record_pattern
from modelguard.readers.tables.headers import is_telling
from modelguard.rules.templates import expand
from tests.readers.opened import PASSWORD, RULES, PathBlob, kind, opened, places, scanned, values

VALUES = values()


def guided(text: str, *marks: str) -> list[str | None]:
    """Where the first of each of these stands."""
    data = text.encode()
    return csv.guide(PathBlob(data, "a.csv"), [data.index(mark.encode()) for mark in marks])


def test_rows_and_columns_are_those_of_records_not_of_lines() -> None:
    text = f'id,text\n1,"a ""q"", \n\n b"\n2,x {VALUES.hub}\n3,"several\nlines,\n{VALUES.cloud}"\n'
    seen = scanned(text.encode(), "data/train.csv")
    assert places(seen) == {RULES.hub: 'row 2, column "text"', RULES.cloud: 'row 3, column "text"'}
    assert [each.place.line for each in seen.findings] == [5, 8]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_other_delimiters(delimiter: str) -> None:
    text = "\ufeffid,email,note\r\n1,here,x\r\n2,y,there\r\n".replace(",", delimiter)
    assert guided(text, "id", "here", "there") == ["header, column 1", 'row 1, column "email"', 'row 2, column "note"']


def test_a_file_without_a_header_has_numbers_of_columns() -> None:
    assert guided("1,2.5\n7,here\n", "here") == ["row 2, column 2"]


def test_more_fields_than_the_header_names() -> None:
    assert guided("a,b\n1,2,here\n", "here") == ["row 1, column 3"]


def test_places_far_into_a_file() -> None:
    for cell in ("plain words", '"quoted, ""words""\nand lines"'):
        rows = "".join(f"{number},{cell}\n" for number in range(120_000))
        assert guided(f"id,text\n{rows}7,here\n9,there\n", "here", "there") == [
            'row 120001, column "text"',
            'row 120002, column "text"',
        ]


def test_a_quote_that_nothing_closes_ends_with_its_file() -> None:
    text = 'id,text\n1,"open\n' + "x" * 100 + "\n" + 'z,"\n' * 50_000
    began = time.monotonic()
    assert guided(text + "here", "here")[0] is not None
    list(record_pattern(b",", (1,)).finditer(text.encode()))
    assert time.monotonic() - began < 5


def told(data: bytes, path: str = "a.csv") -> list[Text]:
    if kind(data, path).reader is None:  # type: ignore[union-attr]
        return []
    pieces, gaps = opened(data, path)
    assert not gaps
    return [piece for piece in pieces if isinstance(piece, Text)]


def test_cells_of_telling_columns_are_told_beside_their_names() -> None:
    data = b'name,card_number,n,SSN\nal,4111 1111 1111 1111,5,"219-09-9999"\n"b, c",42,6,\n'
    cards, numbers = told(data)
    assert cards.text == b"card_number: 4111 1111 1111 1111\ncard_number: 42"
    assert numbers.text == b'SSN: "219-09-9999"\nSSN: '
    assert list(cards.starts or ()) == [0, 33]
    assert [cards.name(at) for at in (0, 32, 33)] == [
        'row 1, column "card_number"',
        'row 1, column "card_number"',
        'row 2, column "card_number"',
    ]
    first, last = numbers.span(0, 18)
    assert data[first:last] == b'"219-09-9999"'
    assert all(text.again for text in (cards, numbers))


def test_tables_of_many_pieces_are_told_whole() -> None:
    data = b"text,phone\n" + b"".join(b'"some, ""text""\nhere %d",+49 %d\n' % (n, n) for n in range(60_000))
    texts = told(data)
    assert len(texts) > 1
    cells = b"\n".join(text.text for text in texts).split(b"\n")
    assert cells == [b"phone: +49 %d" % number for number in range(60_000)]
    assert texts[-1].name(len(texts[-1].text) - 1) == 'row 60000, column "phone"'


def test_other_tables_are_told_as_they_stand() -> None:
    assert told(b"id,text\n1,x\n") == []
    assert told(b"1,2\n3,4\n") == []
    assert kind(b"ssn,x\n", "a.txt") is None


def test_a_value_in_a_telling_column_is_told_once() -> None:
    seen = scanned(f"user,hub_token\nme,{VALUES.hub}\n".encode(), "a.csv")
    assert places(seen) == {RULES.hub: 'row 1, column "hub_token"'}
    assert [each.place.line for each in seen.findings] == [2]


def test_a_password_under_its_header_is_found() -> None:
    seen = scanned(b"user,password\nme,Tr0ub4dor&3xz9Qw\n", "users.csv")
    assert [each.place.inner for each in seen.findings] == ['row 1, column "password"']


def test_a_name_and_its_value_in_two_columns_are_told_side_by_side() -> None:
    """Whatever quotes stand around either."""
    for row in (f"password,{PASSWORD}", f'"password","{PASSWORD}"'):
        text = f"id,key,value\n1,a,b\n2,{row}\n".encode()
        seen = scanned(text, "data/params.csv")
        assert [finding.place.inner for finding in seen.findings] == ['row 2, column "value"']
        assert [finding.place.line for finding in seen.findings] == [3]


def test_a_password_with_any_symbol_under_its_header_is_found() -> None:
    symbols = expand("<alpha:3>#<digit:2><alpha:5>%<digit:2>")
    seen = scanned(f"user,password\na,\nb,{symbols}\nc,********\nd,running\n".encode(), "data/users.csv")
    assert places(seen) == {"generic-cell": 'row 2, column "password"'}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_places_in_wide_characters(encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    found = values()
    text = f"{mark}id,größe,token\n1,ü,{found.hub}\n2,x,{found.forge}\n"
    assert places(scanned(text.encode(encoding), "a.csv")) == {
        RULES.hub: 'row 1, column "token"',
        RULES.forge: 'row 2, column "token"',
    }


@pytest.mark.parametrize(
    "name",
    [
        "ssn",
        "Card Number",
        "cardNumber",
        "CC_NUM",
        "iban",
        "Phone",
        "user.phone_number",
        "API key",
        "apiKey",
        "wandb_key",
    ],
)
def test_telling_names(name: str) -> None:
    assert is_telling(name)


@pytest.mark.parametrize(
    "name", ["id", "key", "cache_key", "tokens", "text", "cardinality", "label", "accuracy", "compassion", "iphone", ""]
)
def test_other_names(name: str) -> None:
    assert not is_telling(name)


def test_pieces_are_cut_between_records() -> None:
    assert cut_at(b'a,b\n1,"x\ny') == 4
    assert cut_at(b"a,b\n1,x\n") == 8
    assert cut_at(b"no line") == 7
    assert header_of(b"a,a\n").names == ()
