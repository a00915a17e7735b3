"""The comments by which people allow a finding: our own, and those of the tools that they may come from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from modelguard.model import Mark

OWN = "modelguard"

_OWN = re.compile(r"modelguard:\s*allow(-next-line)?(?:\[([\w\-, ]*)\])?[ \t:]*(.*)", re.IGNORECASE)
_OTHERS = (
    ("gitleaks", re.compile(r"gitleaks:allow"), 0),
    ("betterleaks", re.compile(r"betterleaks:allow"), 0),
    ("kingfisher", re.compile(r"kingfisher:ignore", re.IGNORECASE), 0),
    ("trufflehog", re.compile(r"trufflehog:ignore"), 0),
    ("detect-secrets", re.compile(r"pragma: ?(?:allow|white)list[ -]nextline[ -]secret", re.IGNORECASE), 1),
    ("detect-secrets", re.compile(r"pragma: ?(?:allow|white)list[ -]secret", re.IGNORECASE), 0),
)
_NOSEC = re.compile(r"\bnosec\b[ \t:]*([A-Za-z][\w-]+(?:[ \t]*,[ \t]*[A-Za-z][\w-]+)*)")
_BANDIT_PASSWORDS = {"B105", "B106", "B107"}
_COMMENT_ENDS = re.compile(r"\s*(?:\*/|-->|#\}|%>|\"[,\]}\s]*)\s*$")
_COMMENT_OPENS = re.compile(r"(?:#|//|/\*|<!--|--|;|%|\*|\brem)\s*$", re.IGNORECASE)
_LONGEST_REASON = 200


def marks_on(text: str, line: int) -> Iterator[Mark]:
    """The marks in one line of text, which is line number `line` of its file."""
    for found in _OWN.finditer(text):
        rules = tuple(rule.strip() for rule in (found[2] or "").split(",") if rule.strip())
        reason = _COMMENT_ENDS.sub("", found[3])[:_LONGEST_REASON].strip()
        opens = _COMMENT_OPENS.search(text, 0, found.start()) is not None
        yield Mark(OWN, line + (1 if found[1] else 0), line, rules, reason, opens)
    for tool, pattern, below in _OTHERS:
        if pattern.search(text):
            yield Mark(tool, line + below, line, (), f"marked for {tool}")
    for found in _NOSEC.finditer(text):
        rules = tuple(rule.strip() for rule in found[1].split(","))
        yield Mark("nosec", line, line, _nosec_rules(rules), "marked nosec")


def _nosec_rules(rules: tuple[str, ...]) -> tuple[str, ...]:
    """Bandit's numbers for hard-coded passwords stand for our rules of assigned values; other words are rule ids."""
    if _BANDIT_PASSWORDS & set(rules):
        return (*rules, "generic-assigned-quoted", "generic-assigned-bare")
    return rules
