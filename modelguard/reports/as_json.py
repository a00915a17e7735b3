"""The JSON report, `modelguard/1`: the whole result, in a form that outlives the program's own types.

    {"schema": "modelguard/1", "tool": {"name", "version", "rules_digest"}, "targets": [path],
     "findings": [{"fingerprint", "rule", "category", "severity", "confidence", "check", "title", "message",
                   "remedy", "preview", "excerpt", "status", "status_reason", "recognised", "blocking",
                   "path", "ignored", "line", "column", "end_line", "end_column", "inner", "byte_start",
                   "byte_end", "commits": [{"sha", "author", "date", "path", "line", "deed"}], "reachable", "object",
                   "refs": [name], "in_tree", "context", "detail",
                   "parts": [{"name", "preview", "line", "column", "end_line", "end_column", "inner", "byte_start",
                              "byte_end", "rule", "fingerprint"}]}],
     "gaps": [{"path", "inner", "reason", "detail"}],
     "left_out": [{"path", "reason", "bytes"}],
     "notices": [{"kind", "message", "path", "line"}],
     "stats": {"blobs", "bytes", "seconds", "remembered", "findings_open"},
     "exit_status": 0 | 1 | 2,
     "rules": {id: {"title", "what", "why", "remedy", "references", "category", "severity", "confidence"}}}

Every key is always there; a position that does not exist is null. `line` and `column` count from 1, in
characters; bytes count from 0, the end excluded. `excerpt` is the line with every value in it masked,
`detail` is what the value says of itself (or ""),
`ignored` says that git ignores the file, `recognised` that an imported baseline holds this very value,
`parts` are what else of the same credential stands near it, and `rules` explains the rules that have
findings, and no others.
Keys may be added within version 1; none is renamed, removed or given another meaning.
"""

from __future__ import annotations

from typing import Any

from modelguard.model import Commit, CredentialPart, Finding, Gap, LeftOut, Notice, Place, RuleHelp, ScanResult
from modelguard.reports.from_json import SCHEMA, read
from modelguard.reports.interface import RenderOptions
from modelguard.reports.json_text import dump
from modelguard.version import VERSION

__all__ = ["SCHEMA", "finding_object", "read", "render", "summary_object"]


def render(result: ScanResult, options: RenderOptions) -> str:
    """Write the whole result as one indented JSON document; `read` is its inverse."""
    summary = summary_object(result)
    document: dict[str, Any] = {"schema": SCHEMA, "tool": summary.pop("tool"), "targets": summary.pop("targets")}
    document["findings"] = [finding_object(finding) for finding in result.findings]
    return dump(document | summary, indent=2) + "\n"


def summary_object(result: ScanResult) -> dict[str, Any]:
    """Everything in the document but its schema and its findings."""
    found = {finding.rule for finding in result.findings}
    return {
        "tool": {"name": "modelguard", "version": VERSION, "rules_digest": result.rules_digest},
        "targets": list(result.targets),
        "gaps": [_gap(gap) for gap in result.gaps],
        "left_out": [_left_out(left_out) for left_out in result.left_out],
        "notices": [_notice(notice) for notice in result.notices],
        "stats": {
            "blobs": result.stats.blobs,
            "bytes": result.stats.bytes,
            "seconds": result.stats.seconds,
            "remembered": result.stats.remembered,
            "findings_open": len(result.open_findings),
        },
        "exit_status": result.exit_status,
        "rules": {rule: _rule(rule_help) for rule, rule_help in result.rules.items() if rule in found},
    }


def finding_object(finding: Finding) -> dict[str, Any]:
    """One finding, as it stands in `findings` and on a line of JSON Lines."""
    place, origin = finding.place, finding.origin
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "category": finding.category.value,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "check": finding.check.value,
        "title": finding.title,
        "message": finding.message,
        "remedy": finding.remedy,
        "preview": finding.preview,
        "excerpt": finding.excerpt,
        "status": finding.status.value,
        "status_reason": finding.status_reason,
        "recognised": finding.recognised,
        "blocking": finding.blocking,
        "path": origin.path,
        "ignored": origin.ignored,
        **_place(place),
        "commits": [_commit(commit) for commit in origin.commits],
        "reachable": origin.reachable,
        "object": origin.object,
        "refs": list(origin.refs),
        "in_tree": origin.in_tree,
        "context": finding.context,
        "detail": finding.detail,
        "parts": [_part(part) for part in finding.parts],
    }


def _part(part: CredentialPart) -> dict[str, Any]:
    return {
        "name": part.name,
        "preview": part.preview,
        **_place(part.place),
        "rule": part.rule,
        "fingerprint": part.fingerprint,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "inner": place.inner,
        "inside": place.inside,
        "byte_start": place.byte_start,
        "byte_end": place.byte_end,
    }


def _commit(commit: Commit) -> dict[str, Any]:
    return {
        "sha": commit.sha,
        "author": commit.author,
        "date": commit.date,
        "path": commit.path,
        "line": commit.line,
        "deed": commit.deed.value,
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {"path": gap.path, "inner": gap.inner, "reason": gap.reason.value, "detail": gap.detail}


def _left_out(left_out: LeftOut) -> dict[str, Any]:
    return {"path": left_out.path, "reason": left_out.reason, "bytes": left_out.bytes}


def _notice(notice: Notice) -> dict[str, Any]:
    return {"kind": notice.kind.value, "message": notice.message, "path": notice.path, "line": notice.line}


def _rule(rule: RuleHelp) -> dict[str, Any]:
    return {
        "title": rule.title,
        "what": rule.what,
        "why": rule.why,
        "remedy": rule.remedy,
        "references": list(rule.references),
        "category": rule.category.value,
        "severity": rule.severity.value,
        "confidence": rule.confidence.value,
    }
