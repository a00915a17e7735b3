"""The report of a hook: what stops it, what to do, and the one line that allows it; a line where nothing stops it."""

from __future__ import annotations

from modelguard.model import ScanResult
from modelguard.reports.interface import RenderOptions
from modelguard.reports.summary import summary


def render(result: ScanResult, options: RenderOptions) -> str:
    """A block for each finding that blocks, then gaps and a summary.

    Findings that do not block are counted, and shown where `options.verbose`. No line is wider than `options.width`,
    of which at least 40 cells are assumed.
    """
    if not result.blocking and not result.gaps:
        return f"{summary(result)}\n"
    from modelguard.reports.hook_page import page  # rich costs 50 ms, which a clean commit should not pay

    return page(result, options)
