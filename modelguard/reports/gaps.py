"""What every report says of a gap: where it is, and in a sentence why."""

from __future__ import annotations

from modelguard.model import Gap, GapReason
from modelguard.reports.escape import printable

_SENTENCES = {
    GapReason.MISSING: "What was to be scanned does not exist.",
    GapReason.UNREADABLE: "It could not be read.",
    GapReason.VANISHED: "It was gone when its turn came.",
    GapReason.CHANGED: "It changed while it was read.",
    GapReason.SPECIAL: "It is not a regular file.",
    GapReason.OVER_BUDGET: "Reading it all would take more than the budget allows.",
    GapReason.MALFORMED: "It is not what it says it is, so only part of it could be read.",
    GapReason.CRASHED: "The reader crashed on it.",
    GapReason.TIMED_OUT: "Reading it took too long.",
    GapReason.MISSING_EXTRA: "Reading it needs a library that is not installed.",
    GapReason.NOTHING: "There was nothing to scan.",
}


def place_of(gap: Gap) -> str:
    """Where the gap is: `path`, or `path!inner` in a container."""
    return printable(gap.path if gap.inner is None else f"{gap.path}!{gap.inner}")


def described(reason: GapReason) -> str:
    """A sentence about a reason."""
    # A word that is missing above is a defect for the tests to find, and no reason to lose a report.
    return _SENTENCES.get(reason, reason.value)


def sentence(gap: Gap) -> str:
    """Why it was not looked at, or not wholly: the reason, and what is known besides."""
    return f"{gap.reason}: {printable(gap.detail) or described(gap.reason)}"
