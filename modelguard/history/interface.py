"""What a scan of histories is given, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field

from modelguard.budget import Budget
from modelguard.inspection import Inspection
from modelguard.model import Finding, Gap, LeftOut, Mark, Notice
from modelguard.sources.exclusion import Exclusions


class Dug(Struct):
    """What a history has to say. `looked` counts objects and `bytes` what they hold; `remembered` are passed over."""

    findings: list[Finding] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    looked: int = 0
    bytes: int = 0
    remembered: int = 0

    def add(self, other: Dug) -> None:
        """Both together."""
        self.findings += other.findings
        self.gaps += other.gaps
        self.left_out += other.left_out
        self.notices += other.notices
        self.looked += other.looked
        self.bytes += other.bytes
        self.remembered += other.remembered


class Machine(Struct, frozen=True):
    """What a scan has for all its repositories."""

    inspection: Inspection
    exclusions: Exclusions
    budget: Budget
    jobs: int
    tick: Callable[[], None]
    count: Callable[[int, int, int], None]
    apply_marks: Callable[[Sequence[Finding], Mapping[str, Sequence[Mark]]], list[Finding]]
