"""Comments that allow a finding on their line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from modelguard.model import Finding, Mark, Notice, NoticeKind, Status

OWN = "modelguard"


def apply_marks(findings: Sequence[Finding], marks: Mapping[str, Sequence[Mark]]) -> tuple[list[Finding], list[Notice]]:
    """`findings` with those allowed that a mark speaks of, and a notice for each of our own marks that allows nothing.

    `marks` maps paths to the marks in that file.
    """
    used: set[tuple[str, Mark]] = set()
    decided: list[Finding] = []
    for finding in findings:
        path = _written_in(finding)
        mark = next((mark for mark in marks.get(path, ()) if _allows(mark, finding)), None)
        if mark is not None:
            used.add((path, mark))
            reason = mark.reason or "no reason given"
            finding = replace(finding, status=Status.ALLOWED, status_reason=reason)
        used.update((path, mark) for mark in marks.get(path, ()) if _speaks_of_part(mark, finding))
        decided.append(finding)
    return decided, list(_unused(marks, used))


def _written_in(finding: Finding) -> str:
    """The path that marks beside a finding have: that of the file, or of what lies in it."""
    path, place = finding.origin.path, finding.place
    return f"{path}!{place.inner.partition(' → ')[0]}" if place.inside and place.inner else path


def _allows(mark: Mark, finding: Finding) -> bool:
    line = finding.place.line
    if line is None or not line <= mark.line <= (finding.place.end_line or line):
        return False
    if not mark.rules:
        return mark.tool not in (OWN, "nosec")
    return finding.rule in mark.rules


def _speaks_of_part(mark: Mark, finding: Finding) -> bool:
    """Whether a mark allows what is told as a part of a finding: it would be a finding of its own without that one."""
    return any(part.rule in mark.rules and part.place.line == mark.line for part in finding.parts)


def _unused(marks: Mapping[str, Sequence[Mark]], used: set[tuple[str, Mark]]) -> Iterable[Notice]:
    for path, inside in marks.items():
        for mark in inside:
            if mark.tool != OWN or not mark.comment or (path, mark) in used:
                continue
            why = (
                f"allows {', '.join(mark.rules)} here, but there is nothing to allow; remove it"
                if mark.rules
                else "names no rule, so it allows nothing; write modelguard: allow[rule-id] reason"
            )
            yield Notice(NoticeKind.UNUSED_ALLOW, f"the comment `modelguard: allow` {why}", path, mark.written)
