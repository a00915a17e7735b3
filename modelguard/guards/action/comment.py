"""One comment on a pull request, kept up to date: written when there is something to say, and taken back in words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from modelguard.errors import UsageError
from modelguard.guards.action.choosing import TOKEN
from modelguard.guards.action.event import read_event
from modelguard.guards.action.github import Api, ApiError
from modelguard.guards.action.report import link_of
from modelguard.model import ScanResult
from modelguard.reports import render
from modelguard.reports.from_json import read
from modelguard.reports.interface import RenderOptions

_RESOLVED = (
    "## modelguard: nothing blocks any more\n\nWhat an earlier version of this comment told of is mended or accepted.\n"
)
_FORBIDDEN = (401, 403, 404)


def comment(report: str, environment: Mapping[str, str]) -> str:
    """Write, update or resolve the comment for the result in the file `report`; a sentence for the log.

    A token that may not write is no error: such is that of a fork's pull request.

    Raises:
        UsageError: there is no such file, or this is no run of a workflow.
    """
    event = read_event(environment)
    if event.number is None:
        return "No comment: this event is about no pull request."
    token = environment.get(TOKEN, "")
    if not token:
        return "No comment: there is no token."
    result = _result(report)
    try:
        return _kept(Api(environment, token), event.number, result, environment, event.head or "")
    except ApiError as error:
        if error.status in _FORBIDDEN:
            whose = "a fork's pull request gets none that may" if event.restricted else error.remedy
            return f"No comment: the token may not write one ({whose})."
        return f"No comment: {error.message}."


def _kept(api: Api, number: int, result: ScanResult, environment: Mapping[str, str], commit: str) -> str:
    marker = marker_of(environment)
    known = next((each for each in api.own_comments(number) if each.body.startswith(marker)), None)
    if result.exit_status == 0:
        if known is None:
            return "No comment: there is nothing to say."
        body = f"{marker}\n{_RESOLVED}"
    else:
        options = RenderOptions(link=link_of(environment, commit))
        body = f"{marker}\n{render('markdown', result, options)}"
    if known is None:
        api.add(number, body)
        return "A comment tells of this."
    if known.body.strip() != body.strip():
        api.update(known.number, body)
    return "The comment is up to date."


def marker_of(environment: Mapping[str, str]) -> str:
    """What our comment begins with: another one for each job, and each thing that a job scans."""
    told = (environment.get(name, "") for name in ("GITHUB_WORKFLOW", "GITHUB_JOB", "INPUT_PATH", "INPUT_SCAN"))
    digest = hashlib.sha256("\0".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"<!-- modelguard {digest} -->"


def _result(report: str) -> ScanResult:
    try:
        return read(Path(report).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UsageError("the report of the scan cannot be read", "Look at the log of the step before.") from None
