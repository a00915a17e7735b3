"""What stands around a number: a number among its like is data, whatever its own digits say."""

from __future__ import annotations

import re

from modelguard.detectors.checks.cards import is_card_like
from modelguard.detectors.checks.made_up import is_made_up_card

_DIGIT = re.compile(r"[0-9]")
_ABOUT = 2
"""Numbers with as many digits more or less are alike: one random number of ten is shorter than the most."""
_TIME = re.compile(r"1[4-9](?:[0-9]{11}|[0-9]{14}|[0-9]{17})")
"""Milliseconds, microseconds or nanoseconds of our days: they stand beside anything."""


def no_other_numbers(before: str, value: str, after: str) -> bool:
    """No other number is written as this one is, about as many digits or the same groups of them, that is data.

    One number of ten passes Luhn, so among random ones of this length there are cards. A fraction is no number of its
    own.
    """
    count = len(value)
    digits = f"[0-9]{{{count - _ABOUT},{count + _ABOUT}}}"
    alike = digits if value.isdigit() else _DIGIT.sub("[0-9]", re.escape(value))
    like = re.compile(rf"(?<![0-9])(?<![0-9]\.){alike}(?![0-9])")
    others = {match[0] for text in (before, after) for match in like.finditer(text)}
    return not any(other != value and is_data(other) for other in others)


def is_data(value: str) -> bool:
    """A number that is no card's and no time, and that nobody has made up to look like one."""
    digits = "".join(filter(str.isdigit, value))
    return not (is_card_like(digits) or is_made_up_card(digits) or _TIME.fullmatch(digits))
