"""What a proof reads in a value, beyond whether it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from modelguard.model import Confidence, Severity


class Reading(NamedTuple):
    """What the value's own format says of it.

    `passed` is None where the format proves nothing either way. `detail` is told to everybody, so it holds nothing of a
    secret and no text of the file but numbers and dates. `severity` and `confidence` are the most that the finding may
    have.
    """

    passed: bool | None = None
    detail: str = ""
    severity: Severity = Severity.CRITICAL
    confidence: Confidence = Confidence.HIGH


def together(readings: Sequence[Reading]) -> Reading:
    """What several readings of one value come to: failed where one did, and as bad and as sure as the least of them."""
    said = [reading.passed for reading in readings if reading.passed is not None]
    sure = [reading.confidence for reading in readings]
    return Reading(
        all(said) if said else None,
        ", ".join(reading.detail for reading in readings if reading.detail),
        min((reading.severity for reading in readings), key=_rank),
        min(sure if all(said) else [Confidence.LOW], key=_rank),
    )


def _rank(word: Severity | Confidence) -> int:
    return word.rank
