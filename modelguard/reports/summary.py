"""What a result comes to, counted and in words: the lines that end a report for people."""

from __future__ import annotations

from collections import Counter

from modelguard.model import Finding, ScanResult, Severity, Stats, Status
from modelguard.reports.escape import printable


def summary(result: ScanResult) -> str:
    """One line: what blocks and what else was found, gaps, what was looked at, and the exit status."""
    parts = [_findings(result)]
    if result.gaps:
        parts.append(counted(len(result.gaps), "gap"))
    return " · ".join([*parts, _stats(result.stats), f"exit {result.exit_status}"])


def left_out(result: ScanResult) -> str:
    """One line: how much was left out, by reason; empty if nothing was."""
    reasons = Counter(printable(entry.reason) for entry in result.left_out)
    listed = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
    return f"Left out by policy: {listed}" if listed else ""


def counted(count: int, noun: str) -> str:
    """A number and its noun: `1 gap`, `2 gaps`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def size(count: int) -> str:
    """Bytes in decimal units, as disks and the Hub count them: `512 bytes`, `4.2 MB`."""
    if count < 1000:
        return counted(count, "byte")
    amount = count / 1000
    for unit in ("kB", "MB", "GB", "TB"):
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} PB"


def _findings(result: ScanResult) -> str:
    blocking = result.blocking
    others = sum(not finding.blocking for finding in result.open_findings)
    parts = [_blocking(blocking) if result.open_findings or blocking else _none(result)]
    if others:
        parts.append(f"{others:,} other")
    for status in (Status.ALLOWED, Status.BASELINED):
        count = sum(finding.status is status for finding in result.findings)
        if count:
            parts.append(f"{count:,} {status.value}")
    return ", ".join(parts)


def _none(result: ScanResult) -> str:
    return "No open findings" if result.findings else "No findings"


def _blocking(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return "No finding blocks"
    severities = Counter(finding.severity for finding in findings)
    listed = ", ".join(f"{severities[severity]:,} {severity}" for severity in Severity if severity in severities)
    verb = "blocks" if len(findings) == 1 else "block"
    return f"{counted(len(findings), 'finding')} {verb} ({listed})"


def _stats(stats: Stats) -> str:
    known = f", {counted(stats.remembered, 'object')} known from earlier scans" if stats.remembered else ""
    return f"{counted(stats.blobs, 'file')}, {size(stats.bytes)}, {stats.seconds:,.1f} s{known}"
