"""Discord's ids, which say when they were made (Discord developer documentation, "Snowflakes")."""

from __future__ import annotations

import time

from modelguard.detectors.checks.proofs import decoded
from modelguard.detectors.checks.reading import Reading

_EPOCH = 1_420_070_400  # seconds: the start of 2015
_TIME_BITS = 22
_DAY = 86_400


def discord_bot(value: str, argument: str, line: str) -> Reading:
    """The first part of the token is the base64 of its bot's id, made between 2015 and now."""
    digits = decoded(value.partition(".")[0])
    if not (digits.isdigit() and len(digits) <= 20):
        return Reading(False)
    made = (int(digits) >> _TIME_BITS) / 1000
    return Reading(0 < made < time.time() - _EPOCH + _DAY)
