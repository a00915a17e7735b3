"""The JSON Lines report: one finding a line as it is found, and a last line with all the rest.

A finding's line is a member of `findings` in the JSON report. The last line is

    {"schema": "modelguard/1", "summary": {"tool", "targets", "gaps", "left_out", "notices", "stats",
                                           "exit_status", "rules"}}

so output without it was cut short.
"""

from __future__ import annotations

from modelguard.model import Finding, ScanResult
from modelguard.reports.as_json import SCHEMA, finding_object, summary_object
from modelguard.reports.interface import RenderOptions
from modelguard.reports.json_text import dump


def line(finding: Finding) -> str:
    """One finding as one line, its newline included."""
    return dump(finding_object(finding)) + "\n"


def tail(result: ScanResult) -> str:
    """The last line, its newline included: everything in the result but the findings."""
    return dump({"schema": SCHEMA, "summary": summary_object(result)}) + "\n"


def render(result: ScanResult, options: RenderOptions) -> str:
    """The whole report: what `line` gives for each finding, then `tail`."""
    return "".join(line(finding) for finding in result.findings) + tail(result)
