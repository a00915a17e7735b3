"""Two results of the same commits, under trusted and under proposed settings: whichever is stricter counts.

Settings themselves are not combined. What one of them means depends on others (a pattern that takes back another one,
a rule that speaks in place of another one), and what a scan finds under each is beyond doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec.structs import replace

from modelguard.model import Finding, ScanResult, Status
from modelguard.verdict.outcome import CLEAN, INCOMPLETE, LEAK

_T = TypeVar("_T")


def stricter(trusted: ScanResult, proposed: ScanResult) -> ScanResult:
    """Both in one: what blocks in either blocks, and what either could not look at is a gap. Counts are the first's."""
    findings = _either(trusted.findings, proposed.findings)
    return replace(
        trusted,
        findings=findings,
        gaps=_both(trusted.gaps, proposed.gaps),
        left_out=tuple(left for left in trusted.left_out if left in proposed.left_out),
        notices=_both(trusted.notices, proposed.notices),
        rules={**proposed.rules, **trusted.rules},
        exit_status=_status(trusted, proposed),
    )


def _status(*results: ScanResult) -> int:
    """A leak wins over what could not be looked at. It is not worked out anew: settings may allow gaps."""
    statuses = {result.exit_status for result in results}
    return next((status for status in (LEAK, INCOMPLETE) if status in statuses), CLEAN)


def _either(trusted: Sequence[Finding], proposed: Sequence[Finding]) -> tuple[Finding, ...]:
    found: dict[tuple[object, ...], Finding] = {}
    for finding in (*trusted, *proposed):
        key = (finding.fingerprint, finding.rule, finding.origin.path, finding.place)
        if key not in found or _weight(finding) > _weight(found[key]):
            found[key] = finding
    return tuple(sorted(found.values(), key=lambda each: (each.origin.path, each.place.byte_start, each.rule)))


def _weight(finding: Finding) -> tuple[bool, bool]:
    return finding.blocking, finding.status is Status.OPEN


def _both(one: Sequence[_T], other: Sequence[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys((*one, *other)))
