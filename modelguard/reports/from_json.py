"""An earlier JSON report, read back into the result that it was written from."""

from __future__ import annotations

import json

from modelguard.errors import UsageError
from modelguard.model import (
    Category,
    Check,
    Commit,
    Confidence,
    CredentialPart,
    Deed,
    Finding,
    Gap,
    GapReason,
    LeftOut,
    Notice,
    NoticeKind,
    Origin,
    Place,
    RuleHelp,
    ScanResult,
    Severity,
    Stats,
    Status,
)
from modelguard.reports.typed_json import Node

SCHEMA = "modelguard/1"


def read(text: str) -> ScanResult:
    """Read a `modelguard/1` document (`modelguard.reports.as_json` describes it) into a result.

    Keys that are not known are passed over: a later version 1 may have added them.
    Raises `UsageError` for another schema, and for a document that is malformed or not whole.
    """
    document = Node(_parsed(text), "")
    if document["schema"].value != SCHEMA:
        raise UsageError(f"This is not a {SCHEMA} result.", "Give a file written with --format json.")
    return ScanResult(
        targets=tuple(target.text() for target in document["targets"].items()),
        findings=tuple(_finding(node) for node in document["findings"].items()),
        gaps=tuple(_gap(node) for node in document["gaps"].items()),
        left_out=tuple(_left_out(node) for node in document["left_out"].items()),
        notices=tuple(_notice(node) for node in document["notices"].items()),
        stats=_stats(document["stats"]),
        exit_status=_exit_status(document["exit_status"]),
        rules_digest=document["tool"]["rules_digest"].text(),
        rules={rule: _rule(rule, node) for rule, node in document["rules"].entries().items()},
    )


def _parsed(text: str) -> object:
    try:
        return json.loads(text.removeprefix("\ufeff"))  # PowerShell's `>` puts a byte order mark first
    except (ValueError, RecursionError):
        raise UsageError("This is not JSON.", "Give a file written with --format json.") from None


def _finding(node: Node) -> Finding:
    return Finding(
        fingerprint=node["fingerprint"].text(),
        rule=node["rule"].text(),
        category=node["category"].word(Category),
        severity=node["severity"].word(Severity),
        confidence=node["confidence"].word(Confidence),
        check=node["check"].word(Check),
        title=node["title"].text(),
        message=node["message"].text(),
        remedy=node["remedy"].text(),
        preview=node["preview"].text(),
        excerpt=node["excerpt"].text(),
        origin=_origin(node),
        place=_place(node),
        status=node["status"].word(Status),
        status_reason=node["status_reason"].text(),
        recognised=node["recognised"].truth(),
        blocking=node["blocking"].truth(),
        context=node.get("context", False).truth(),
        detail=node.get("detail", "").text(),
        parts=tuple(_part(part) for part in node.get("parts", []).items()),
    )


def _part(node: Node) -> CredentialPart:
    return CredentialPart(
        name=node["name"].text(),
        preview=node["preview"].text(),
        place=_place(node),
        rule=node["rule"].text_or_none(),
        fingerprint=node["fingerprint"].text_or_none(),
    )


def _origin(node: Node) -> Origin:
    return Origin(
        path=node["path"].text(),
        ignored=node["ignored"].truth(),
        commits=tuple(_commit(commit) for commit in node["commits"].items()),
        reachable=node["reachable"].truth(),
        object=node.get("object").text_or_none(),
        refs=tuple(ref.text() for ref in node.get("refs", []).items()),
        in_tree=node.get("in_tree").truth_or_none(),
    )


def _commit(node: Node) -> Commit:
    return Commit(
        sha=node["sha"].text(),
        author=node["author"].text(),
        date=node["date"].text(),
        path=node["path"].text(),
        line=node.get("line").count_or_none(1),
        deed=node.get("deed", Deed.INTRODUCED.value).word(Deed),
    )


def _place(node: Node) -> Place:
    return Place(
        byte_start=node["byte_start"].count(),
        byte_end=node["byte_end"].count(),
        line=node["line"].count_or_none(1),
        column=node["column"].count_or_none(1),
        end_line=node["end_line"].count_or_none(1),
        end_column=node["end_column"].count_or_none(1),
        inner=node["inner"].text_or_none(),
        inside=node.get("inside", False).truth(),
    )


def _gap(node: Node) -> Gap:
    return Gap(node["path"].text(), node["reason"].word(GapReason), node["detail"].text(), node["inner"].text_or_none())


def _left_out(node: Node) -> LeftOut:
    return LeftOut(node["path"].text(), node["reason"].text(), node["bytes"].count_or_none())


def _notice(node: Node) -> Notice:
    return Notice(
        kind=node["kind"].word(NoticeKind),
        message=node["message"].text(),
        path=node["path"].text_or_none(),
        line=node["line"].count_or_none(1),
    )


def _stats(node: Node) -> Stats:
    remembered = node.get("remembered", 0).count()
    return Stats(node["blobs"].count(), node["bytes"].count(), node["seconds"].seconds(), remembered)


def _exit_status(node: Node) -> int:
    status = node.count()
    if status > 2:
        raise UsageError("This is not a whole modelguard/1 result: exit_status is not 0, 1 or 2.")
    return status


def _rule(rule: str, node: Node) -> RuleHelp:
    return RuleHelp(
        id=rule,
        title=node["title"].text(),
        category=node["category"].word(Category),
        severity=node["severity"].word(Severity),
        confidence=node["confidence"].word(Confidence),
        what=node["what"].text(),
        why=node["why"].text(),
        remedy=node["remedy"].text(),
        references=tuple(reference.text() for reference in node["references"].items()),
    )
