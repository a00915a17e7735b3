"""The rules that found something, as SARIF `reportingDescriptor` objects (section 3.49)."""

from __future__ import annotations

from typing import Any

from modelguard.model import Finding, RuleHelp, ScanResult, Severity

LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}

# GitHub reads over 9.0 as critical, 7.0 to 8.9 as high, 4.0 to 6.9 as medium, 0.1 to 3.9 as low.
_SECURITY_SEVERITY = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}


def rule_objects(result: ScanResult) -> list[dict[str, Any]]:
    """One object a rule, in the order in which the findings first name them."""
    first = {finding.rule: finding for finding in reversed(result.findings)}
    in_order = dict.fromkeys(finding.rule for finding in result.findings)
    return [_rule_object(result.rules.get(rule) or _from_finding(first[rule])) for rule in in_order]


def _from_finding(finding: Finding) -> RuleHelp:
    return RuleHelp(
        id=finding.rule,
        title=finding.title,
        category=finding.category,
        severity=finding.severity,
        confidence=finding.confidence,
        what=finding.message,
        why="",
        remedy=finding.remedy,
    )


def _rule_object(rule: RuleHelp) -> dict[str, Any]:
    described = {
        "id": rule.id,
        "shortDescription": {"text": rule.title or rule.id},
        "fullDescription": {"text": rule.what or rule.title or rule.id},
        "help": {"text": _help_text(rule), "markdown": _help_markdown(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "security-severity": _SECURITY_SEVERITY[rule.severity],
            "precision": rule.confidence.value,
            "tags": ["security", rule.category.value],
        },
    }
    pages = [reference for reference in rule.references if reference.startswith(("https://", "http://"))]
    return described | ({"helpUri": pages[0]} if pages else {})


def _help_text(rule: RuleHelp) -> str:
    paragraphs = [rule.what, rule.why, f"What to do: {rule.remedy}" if rule.remedy else ""]
    if rule.references:
        paragraphs.append("\n".join(["References:", *rule.references]))
    return "\n\n".join(filter(None, paragraphs)) or rule.id


def _help_markdown(rule: RuleHelp) -> str:
    sections = [("What it is", rule.what), ("Why it matters", rule.why), ("What to do", rule.remedy)]
    sections.append(("References", "\n".join(f"- <{reference}>" for reference in rule.references)))
    return "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections if text) or rule.id
