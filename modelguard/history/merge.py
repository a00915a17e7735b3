"""One finding a value, and one a credential: what a file holds and its history says of it belong together."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from modelguard.model import Finding


def told_once(files: Sequence[Finding], dug: Sequence[Finding]) -> list[Finding]:
    """`dug` without what is a part of another finding, there or in a file: somewhere it stands beside its secret.

    What stands alone in a file is told there.
    """
    told = {(part.rule, part.fingerprint) for each in (*files, *dug) for part in each.parts}
    alone = {(each.rule, each.fingerprint) for each in files}
    return [each for each in dug if (each.rule, each.fingerprint) not in told or (each.rule, each.fingerprint) in alone]


def merged(files: Sequence[Finding], dug: Sequence[Finding]) -> list[Finding]:
    """The findings in files, with what history says of their values, then those that only history holds.

    Where several files hold a value, each gets the commits of its own path, and the first one those of the others.
    """
    found = list(files)
    places: dict[tuple[str, str], list[int]] = {}
    for number, finding in enumerate(files):
        places.setdefault((finding.rule, finding.fingerprint), []).append(number)
    for finding in dug:
        numbers = places.get((finding.rule, finding.fingerprint), [])
        paths = {found[number].origin.path for number in numbers}
        for number in numbers:
            own = found[number].origin
            commits = tuple(
                commit
                for commit in finding.origin.commits
                if commit.path == own.path or (number == numbers[0] and commit.path not in paths)
            )
            origin = replace(own, commits=commits, object=finding.origin.object, refs=finding.origin.refs, in_tree=True)
            found[number] = replace(found[number], origin=origin)
        if not numbers:
            found.append(finding)
    return found
