"""A finding as a SARIF `result` object (section 3.27)."""

from __future__ import annotations

import re
from typing import Any

from modelguard.model import Finding, Status
from modelguard.reports.escape import printable
from modelguard.reports.sarif_place import location, region
from modelguard.reports.sarif_rule import LEVELS

# Section 3.11.6: `[text](target)` in a plain message is a link, unless its bracket is escaped.
_LINK = re.compile(r"\[(?=[^\]]*\]\()")

_SUPPRESSION_KINDS = {Status.ALLOWED: "inSource", Status.BASELINED: "external"}


def result_object(finding: Finding, rule_index: int) -> dict[str, Any]:
    """One result; `rule_index` is the place of its rule among the driver's rules."""
    result = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [location(finding.origin.path, finding.place.inner, region(finding.place))],
        "partialFingerprints": {"modelguard/v1": finding.fingerprint},
        "suppressions": _suppressions(finding),
        "properties": _properties(finding),
    }
    return result | ({"relatedLocations": _related(finding)} if finding.parts else {})


def _related(finding: Finding) -> list[dict[str, Any]]:
    """Where the other parts of the credential stand."""
    return [
        location(finding.origin.path, part.place.inner, region(part.place))
        | {"id": number, "message": {"text": message_text(f"{part.name} {part.preview}")}}
        for number, part in enumerate(finding.parts)
    ]


def message_text(text: str) -> str:
    """Text for a `message` object that shows as it is: no control characters and no link of its own."""
    return _LINK.sub(r"\\[", printable(text))


def _message(finding: Finding) -> str:
    sentence = finding.message or finding.title or finding.rule
    # Code scanning shows no logical location, and a line number in an archive means nothing without its member.
    more = [finding.detail] if finding.detail else []
    if finding.place.inner:
        line = f", line {finding.place.line}" if finding.place.inside and finding.place.line else ""
        more.append(f"in {finding.place.inner}{line}")
    return message_text(f"{sentence} ({', '.join(more)})" if more else sentence)


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    if finding.status not in _SUPPRESSION_KINDS:
        return []
    suppression = {"kind": _SUPPRESSION_KINDS[finding.status], "status": "accepted"}
    justified = {"justification": printable(finding.status_reason)} if finding.status_reason else {}
    return [suppression | justified]


def _properties(finding: Finding) -> dict[str, Any]:
    origin = finding.origin
    properties: dict[str, Any] = {
        "category": finding.category.value,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "check": finding.check.value,
        "preview": printable(finding.preview),
        "blocking": finding.blocking,
        "ignored": origin.ignored,
        "reachable": origin.reachable,
        "context": finding.context,
    }
    if finding.detail:
        properties["detail"] = printable(finding.detail)
    if origin.object is not None:
        properties |= {
            "object": origin.object,
            "inTree": origin.in_tree,
            "refs": [printable(ref) for ref in origin.refs],
        }
    if origin.commits:
        properties["commits"] = [commit.sha for commit in origin.commits]
    return properties
