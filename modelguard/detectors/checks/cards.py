"""Payment cards: the Luhn digit and a range that a network issues cards from, and no published test number."""

from __future__ import annotations

from modelguard.detectors.checks.made_up import STRIPE_TEST_CARDS, TEST_CARDS, is_made_up_card
from modelguard.detectors.checks.proofs import luhn

_RANGES = (
    ("4", "4", (13, 16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("6011", "6011", (16, 19)),  # Discover
    ("644", "659", (16, 19)),
    ("300", "305", (14, 16, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 19)),
    ("36", "36", (14, 16, 19)),
    ("38", "39", (14, 16, 19)),
    ("3528", "3589", (16, 19)),  # JCB
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("5018", "5018", (16, 19)),  # Maestro
    ("5020", "5020", (16, 19)),
    ("5038", "5038", (16, 19)),
    ("5893", "5893", (16, 19)),
    ("6304", "6304", (16, 19)),
    ("6759", "6763", (16, 19)),
    ("2200", "2204", (16, 19)),  # Mir
    ("60", "60", (16,)),  # RuPay
    ("81", "82", (16,)),
    ("508", "508", (16,)),
    ("9792", "9792", (16,)),  # Troy
)
"""The first digits of each network's cards, and how many they have.

Source: ISO/IEC 7812 ranges as the networks publish them, collected in Wikipedia's "Payment card number".
"""


def payment_card(value: str, argument: str) -> bool:
    """A number that may be on somebody's card; blanks and hyphens between its digits do not count."""
    digits = value.replace(" ", "").replace("-", "")
    return (
        is_card_like(digits)
        and not is_made_up_card(digits)
        and digits not in TEST_CARDS
        and digits not in STRIPE_TEST_CARDS
    )


def is_card_like(digits: str) -> bool:
    """Whether digits have the check digit of a card, and a range and length that a network issues."""
    return _is_issued(digits) and luhn(digits, "")


def _is_issued(digits: str) -> bool:
    return any(low <= digits[: len(low)] <= high and len(digits) in lengths for low, high, lengths in _RANGES)
