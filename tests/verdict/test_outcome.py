"""The exit status: a leak wins over a gap, and only `allow_gaps` gets past one."""

from __future__ import annotations

import pytest

from modelguard.model import Finding, Gap
from modelguard.verdict.outcome import exit_status
from tests.reports.samples import GAP, finding

BLOCKS = finding(blocking=True)
SHOWN = finding(blocking=False)


@pytest.mark.parametrize(
    ("findings", "gaps", "allow_gaps", "status"),
    [
        ([], [], False, 0),
        ([SHOWN], [], False, 0),
        ([SHOWN, BLOCKS], [], False, 1),
        ([], [GAP], False, 2),
        ([SHOWN], [GAP], False, 2),
        ([BLOCKS], [GAP], False, 1),
        ([], [GAP], True, 0),
        ([SHOWN], [GAP], True, 0),
        ([BLOCKS], [GAP], True, 1),
        ([], [], True, 0),
    ],
)
def test_exit_status(findings: list[Finding], gaps: list[Gap], allow_gaps: bool, status: int) -> None:
    assert exit_status(findings, gaps, allow_gaps) == status
