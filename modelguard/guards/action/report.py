"""What is said of a scan, and where: the log with its annotations, the summary of the job, files, and outputs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from modelguard.errors import ModelguardError, OutputError
from modelguard.guards.action.event import Event, Kind
from modelguard.guards.action.plan import COMMITS, FULL, Plan
from modelguard.guards.action.runner import add_summary, log_line, set_outputs
from modelguard.guards.action.scan import Looked
from modelguard.model import Finding, ScanResult, Status
from modelguard.reports import render
from modelguard.reports.github import MOST_OF_A_LEVEL
from modelguard.reports.interface import RenderOptions
from modelguard.reports.markdown_text import code, prose
from modelguard.reports.places import where
from modelguard.reports.workflow_command import command

_MOST_LISTED = 100
_ALLOWED = "allowed by a comment"


def tell(looked: Looked, plan: Plan, event: Event, environment: Mapping[str, str]) -> str:
    """Write summary, reports and outputs; the lines for the log.

    Raises:
        OutputError: a file cannot be written.
    """
    result = looked.result
    folder = _folder(environment)
    for name in ("sarif", "json"):
        _write(folder / f"modelguard.{name}", render(name, result))
    allowed = _allowed(result) if event.kind is Kind.PROPOSAL else []
    link = link_of(environment, plan.tip or event.commit)
    add_summary(environment, "\n".join((render("markdown", result, RenderOptions(link=link)), *_also(looked, allowed))))
    upload, why_not = _upload(plan, event, environment)
    notes = [*looked.notes, *([why_not] if why_not else [])]
    outputs = {
        "findings": str(len(result.open_findings)),
        "sarif-file": str(folder / "modelguard.sarif"),
        "report-file": str(folder / "modelguard.json"),
        "upload": "true" if upload else "false",
        "category": f"modelguard-{plan.scan}",
    }
    set_outputs(environment, outputs)
    annotations = render("github", result)
    room = max(0, MOST_OF_A_LEVEL - sum(line.startswith("::notice ") for line in annotations.splitlines()))
    lines = [*map(log_line, notes), annotations.rstrip("\n"), *map(_notice, allowed[:room])]
    return "".join(f"{line}\n" for line in lines)


def tell_problem(error: ModelguardError, environment: Mapping[str, str]) -> str:
    """Say in the summary and the log why nothing was looked at.

    Raises:
        OutputError: a file cannot be written.
    """
    add_summary(
        environment, f"## modelguard: nothing was looked at\n\n{prose(error.message)}\n\n{prose(error.remedy)}\n"
    )
    return command("error", {"title": "modelguard"}, f"{error.message}\n{error.remedy}".rstrip()) + "\n"


def link_of(environment: Mapping[str, str], commit: str) -> str | None:
    """The address below which the files of a commit are shown; None where it is not known."""
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    return f"{server}/{repository}/blob/{commit}" if server and repository and commit else None


def _folder(environment: Mapping[str, str]) -> Path:
    """A new folder for reports, outside of the tree, where a link could lead anywhere."""
    try:
        return Path(tempfile.mkdtemp(prefix="modelguard-", dir=environment.get("RUNNER_TEMP") or None))
    except OSError as error:
        raise OutputError(f"no folder can be made for reports: {error.strerror}", "Free some space.") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}", "Free some space.") from None


def _upload(plan: Plan, event: Event, environment: Mapping[str, str]) -> tuple[bool, str]:
    """Whether results go to code scanning, and a sentence if they do not although the workflow asks for it."""
    if environment.get("INPUT_UPLOAD_SARIF", "").lower() != "true":
        return False, ""
    if event.restricted:
        return False, "No upload to code scanning: the token of a fork's pull request cannot write there."
    if plan.scan == COMMITS and event.kind is not Kind.PROPOSAL:
        why = "it would take everything else for mended"
        return False, f"No upload to code scanning of a few commits of a branch: {why}; upload with `scan: {FULL}`."
    return True, ""


def _allowed(result: ScanResult) -> list[Finding]:
    return [finding for finding in result.findings if finding.status is Status.ALLOWED]


def _notice(finding: Finding) -> str:
    line = finding.place.line if finding.origin.in_tree and not finding.place.inside else None
    properties = {"title": f"modelguard: {_ALLOWED}", "file": finding.origin.path, "line": str(line or "")}
    said = f"{finding.title} [{finding.rule}] at {where(finding.origin.path, finding.place)}: {finding.status_reason}"
    return command("notice", properties, said)


def _also(looked: Looked, allowed: list[Finding]) -> list[str]:
    parts = []
    if allowed:
        parts.append(f"\n### This change allows by comments: {len(allowed)}\n")
        parts += [_allowed_line(finding) for finding in allowed[:_MOST_LISTED]]
        if len(allowed) > _MOST_LISTED:
            parts.append(f"- and {len(allowed) - _MOST_LISTED} more")
    parts += [f"\n{prose(note)}" for note in looked.notes]
    return [*parts, ""]


def _allowed_line(finding: Finding) -> str:
    place = code(where(finding.origin.path, finding.place))
    return f"- {prose(finding.title)} ({code(finding.rule)}) {place}: {prose(finding.status_reason)}"
