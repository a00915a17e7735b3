"""Which texts are numbers that states give to people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.detectors.checks.made_up import SAMPLES
from modelguard.rules.national_numbers import KINDS, WITHOUT_CHECKSUM, is_number, plain
from modelguard.rules.templates import expand

SHAPES = {
    "at-vnr": "#### 1#0391",
    "au-medicare": "4### ##### #",
    "au-tfn": "4## ### ###",
    "be-nn": "85.07.##-###.##",
    "br-cpf": "###.###.###-##",
    "ca-sin": "5## ### ###",
    "ch-ahv": "756.####.####.##",
    "cl-rut": "1#.###.###-#",
    "cn-ric": "11010519850714####",
    "de-idnr": "8# ### ### ###",
    "dk-cpr": "140785-####",
    "es-dni": "4#######@",
    "es-nie": "X-#######-@",
    "fi-hetu": "140785-0##@",
    "fr-nir": "2 91 03 75 ### ### ##",
    "gb-nhs": "4## ### ####",
    "gb-nino": "J@ ## ## ## C",
    "ie-pps": "#######@",
    "in-aadhaar": "4### #### ####",
    "in-pan": "@@@P@####@",
    "it-codicefiscale": "@@@@@@85T10A###@",
    "kr-rrn": "850714-1######",
    "mx-curp": "G@@B850714HDFRRL0#",
    "nl-bsn": "#########",
    "no-fodselsnummer": "140785 #####",
    "pl-pesel": "850714#####",
    "pt-nif": "2## ### ###",
    "ro-cnp": "1850714######",
    "se-personnummer": "850714-####",
    "tr-tckimlik": "4##########",
    "us-ssn": "5##-##-####",
    "za-idnr": "850714 ##### ##",
}


def test_every_kind_is_tried_here() -> None:
    assert set(SHAPES) == KINDS
    assert WITHOUT_CHECKSUM < KINDS and set(SAMPLES) <= KINDS


@pytest.mark.parametrize("kind", sorted(KINDS - WITHOUT_CHECKSUM))
def test_a_checksum_is_a_checksum(kind: str) -> None:
    """Of the ten digits that stand at one place, hardly any other than the right one is accepted."""
    number = expand(f"<number:{kind}:{SHAPES[kind]}>")
    assert is_number(kind, number)
    at = SHAPES[kind].index("#")
    others = [number[:at] + digit + number[at + 1 :] for digit in "0123456789" if digit != number[at]]
    assert sum(is_number(kind, other) for other in others) <= 1
    assert not is_number(kind, number[:-1]) and not is_number(kind, number + "77")


@pytest.mark.parametrize("kind", sorted(WITHOUT_CHECKSUM))
def test_ranges_without_a_checksum(kind: str) -> None:
    number = expand(f"<number:{kind}:{SHAPES[kind]}>")
    assert is_number(kind, number) and not is_number(kind, number[:-1])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("us-ssn", "666-12-3457"),
        ("us-ssn", "000-12-3457"),
        ("us-ssn", "912-12-3457"),
        ("us-ssn", "512-00-3457"),
        ("us-ssn", "512-12-0000"),
        ("gb-nino", "BG352719A"),
        ("gb-nino", "QQ352719A"),
        ("gb-nino", "JD352719E"),
        ("dk-cpr", "320785-1357"),
        ("in-pan", "KLMXN5731Q"),
        ("au-medicare", "7123456703"),
        ("cn-ric", "110105198513141234"),
    ],
)
def test_what_is_never_given_out(kind: str, text: str) -> None:
    assert not is_number(kind, text)


@given(st.text(max_size=40), st.text("0123456789 -.+ABCXYZxyz", max_size=40))
def test_any_text_has_an_answer(text: str, nearly: str) -> None:
    for kind in KINDS:
        assert is_number(kind, text) in (True, False)
        assert is_number(kind, nearly) in (True, False)


@given(st.text("0123456789", min_size=18, max_size=18))
def test_no_place_of_birth_makes_the_library_stumble(digits: str) -> None:
    assert is_number("cn-ric", digits) in (True, False)


def test_a_kind_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        is_number("xx-number", "1")
    assert plain("ab 12-3.4/é") == "AB1234É"
