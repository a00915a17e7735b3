"""Gaps and notices as SARIF `notification` objects (section 3.58), and the descriptors that they point to."""

from __future__ import annotations

from typing import Any

from modelguard.model import Gap, GapReason, Notice, NoticeKind, ScanResult
from modelguard.reports.gaps import described
from modelguard.reports.sarif_place import location
from modelguard.reports.sarif_result import message_text

_KINDS = {
    NoticeKind.UNUSED_ALLOW: "An allow that allows nothing.",
    NoticeKind.STALE_BASELINE: "A baseline entry that matches nothing.",
    NoticeKind.SETTINGS: "Something about the settings.",
    NoticeKind.ENGINE: "Something about the engine.",
    NoticeKind.CACHE: "What earlier scans remember cannot be used, or was made anew",
}
_LEVELS = {
    NoticeKind.UNUSED_ALLOW: "note",
    NoticeKind.STALE_BASELINE: "note",
    NoticeKind.SETTINGS: "warning",
    NoticeKind.ENGINE: "warning",
}
_DESCRIPTIONS: dict[str, str] = {
    **{reason.value: described(reason) for reason in GapReason},
    **{kind.value: text for kind, text in _KINDS.items()},
}


def descriptors(result: ScanResult) -> list[dict[str, Any]]:
    """One descriptor for each gap reason and each notice kind that occurs."""
    return [{"id": word, "shortDescription": {"text": _described(word)}} for word in _words(result)]


def notifications(result: ScanResult) -> list[dict[str, Any]]:
    """Every gap as an error, then every notice as a note or a warning."""
    index = {word: number for number, word in enumerate(_words(result))}
    return [
        *(_gap(gap, index[gap.reason.value]) for gap in result.gaps),
        *(_notice(notice, index[notice.kind.value]) for notice in result.notices),
    ]


def _described(word: str) -> str:
    # A word that is missing above is a defect for the tests to find, and no reason to lose a report.
    return _DESCRIPTIONS.get(word, word)


def _words(result: ScanResult) -> list[str]:
    words = [gap.reason.value for gap in result.gaps] + [notice.kind.value for notice in result.notices]
    return list(dict.fromkeys(words))


def _gap(gap: Gap, index: int) -> dict[str, Any]:
    return {
        "level": "error",
        "descriptor": {"id": gap.reason.value, "index": index},
        "message": {"text": message_text(gap.detail or _described(gap.reason.value))},
        "locations": [location(gap.path, gap.inner)],
    }


def _notice(notice: Notice, index: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "level": _LEVELS.get(notice.kind, "warning"),
        "descriptor": {"id": notice.kind.value, "index": index},
        "message": {"text": message_text(notice.message or _described(notice.kind.value))},
    }
    if notice.path is not None:
        region = None if notice.line is None else {"startLine": notice.line}
        entry["locations"] = [location(notice.path, region=region)]
    return entry
