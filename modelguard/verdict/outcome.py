"""The exit status: 1 for a leak, 2 for anything not looked at, 0 for neither. A leak wins."""

from __future__ import annotations

from collections.abc import Sequence

from modelguard.model import Finding, Gap

CLEAN, LEAK, INCOMPLETE, INTERRUPTED = 0, 1, 2, 130


def exit_status(findings: Sequence[Finding], gaps: Sequence[Gap], allow_gaps: bool = False) -> int:
    """The status of a scan that ran to its end. `allow_gaps` is the only way past a gap."""
    if any(finding.blocking for finding in findings):
        return LEAK
    return INCOMPLETE if gaps and not allow_gaps else CLEAN
