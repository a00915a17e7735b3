"""The report for people at a terminal; where there is nothing to list it is a line or two, and rich stays unloaded."""

from __future__ import annotations

import textwrap

from modelguard.model import Finding, ScanResult
from modelguard.reports.interface import RenderOptions
from modelguard.reports.summary import left_out, summary


def render(result: ScanResult, options: RenderOptions) -> str:
    """Findings by file, what to do, gaps, what was left out, notices, and a summary.

    No line is wider than `options.width`, of which at least 40 cells are assumed. Allowed and baselined
    findings and what was left out are counted, and listed where `options.verbose`.
    """
    if _is_short(result, options):
        return "".join(f"{line}\n" for line in _short(result, max(options.width, 40)))
    from modelguard.reports.terminal_page import page  # rich costs 50 ms, which a clean commit should not pay

    return page(result, options)


def shown_findings(result: ScanResult, verbose: bool) -> tuple[Finding, ...]:
    """The findings that are listed, in the order of the result."""
    return result.findings if verbose else result.open_findings


def _is_short(result: ScanResult, options: RenderOptions) -> bool:
    if shown_findings(result, options.verbose) or result.gaps or result.notices:
        return False
    listed = options.verbose and bool(result.left_out)
    # A reason may quote a pattern from the tree: what textwrap cannot measure or a runner might obey is for the page.
    line = left_out(result)
    return not listed and line.isascii() and "::" not in line


def _short(result: ScanResult, width: int) -> list[str]:
    lines = (left_out(result), summary(result))
    return [part for line in lines for part in textwrap.wrap(line, width, break_on_hyphens=False)]
