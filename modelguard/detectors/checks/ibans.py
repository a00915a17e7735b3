"""International bank account numbers: the checksum, and the length and structure of the country's own number."""

from __future__ import annotations

from modelguard.detectors.checks.made_up import is_made_up

_LONGEST = 34 + 8  # with a blank after each group of four
_SAMPLES = frozenset(
    """
    AD1200012030200359100100 AE070331234567890123456 AT611904300234573201 BE68539007547034 BE71096123456769
    BG80BNBG96611020345678 CH9300762011623852957 CZ6508000000192000145399 DE89370400440532013000
    DE91100000000123456789 DE12500105170648489890 DK5000400440116243 EE382200221020145685 ES9121000418450200051332
    ES7921000813610123456789 FI2112345600000785 FR1420041010050500013M02606 FR7630006000011234567890189
    GB29NWBK60161331926819 GB33BUKB20201555555555 GB82WEST12345698765432 GR1601101250000000012300695
    HR1210010051863000160 HU42117730161111101800000000 IE29AIBK93115212345678 IE64IRCE92050112345678
    IT60X0542811101000000123456 LI21088100002324013AA LT121000011101001000 LU280019400644750000
    LV80BANK0000435195001 MC5811222000010123456789030 MT84MALT011000012345MTLCAST001S NL91ABNA0417164300
    NL02ABNA0123456789 NO9386011117947 PL61109010140000071219812874 PT50000201231234567890154
    RO49AAAA1B31007593840000 SA0380000000608010167519 SE4550000000058398257466 SI56191000000123438
    SI56263300012039086 SK3112000000198742637541 TR330006100519786457841326
    """.split()
)
"""Those that the registry of ISO 13616 gives as each country's example, and that banks' documentation repeats."""


def iban(value: str, argument: str) -> bool:
    """An IBAN (ISO 13616), in groups or not, that is no published example."""
    number = value.replace(" ", "").upper()
    if not number.isascii() or not number.isalnum() or len(value) > _LONGEST:
        return False
    from stdnum import iban as standard

    try:
        valid = standard.is_valid(number, check_country=False)  # it knows banks of yesterday
    except (LookupError, ValueError):  # what a library stumbles over is no number
        return False
    return valid and number not in _SAMPLES and not is_made_up("".join(filter(str.isdigit, number[4:])))
