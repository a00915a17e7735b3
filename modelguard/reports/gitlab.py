"""The code-quality report of GitLab: what is open, and gaps, as entries beside the lines of a merge request.

Format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from modelguard.model import Finding, Gap, ScanResult, Severity
from modelguard.reports.escape import printable
from modelguard.reports.facts import facts, remedy
from modelguard.reports.gaps import sentence
from modelguard.reports.interface import RenderOptions
from modelguard.reports.json_text import dump
from modelguard.reports.order import worst_first
from modelguard.reports.places import line_in_tree, where

_SEVERITIES = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
}
_DOES_NOT_BLOCK = "info"
_GAP = "major"
_NO_LINE = 1  # GitLab asks for a line; the first one stands for the whole file


def render(result: ScanResult, options: RenderOptions) -> str:
    """Write an array of entries: what blocks, what else is open, then gaps.

    What has been allowed or put into a baseline is left out: GitLab has no word for it.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    entries = [_finding(finding, result, seen) for finding in worst_first(result.open_findings)]
    entries += [_gap(gap, seen) for gap in result.gaps]
    return dump(entries, indent=2) + "\n"


def _finding(finding: Finding, result: ScanResult, seen: Counter[tuple[str, ...]]) -> dict[str, Any]:
    path = finding.origin.path
    said = [
        f"{printable(finding.title)} at {where(path, finding.place)}: {' · '.join(facts(finding))}",
        printable(remedy(finding, result)),
    ]
    return {
        "description": ". ".join(filter(None, said)),
        "check_name": printable(finding.rule),
        "fingerprint": _fingerprint(seen, finding.fingerprint, finding.rule, path),
        "severity": _SEVERITIES[finding.severity] if finding.blocking else _DOES_NOT_BLOCK,
        "location": _location(path, line_in_tree(finding) or _NO_LINE),
    }


def _gap(gap: Gap, seen: Counter[tuple[str, ...]]) -> dict[str, Any]:
    inner = f" ({printable(gap.inner)})" if gap.inner else ""
    return {
        "description": f"Not wholly looked at{inner}: {sentence(gap)}",
        "check_name": f"gap-{gap.reason}",
        "fingerprint": _fingerprint(seen, "gap", gap.reason.value, gap.path, gap.inner or ""),
        "severity": _GAP,
        "location": _location(gap.path, _NO_LINE),
    }


def _location(path: str, line: int) -> dict[str, Any]:
    return {"path": printable(path).removeprefix("./"), "lines": {"begin": line}}


def _fingerprint(seen: Counter[tuple[str, ...]], *parts: str) -> str:
    """What names an entry from one pipeline to the next: of the same value in the same file, which one it is.

    GitLab shows one entry a fingerprint, and takes an entry whose fingerprint the target branch lacks for new; so no
    line is in it.
    """
    seen[parts] += 1
    text = "\0".join(("modelguard/gitlab/1", *parts, str(seen[parts])))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
