"""What reports for people say of a finding besides its rule and its place, as short texts that are safe to print."""

from __future__ import annotations

from modelguard.model import Check, Commit, Confidence, CredentialPart, Deed, Finding, Origin, Place, ScanResult, Status
from modelguard.reports.escape import printable
from modelguard.reports.summary import counted

_REFS_NAMED = 3


def facts(finding: Finding) -> list[str]:
    """What a line of facts says besides rule and place: masked value, proof, history, standing. Each is printable."""
    said = [printable(finding.preview)] if finding.preview else []
    said += [_beside(part, finding.place) for part in finding.parts]
    if finding.check is not Check.NONE:
        said.append(f"check {finding.check}")
    if finding.detail:
        said.append(printable(finding.detail))
    if finding.confidence is not Confidence.HIGH:
        said.append(f"{finding.confidence} confidence")
    if finding.origin.commits:
        said.append(_in_commits(finding.origin.commits))
    if finding.origin.in_tree is False:
        said.append("not in the current tree")
    if finding.origin.reachable:
        said.append(_held_by(finding.origin))
    else:
        said.append("not reachable from any branch or tag")
    if finding.origin.ignored:
        said.append("ignored by git")
    said.append(standing(finding))
    return [fact for fact in said if fact]


def standing(finding: Finding) -> str:
    """What has been decided about a finding; empty for one that is open and blocks."""
    if finding.status is Status.OPEN:
        if finding.context:
            return "does not block: the change does not add this line"
        return "" if finding.blocking else "does not block"
    return f"{finding.status}: {printable(finding.status_reason)}" if finding.status_reason else finding.status.value


def remedy(finding: Finding, result: ScanResult) -> str:
    """What to do, in the finding's own words or its rule's; empty where neither says. It is not yet printable."""
    explained = result.rules.get(finding.rule)
    return finding.remedy or (explained.remedy if explained else "")


def commit_named(commit: Commit) -> str:
    """A commit in a sentence: its short id, author and day."""
    return printable(f"{commit.sha[:12]} ({commit.author}, {commit.date[:10]})")


def _beside(part: CredentialPart, place: Place) -> str:
    """A part of the credential: what it is, masked, and on which line unless that is the finding's own."""
    line = "" if part.place.line in (None, place.line) else f" on line {part.place.line}"
    return printable(f"with {part.name} {part.preview.partition(' (')[0]}{line}")


def _in_commits(commits: tuple[Commit, ...]) -> str:
    """Who brought it in, and how it ended: in words for the first and the last commit, the others counted."""
    first, last = commits[0], commits[-1]
    said = [f"{first.deed} in commit {commit_named(first)}"]
    if last.deed is Deed.REMOVED and last is not first:
        said.append(f"removed in {commit_named(last)}")
    others = len(commits) - len(said)
    return ", ".join(said) + (f" and {counted(others, 'more commit')}" if others else "")


def _held_by(origin: Origin) -> str:
    """The refs that still hold it, the first ones by name."""
    if not origin.refs:
        return ""
    named = [ref.removeprefix("refs/heads/").removeprefix("refs/") for ref in origin.refs[:_REFS_NAMED]]
    others = len(origin.refs) - len(named)
    return "held by " + printable(", ".join(named)) + (f" and {counted(others, 'more ref')}" if others else "")
