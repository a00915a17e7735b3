"""The CSV report, for spreadsheets: a row a finding, then a row a gap.

A cell that a spreadsheet would take for a formula gets an apostrophe first: https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

import csv
import io

from modelguard.model import Finding, Gap, ScanResult
from modelguard.reports.escape import printable
from modelguard.reports.facts import remedy
from modelguard.reports.gaps import sentence
from modelguard.reports.interface import RenderOptions

COLUMNS = (
    *("kind", "blocking", "status", "status_reason", "severity", "confidence", "category", "rule", "title"),
    *("path", "inner", "line", "column", "preview", "detail", "remedy", "in_tree", "commit", "author", "date"),
    "fingerprint",
)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # tabs and line ends are spelled out


def render(result: ScanResult, options: RenderOptions) -> str:
    """Write a heading, every finding (allowed and baselined ones, too) and every gap; lines end with a line feed."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in [*(_finding(finding, result) for finding in result.findings), *map(_gap, result.gaps)]:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue()


def _finding(finding: Finding, result: ScanResult) -> dict[str, object]:
    place, origin = finding.place, finding.origin
    first = origin.commits[0] if origin.commits else None
    return {
        "kind": "finding",
        "blocking": finding.blocking,
        "status": finding.status,
        "status_reason": finding.status_reason,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "category": finding.category,
        "rule": finding.rule,
        "title": finding.title,
        "path": origin.path,
        "inner": place.inner,
        "line": place.line,
        "column": place.column,
        "preview": finding.preview,
        "detail": finding.detail,
        "remedy": remedy(finding, result),
        "in_tree": origin.in_tree,
        "commit": first and first.sha,
        "author": first and first.author,
        "date": first and first.date,
        "fingerprint": finding.fingerprint,
    }


def _gap(gap: Gap) -> dict[str, object]:
    return {
        "kind": "gap",
        "title": "Not wholly looked at",
        "path": gap.path,
        "inner": gap.inner,
        "detail": sentence(gap),
    }


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = printable(str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
