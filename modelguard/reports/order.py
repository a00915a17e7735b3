"""Which findings come first where a report cannot show all."""

from __future__ import annotations

from collections.abc import Iterable

from modelguard.model import Finding


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """What blocks before what does not, then by severity and confidence; else in the order that they had."""
    return sorted(findings, key=lambda each: (not each.blocking, -each.severity.rank, -each.confidence.rank))
