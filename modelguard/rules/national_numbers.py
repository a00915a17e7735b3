"""Numbers that states give to people: whether a text has the structure, and the checksum, of one.

Examples of rules are made by it (`templates.py`), and checks stand on it. What python-stdnum knows is its work.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

_FROM_STDNUM = {
    "at-vnr": ("at", "vnr"),
    "au-tfn": ("au", "tfn"),
    "be-nn": ("be", "nn"),
    "br-cpf": ("br", "cpf"),
    "ca-sin": ("ca", "sin"),
    "ch-ahv": ("ch", "ssn"),
    "cl-rut": ("cl", "rut"),
    "de-idnr": ("de", "idnr"),
    "dk-cpr": ("dk", "cpr"),
    "es-dni": ("es", "dni"),
    "es-nie": ("es", "nie"),
    "fi-hetu": ("fi", "hetu"),
    "fr-nir": ("fr", "nir"),
    "gb-nhs": ("gb", "nhs"),
    "ie-pps": ("ie", "pps"),
    "in-aadhaar": ("in", "aadhaar"),
    "in-pan": ("in", "pan"),
    "it-codicefiscale": ("it", "codicefiscale"),
    "kr-rrn": ("kr", "rrn"),
    "mx-curp": ("mx", "curp"),
    "nl-bsn": ("nl", "bsn"),
    "no-fodselsnummer": ("no", "fodselsnummer"),
    "pl-pesel": ("pl", "pesel"),
    "pt-nif": ("pt", "nif"),
    "ro-cnp": ("ro", "cnp"),
    "se-personnummer": ("se", "personnummer"),
    "tr-tckimlik": ("tr", "tckimlik"),
    "us-ssn": ("us", "ssn"),
    "za-idnr": ("za", "idnr"),
}
"""Each kind with the country and the name under which python-stdnum knows it."""

KINDS = frozenset({*_FROM_STDNUM, "au-medicare", "cn-ric", "gb-nino"})

WITHOUT_CHECKSUM = frozenset({"dk-cpr", "gb-nino", "in-pan", "us-ssn"})
"""Kinds of which only ranges, dates and letters tell. New Danish numbers need not pass their checksum since 2007."""

_LONGEST = 32


def is_number(kind: str, text: str) -> bool:
    """Whether `text` has the structure of a number of this kind, and its checksum where there is one.

    Blanks, hyphens and dots between its parts do not count.

    Raises:
        KeyError: there is no such kind.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    if not text.isascii() or len(text) > _LONGEST:
        return False
    if kind == "gb-nino":
        return _is_nino(plain(text))
    if kind == "au-medicare":
        return _is_medicare(plain(text))
    if kind == "cn-ric":
        return _is_ric(plain(text))
    separated = text.replace(" ", "-") if kind in ("us-ssn", "kr-rrn") else text
    try:
        return bool(_module(kind).is_valid(separated))
    except (LookupError, ValueError):  # what a library stumbles over is no number
        return False


@lru_cache(maxsize=len(_FROM_STDNUM))
def _module(kind: str) -> Any:
    from stdnum import get_cc_module

    return get_cc_module(*_FROM_STDNUM[kind])


def plain(text: str) -> str:
    """The letters and digits of a number, in capitals."""
    return "".join(char for char in text if char.isalnum()).upper()


def _is_nino(text: str) -> bool:
    """A British National Insurance number (HMRC's manual NIM39110): two letters, six digits, a letter from A to D."""
    return (
        len(text) == 9
        and text[0] in "ABCEGHJKLMNOPRSTWXYZ"
        and text[1] in "ABCEGHJKLMNPRSTWXYZ"
        and text[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
        and text[2:8].isdigit()
        and text[8] in "ABCD"
    )


def _is_medicare(text: str) -> bool:
    """An Australian Medicare card number: eight digits, their weighted sum modulo 10, the number of the card.

    Source: METEOR 270101, "Medicare card number", of the Australian Institute of Health and Welfare.
    """
    if len(text) not in (10, 11) or not text.isdigit() or text[0] not in "23456" or text[9] == "0":
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, (1, 3, 7, 9) * 2, strict=False)) % 10 == int(text[8])


def _is_ric(text: str) -> bool:
    """A Chinese resident identity card number (GB 11643): its date, and its ISO 7064 mod 11-2.

    The county is not looked up: they are renamed and merged, and python-stdnum 2.2 stumbles over some of them.
    """
    from stdnum.cn import ric
    from stdnum.exceptions import ValidationError

    if len(text) != 18 or not text[:17].isdigit() or text[17] not in "0123456789X":
        return False
    try:
        ric.get_birth_date(text)
    except ValidationError:
        return False
    return bool(ric.calc_check_digit(text) == text[17])
