"""One finding at the terminal: what, where, the masked line, and whatever else says something."""

from __future__ import annotations

from rich.text import Text

from modelguard.model import Finding, Severity
from modelguard.reports.escape import printable
from modelguard.reports.excerpt import clipped
from modelguard.reports.facts import commit_named, facts
from modelguard.reports.places import where
from modelguard.reports.terminal_lines import folded, wrapped

INDENT = 12
_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
_MARGIN = "| "


def finding_lines(finding: Finding, width: int, verbose: bool) -> list[Text]:
    """The block of one finding, `width` cells wide; `verbose` adds its message and every commit."""
    severity = finding.severity
    lead = Text.assemble("  ", (severity.value, _STYLES[severity]), " " * (INDENT - 2 - len(severity.value)))
    title = Text.assemble((printable(finding.title), "bold"), f" [{printable(finding.rule)}]")
    lines = wrapped(title, width, INDENT, lead)
    lines += folded(Text(where(finding.origin.path, finding.place)), width, INDENT)
    lines += _excerpt_lines(finding, width)
    lines += wrapped(Text(" · ".join(facts(finding))), width, INDENT)
    return lines + (_verbose_lines(finding, width) if verbose else [])


def _excerpt_lines(finding: Finding, width: int) -> list[Text]:
    if not finding.excerpt.strip():
        return []
    margin = " " * INDENT + _MARGIN
    excerpt = clipped(finding.excerpt, finding.preview, finding.place.column, width - len(margin))
    lines = [Text.assemble((margin, "dim"), excerpt.line)]
    if excerpt.length:
        lines.append(Text.assemble((margin, "dim"), " " * excerpt.start, ("^" * excerpt.length, "bold red")))
    return lines


def _verbose_lines(finding: Finding, width: int) -> list[Text]:
    lines = []
    if finding.message and finding.message != finding.title:
        lines += wrapped(Text(printable(finding.message)), width, INDENT)
    for commit in finding.origin.commits:
        path = printable(commit.path) if commit.line is None else f"{printable(commit.path)}:{commit.line}"
        lines += folded(Text(f"{commit.deed} in {commit_named(commit)} {path}"), width, INDENT)
    return lines
