"""What stands around a number: a number among its like is data, whatever its own digits say."""

from __future__ import annotations

import re

from modelguard.detectors.checks.cards import is_card_like
from modelguard.detectors.checks.made_up import is_made_up_card

_DIGIT = re.compile(r"[0-9]")


def no_other_numbers(before: str, value: str, after: str) -> bool:
    """No other number is written as this one is, as many digits in the same groups, that is data.

    One number of ten passes Luhn, so among random ones of this length there are cards. A fraction is no number of its
    own.
    """
    like = re.compile(rf"(?<![0-9])(?<![0-9]\.){_DIGIT.sub('[0-9]', re.escape(value))}(?![0-9])")
    others = {match[0] for text in (before, after) for match in like.finditer(text)}
    return not any(other != value and is_data(other) for other in others)


def is_data(value: str) -> bool:
    """A number that is no card's, and that nobody has made up to look like one."""
    digits = "".join(filter(str.isdigit, value))
    return not is_card_like(digits) and not is_made_up_card(digits)
