"""Workflow commands of GitHub Actions: annotations on lines, and beside them a log that people can read.

Commands and their escapes: https://docs.github.com/actions/reference/workflow-commands-for-github-actions and
`packages/core/src/command.ts` of actions/toolkit. Limits: `docs/problem-matchers.md` there.
"""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from modelguard.model import Finding, Gap, ScanResult, Severity
from modelguard.reports.escape import printable
from modelguard.reports.facts import facts, remedy
from modelguard.reports.gaps import place_of, sentence
from modelguard.reports.interface import RenderOptions
from modelguard.reports.order import worst_first
from modelguard.reports.places import line_in_tree, where
from modelguard.reports.summary import counted, summary
from modelguard.reports.workflow_command import command

MOST_OF_A_LEVEL = 10
"""How many annotations of each level GitHub shows of one step. It shows 50 of a job."""

_TITLE = 255  # characters that GitHub takes of a title: https://docs.github.com/rest/checks/runs


class _Annotation(Struct, frozen=True):
    level: str
    properties: dict[str, str]
    lines: tuple[str, ...]


def render(result: ScanResult, options: RenderOptions) -> str:
    """One command for each annotation that GitHub will show, the worst first; then plain lines.

    What blocks is an error, a gap a warning, what else is open a warning or a notice. What is beyond GitHub's limit
    is a plain line, and the last line counts these. No other line begins with `::`.
    """
    given: Counter[str] = Counter()
    commands, rest = [], []
    for annotation in _annotations(result):
        given[annotation.level] += 1
        if given[annotation.level] <= MOST_OF_A_LEVEL:
            commands.append(_command(annotation))
        else:
            rest.append(f"{annotation.level}: {annotation.lines[0]}")
    lines = [*commands, *rest, summary(result)]
    if rest:
        lines.append(f"{counted(len(rest), 'more annotation')} left out: GitHub shows {MOST_OF_A_LEVEL} of each level.")
    return "".join(f"{line}\n" for line in lines)


def _annotations(result: ScanResult) -> list[_Annotation]:
    findings = worst_first(result.open_findings)
    blocking = [_finding(each, result) for each in findings if each.blocking]
    others = [_finding(each, result) for each in findings if not each.blocking]
    return [*blocking, *(_gap(gap) for gap in result.gaps), *others]


def _finding(finding: Finding, result: ScanResult) -> _Annotation:
    title, path, place = printable(finding.title)[:_TITLE], finding.origin.path, finding.place
    what = f"{title} [{printable(finding.rule)}] at {where(path, place)}: {' · '.join(facts(finding))}"
    properties = {"title": title, "file": printable(path)}
    if line_in_tree(finding) is not None:
        properties |= _region(finding)
    return _Annotation(_level(finding), properties, (what, printable(remedy(finding, result))))


def _region(finding: Finding) -> dict[str, str]:
    """Line and columns. GitHub takes columns only where the first line is the last one."""
    place = finding.place
    end_line = place.end_line if place.end_line and place.end_line >= (place.line or 0) else place.line
    numbers = {"line": place.line, "endLine": end_line}
    if end_line == place.line:
        numbers |= {"col": place.column, "endColumn": place.end_column}
    return {name: str(number) for name, number in numbers.items() if number is not None}


def _level(finding: Finding) -> str:
    if finding.blocking:
        return "error"
    return "notice" if finding.context or finding.severity is Severity.LOW else "warning"


def _gap(gap: Gap) -> _Annotation:
    what = f"Not wholly looked at: {place_of(gap)}: {sentence(gap)}"
    return _Annotation("warning", {"title": "Not wholly looked at", "file": printable(gap.path)}, (what,))


def _command(annotation: _Annotation) -> str:
    return command(annotation.level, annotation.properties, "\n".join(filter(None, annotation.lines)))
