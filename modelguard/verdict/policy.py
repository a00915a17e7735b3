"""Which findings block. The default is DESIGN's; `--fail-on` moves the line."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import SettingsError
from modelguard.model import Category, Check, Confidence, Finding, Severity, Status

NEVER = "never"


class Policy(Struct, frozen=True):
    """The line that a finding must reach to block: None for the default policy, `never` set for none at all."""

    severity: Severity | None = None
    confidence: Confidence | None = None
    never: bool = False

    def blocks(self, finding: Finding) -> bool:
        """Whether `finding` changes the exit status. Allowed and baselined ones never do, nor context."""
        if finding.status is not Status.OPEN or finding.context or self.never:
            return False
        if self.severity is not None:
            least = self.confidence or Confidence.LOW
            return finding.severity.rank >= self.severity.rank and finding.confidence.rank >= least.rank
        if finding.category is Category.SECRET:
            return finding.confidence.rank >= Confidence.MEDIUM.rank
        if finding.category is Category.PII:
            return finding.check is Check.PASSED and finding.confidence is Confidence.HIGH
        return finding.severity.rank >= Severity.HIGH.rank


def parse_policy(text: str, origin: str = "") -> Policy:
    """A policy from `--fail-on`: `SEVERITY`, `SEVERITY/CONFIDENCE`, `never`, or `default`.

    `origin` says where `text` was written, for the error.

    Raises:
        SettingsError: `text` is none of these.
    """
    if text in ("default", ""):
        return Policy()
    if text == NEVER:
        return Policy(never=True)
    severity, separator, confidence = text.partition("/")
    try:
        return Policy(Severity(severity), Confidence(confidence) if separator else None)
    except ValueError:
        raise SettingsError(
            f"{origin + ': ' if origin else ''}fail-on is {text!r}, which is no policy",
            "Write default, never, a severity (critical, high, medium, low), or both as in high/medium.",
        ) from None


def apply_policy(findings: Iterable[Finding], policy: Policy) -> list[Finding]:
    """`findings` with `blocking` set."""
    return [replace(finding, blocking=policy.blocks(finding)) for finding in findings]
