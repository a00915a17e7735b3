"""Numbers that states give to people, without those that are published as examples or reserved for tests."""

from __future__ import annotations

from modelguard.detectors.checks.made_up import SAMPLES, is_made_up
from modelguard.rules.national_numbers import is_number, plain

_FOR_TESTS = {
    "gb-nhs": ("999",),  # NHS Digital, synthetic data
    "gb-nino": ("AA", "AB123456", "ZY"),  # HMRC, developer hub
    "us-ssn": ("12345",),  # what forms and manuals begin theirs with
    "ca-sin": ("0", "8"),  # never issued to people
    "pt-nif": ("4", "5", "6", "7", "8", "9"),  # companies and estates
}
"""What numbers begin with that are nobody's."""


def national_id(value: str, kind: str) -> bool:
    """A number of this kind (see `rules.national_numbers`) that may be somebody's."""
    number = plain(value)
    if number in SAMPLES.get(kind, "").split() or number.startswith(_FOR_TESTS.get(kind, ())):
        return False
    return not is_made_up("".join(filter(str.isdigit, number))) and is_number(kind, value)
