"""Telephone numbers that a country's plan knows, without those that are set aside for films and documentation."""

from __future__ import annotations

import re

from modelguard.detectors.checks.made_up import is_made_up

_WITH_TRUNK_0 = ("GB", "DE", "FR", "NL", "BE", "CH", "AT", "SE", "AU", "JP", "KR", "ZA")
_OF_TEN_DIGITS = ("US", "IN")
_FICTIONAL = re.compile(
    r"1[2-9]\d\d555\d{4}"  # of every area: 0100 to 0199 for fiction (ATIS), 1212 for enquiries, hardly any other in use
    r"|44(?:11[3-8]496|1[2-6]1496|207946|191498)0\d{3}"
    r"|44(?:1632960|2896496|2920180|7700900|8081570|9098790|3069990)\d{3}"  # Ofcom, numbers for drama
    r"|61[2378]5550\d{4}|61[2378]7010\d{4}|61491570\d{3}|61180(?:0160401|0975)\d{0,3}"  # ACMA
    r"|49(?:3023125|6990009|4066969|2214710|8999998)\d{3}|4917[12]\d{0,3}|49176040690\d\d"  # Bundesnetzagentur
    r"|33(?:19900|26191|35301|46571|53649|63998)\d{4}"  # ARCEP
    r"|46(?:31390060|40628040|8465004|98031920|70174060)\d{1,2}"  # PTS
)
"""Numbers that regulators keep free for films, books and manuals, without the plus."""

_OTHER_NUMBER = re.compile(r"(?:^\+?|\.)\d\.|^\d\d\.\d{4,}$|\.\d$|^\+\d{4}(?:\d\d)?-\d{5}(?:\d\d)?$")
"""A version, a fraction, a place on earth (ISO 6709)."""


def phone_number(value: str, argument: str) -> bool:
    """A valid number in international form, or as people write it at home in one of the larger countries."""
    digits = "".join(filter(str.isdigit, value))
    if not value.isascii() or not 7 <= len(digits) <= 15 or is_made_up(digits):
        return False
    if _OTHER_NUMBER.search(value):
        return False
    import phonenumbers

    numbers = []
    for region in _regions(value, digits):
        try:
            numbers.append(phonenumbers.parse(value, region))
        except phonenumbers.NumberParseException:
            continue
    if any(_FICTIONAL.fullmatch(f"{number.country_code}{number.national_number}") for number in numbers):
        return False
    return any(map(phonenumbers.is_valid_number, numbers))


def _regions(value: str, digits: str) -> tuple[str | None, ...]:
    """Where a number may be dialled as it is written; `None` is everywhere."""
    if value.lstrip("(").startswith("+"):
        return (None,)
    if digits.startswith("0"):
        return _WITH_TRUNK_0
    return _OF_TEN_DIGITS if len(digits) == 10 else ()
