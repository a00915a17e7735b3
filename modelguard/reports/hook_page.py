"""The report of a hook where something stops it; the part of it that needs rich."""

from __future__ import annotations

from rich.text import Text

from modelguard.model import Deed, Finding, ScanResult
from modelguard.reports.allowing import command_for, comment_for
from modelguard.reports.escape import printable
from modelguard.reports.facts import remedy
from modelguard.reports.interface import RenderOptions
from modelguard.reports.summary import summary
from modelguard.reports.terminal_finding import INDENT, finding_lines
from modelguard.reports.terminal_lines import folded, to_text, wrapped
from modelguard.reports.terminal_page import gap_lines


def page(result: ScanResult, options: RenderOptions) -> str:
    """A block for each finding that blocks, then gaps and a summary. See `hook.render`."""
    width = max(options.width, 40)
    lines: list[Text] = []
    for finding in result.open_findings if options.verbose else result.blocking:
        lines += [
            *finding_lines(finding, width, options.verbose),
            *_advice(finding, remedy(finding, result), width),
            Text(),
        ]
    gaps = gap_lines(result, width)
    lines += [*gaps, Text()] if gaps else []
    return to_text([*lines, *wrapped(Text(summary(result), "bold"), width)], options.color)


def _advice(finding: Finding, to_do: str, width: int) -> list[Text]:
    lines = wrapped(Text(printable(to_do)), width, INDENT)
    committed = _take_out(finding)
    lines += wrapped(Text(committed), width, INDENT) if committed else []
    comment = comment_for(finding)
    if comment is not None:
        where, line = comment
        lines += wrapped(Text(f"If it is meant to be there, write {where}:"), width, INDENT)
    else:
        line = command_for(finding)
        lines += wrapped(Text("If it is meant to be there:"), width, INDENT)
    return lines + folded(Text(line, "bold"), width, INDENT + 2)


def _take_out(finding: Finding) -> str:
    """How it gets out of what is committed already."""
    commits = [commit for commit in finding.origin.commits if commit.deed is not Deed.REMOVED]
    if not commits:
        return ""
    commit = printable(commits[0].sha[:12])
    return f"Take it out of that commit as well: git commit --amend, or git rebase -i {commit}^"
