"""The table of report formats, and the one call that renders any of them.

A member is imported when it is first asked for: a hook that finds nothing should not pay for rich.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from modelguard.errors import UsageError
from modelguard.model import ScanResult
from modelguard.reports.interface import RenderOptions, Report

if TYPE_CHECKING:
    from modelguard.reports import as_csv, as_json, github, gitlab, hook, jsonl, junit, markdown, sarif, terminal

    # The table below names its members by text, so this is where mypy holds each one to the protocol.
    _MEMBERS: tuple[Report, ...] = (
        terminal.render,
        as_json.render,
        jsonl.render,
        sarif.render,
        github.render,
        gitlab.render,
        junit.render,
        markdown.render,
        as_csv.render,
        hook.render,
    )

FORMATS: dict[str, tuple[str, str]] = {
    "terminal": ("modelguard.reports.terminal", "render"),
    "json": ("modelguard.reports.as_json", "render"),
    "jsonl": ("modelguard.reports.jsonl", "render"),
    "sarif": ("modelguard.reports.sarif", "render"),
    "hook": ("modelguard.reports.hook", "render"),
    "github": ("modelguard.reports.github", "render"),
    "gitlab": ("modelguard.reports.gitlab", "render"),
    "junit": ("modelguard.reports.junit", "render"),
    "markdown": ("modelguard.reports.markdown", "render"),
    "csv": ("modelguard.reports.as_csv", "render"),
}


def render(format_name: str, result: ScanResult, options: RenderOptions | None = None) -> str:
    """Render a result in one of `FORMATS`.

    Raises `UsageError` for a format that is not in the table.
    """
    if format_name not in FORMATS:
        raise UsageError("There is no report format of that name.", f"Use one of: {', '.join(FORMATS)}.")
    module, function = FORMATS[format_name]
    report: Report = getattr(import_module(module), function)
    return report(result, options or RenderOptions())
