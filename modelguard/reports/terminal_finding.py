"""One finding at the terminal: what, where, the masked line, and whatever else says something."""

from __future__ import annotations

from rich.text import Text

from modelguard.model import Check, Commit, Confidence, CredentialPart, Deed, Finding, Origin, Place, Severity, Status
from modelguard.reports.escape import printable
from modelguard.reports.excerpt import clipped
from modelguard.reports.places import where
from modelguard.reports.summary import counted
from modelguard.reports.terminal_lines import folded, wrapped

INDENT = 12
_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
_MARGIN = "| "
_REFS_NAMED = 3


def finding_lines(finding: Finding, width: int, verbose: bool) -> list[Text]:
    """The block of one finding, `width` cells wide; `verbose` adds its message and every commit."""
    severity = finding.severity
    lead = Text.assemble("  ", (severity.value, _STYLES[severity]), " " * (INDENT - 2 - len(severity.value)))
    title = Text.assemble((printable(finding.title), "bold"), f" [{printable(finding.rule)}]")
    lines = wrapped(title, width, INDENT, lead)
    lines += folded(Text(where(finding.origin.path, finding.place)), width, INDENT)
    lines += _excerpt_lines(finding, width)
    lines += wrapped(Text(" · ".join(_facts(finding))), width, INDENT)
    return lines + (_verbose_lines(finding, width) if verbose else [])


def _excerpt_lines(finding: Finding, width: int) -> list[Text]:
    if not finding.excerpt.strip():
        return []
    margin = " " * INDENT + _MARGIN
    excerpt = clipped(finding.excerpt, finding.preview, finding.place.column, width - len(margin))
    lines = [Text.assemble((margin, "dim"), excerpt.line)]
    if excerpt.length:
        lines.append(Text.assemble((margin, "dim"), " " * excerpt.start, ("^" * excerpt.length, "bold red")))
    return lines


def _facts(finding: Finding) -> list[str]:
    facts = [printable(finding.preview)] if finding.preview else []
    facts += [_beside(part, finding.place) for part in finding.parts]
    if finding.check is not Check.NONE:
        facts.append(f"check {finding.check}")
    if finding.detail:
        facts.append(printable(finding.detail))
    if finding.confidence is not Confidence.HIGH:
        facts.append(f"{finding.confidence} confidence")
    if finding.origin.commits:
        facts.append(_in_commits(finding.origin.commits))
    if finding.origin.in_tree is False:
        facts.append("not in the current tree")
    if finding.origin.reachable:
        facts.append(_held_by(finding.origin))
    else:
        facts.append("not reachable from any branch or tag")
    if finding.origin.ignored:
        facts.append("ignored by git")
    facts.append(_standing(finding))
    return [fact for fact in facts if fact]


def _beside(part: CredentialPart, place: Place) -> str:
    """A part of the credential: what it is, masked, and on which line unless that is the finding's own."""
    line = "" if part.place.line in (None, place.line) else f" on line {part.place.line}"
    return printable(f"with {part.name} {part.preview.partition(' (')[0]}{line}")


def _standing(finding: Finding) -> str:
    if finding.status is Status.OPEN:
        if finding.context:
            return "does not block: the change does not add this line"
        return "" if finding.blocking else "does not block"
    return f"{finding.status}: {printable(finding.status_reason)}" if finding.status_reason else finding.status.value


def _in_commits(commits: tuple[Commit, ...]) -> str:
    """Who brought it in, and how it ended: in words for the first and the last commit, the others counted."""
    first, last = commits[0], commits[-1]
    said = [f"{first.deed} in commit {_commit(first)}"]
    if last.deed is Deed.REMOVED and last is not first:
        said.append(f"removed in {_commit(last)}")
    others = len(commits) - len(said)
    return ", ".join(said) + (f" and {counted(others, 'more commit')}" if others else "")


def _held_by(origin: Origin) -> str:
    """The refs that still hold it, the first ones by name."""
    if not origin.refs:
        return ""
    named = [ref.removeprefix("refs/heads/").removeprefix("refs/") for ref in origin.refs[:_REFS_NAMED]]
    others = len(origin.refs) - len(named)
    return "held by " + printable(", ".join(named)) + (f" and {counted(others, 'more ref')}" if others else "")


def _commit(commit: Commit) -> str:
    return printable(f"{commit.sha[:12]} ({commit.author}, {commit.date[:10]})")


def _verbose_lines(finding: Finding, width: int) -> list[Text]:
    lines = []
    if finding.message and finding.message != finding.title:
        lines += wrapped(Text(printable(finding.message)), width, INDENT)
    for commit in finding.origin.commits:
        path = printable(commit.path) if commit.line is None else f"{printable(commit.path)}:{commit.line}"
        lines += folded(Text(f"{commit.deed} in {_commit(commit)} {path}"), width, INDENT)
    return lines
