"""The SARIF 2.1.0 report, for code scanning: results and rules, and gaps as notifications of the run.

Specification: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
What GitHub reads of it: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from typing import Any

from modelguard.model import LeftOut, ScanResult
from modelguard.reports.escape import printable
from modelguard.reports.interface import RenderOptions
from modelguard.reports.json_text import dump
from modelguard.reports.sarif_notification import descriptors, notifications
from modelguard.reports.sarif_place import uri
from modelguard.reports.sarif_result import result_object
from modelguard.reports.sarif_rule import rule_objects
from modelguard.version import VERSION

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(result: ScanResult, options: RenderOptions) -> str:
    """Write the result as a SARIF log with one run."""
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(result)]}, indent=2) + "\n"


def _run(result: ScanResult) -> dict[str, Any]:
    rules = rule_objects(result)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {
        "name": "modelguard",
        "version": VERSION,
        "semanticVersion": VERSION,
        "rules": rules,
        "notifications": descriptors(result),
        "properties": {"rulesDigest": result.rules_digest},
    }
    return {
        "tool": {"driver": driver},
        "invocations": [_invocation(result)],
        "results": [result_object(finding, index[finding.rule]) for finding in result.findings],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "targets": [printable(target) for target in result.targets],
            "leftOut": [_left_out(left_out) for left_out in result.left_out],
            "stats": {"blobs": result.stats.blobs, "bytes": result.stats.bytes, "seconds": result.stats.seconds},
        },
    }


def _invocation(result: ScanResult) -> dict[str, Any]:
    # A run that skipped something is no success, even where --allow-gaps lets the exit status be 0.
    return {
        "executionSuccessful": result.exit_status != 2 and not result.gaps,
        "exitCode": result.exit_status,
        "toolExecutionNotifications": notifications(result),
    }


def _left_out(left_out: LeftOut) -> dict[str, Any]:
    entry: dict[str, Any] = {"uri": uri(left_out.path), "reason": printable(left_out.reason)}
    return entry if left_out.bytes is None else entry | {"bytes": left_out.bytes}
