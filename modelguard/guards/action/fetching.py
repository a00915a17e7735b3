"""Everything that a plan needs is here: a shallow or partial checkout gets what it lacks, and no more."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from modelguard.errors import GitError
from modelguard.guards.action.plan import COMMITS, HISTORY, Plan
from modelguard.sources.git import Remote
from modelguard.sources.history import walk
from modelguard.sources.history.fetch import ALL, fetch, fetch_objects
from modelguard.sources.history.listing import listed_of
from modelguard.sources.history.repository import Repository
from modelguard.sources.history.tree import objects_of

_FIRST_DEPTH = 32
_MOST_DEPTH = 1 << 16
_ROUNDS = 8


def complete(plan: Plan, repository: Repository, remote: Remote, expected: int | None) -> Plan:
    """The same plan, once all it speaks of is here. `expected` is how many commits it is likely to be about.

    Raises:
        GitError: something is lacking, and the remote does not give it.
    """
    if plan.scan == HISTORY and repository.shallow:
        fetch(repository, [repository.commit("HEAD")], remote, ALL)
    if plan.scan != COMMITS:
        _fetch_lacking(repository, _of_settings(plan), remote)
        return plan
    for depth in _depths(expected):
        if _is_whole(repository, plan):
            break
        fetch(repository, [plan.tip, *plan.without], remote, depth if _boundary(repository) else None)
    if not _is_whole(repository, plan):
        raise GitError("the commits are not all here", "Give actions/checkout `fetch-depth: 0`.")
    _fetch_lacking(repository, [plan.proposed], remote)
    plan = replace(plan, parted=_parted(repository, plan))
    if repository.partial:
        _fetch_left_away(repository, plan, remote)
    return plan


def commits_of(repository: Repository, plan: Plan) -> list[str]:
    """The commits that are to be looked at, newest first."""
    return _reached(repository, [plan.tip], plan.without)


def _depths(expected: int | None) -> Iterator[int]:
    depth = min(expected + 1 if expected else _FIRST_DEPTH, _MOST_DEPTH)
    while depth <= _MOST_DEPTH:
        yield depth
        depth *= 4
    yield ALL


def _is_whole(repository: Repository, plan: Plan) -> bool:
    """Whether nothing of these commits is cut off.

    Where the other side is cut off, a commit could be behind that and be taken for a new one: so it must be cut off
    only among commits that are older than all of these. Dates that lie fetch more, never less.
    """
    if _absent(repository, [plan.tip, *plan.without]):
        return False
    boundary = _boundary(repository)
    if not boundary:
        return True
    commits = commits_of(repository, plan)
    if not boundary.isdisjoint(commits):
        return False
    nodes = walk.nodes(repository, commits).known
    cut = boundary.intersection(_reached(repository, plan.without))
    others = walk.nodes(repository, sorted(cut)).known
    oldest = min((node.date for node in nodes.values()), default=0)
    return not nodes or all(node.date <= oldest for node in others.values())


def _reached(repository: Repository, tips: Sequence[str], without: Iterable[str] = (), *options: str) -> list[str]:
    if not tips:
        return []
    asked = "".join(f"{name}\n" for name in (*tips, *(f"^{name}" for name in without)))
    return repository.git.ask("rev-list", *options, "--stdin", stdin=asked.encode("ascii")).decode("ascii").split()


def _boundary(repository: Repository) -> frozenset[str]:
    """The commits at which the history here is cut off."""
    try:
        with open(os.path.join(repository.common, "shallow"), encoding="ascii") as file:
            return frozenset(file.read().split())
    except FileNotFoundError:
        return frozenset()


def _absent(repository: Repository, names: Iterable[str]) -> list[str]:
    wanted = [name for name in dict.fromkeys(names) if name]
    here = {listed.id for listed in listed_of(repository, wanted)}
    return [name for name in wanted if name not in here]


def _fetch_lacking(repository: Repository, names: Iterable[str], remote: Remote) -> None:
    """Single commits, of which only the files are asked for."""
    lacking = _absent(repository, names)
    if lacking:
        fetch(repository, lacking, remote, 1 if _boundary(repository) else None)


def _fetch_left_away(repository: Repository, plan: Plan, remote: Remote) -> None:
    """Contents that a partial clone has not brought: what it lacks by design would not be looked at in silence."""
    for _ in range(_ROUNDS):
        lacking = _lacking(repository, _trees(repository, plan)) or _lacking(repository, _contents(repository, plan))
        if not lacking:
            return
        fetch_objects(repository, lacking, remote)
    raise GitError("a partial clone lacks contents of these commits", "Give actions/checkout no `filter`.")


def _of_settings(plan: Plan) -> list[str]:
    return [name for name in (plan.trusted, plan.proposed, plan.parted) if name]


def _trees(repository: Repository, plan: Plan) -> list[str]:
    """The top trees of the commits, of those that these are compared with, and of those that have a say in settings."""
    known = _reached(repository, [plan.tip], plan.without, "--boundary")
    wanted = (*(name.removeprefix("-") for name in known), *_of_settings(plan), repository.commit("HEAD"))
    asked = "".join(f"{name}\n" for name in dict.fromkeys(wanted))
    options = ("--no-walk=unsorted", "--format=%T", "--stdin")
    answer = repository.git.ask("rev-list", *options, stdin=asked.encode("ascii")).decode("ascii")
    return [line for line in answer.splitlines() if not line.startswith("commit ")]


def _contents(repository: Repository, plan: Plan) -> list[str]:
    """The contents that the commits bring, those that these took the place of, and files in which settings may be."""
    changes, _ = walk.changes(repository, commits_of(repository, plan), None, 1)
    brought = [name for change in changes for name in (change.new, *change.old) if name is not None]
    return [*brought, *(name for commit in _of_settings(plan) for name in objects_of(repository, commit))]


def _lacking(repository: Repository, names: Iterable[str]) -> list[str]:
    """Those that are not here. Asked for one by one, git would give up at the first that it may not fetch itself."""
    options = ("--batch-all-objects", "--unordered", "--buffer", "--batch-check=%(objectname)")
    here = set(repository.git.ask("cat-file", *options).decode("ascii").split())
    return [name for name in dict.fromkeys(names) if name not in here]


def _parted(repository: Repository, plan: Plan) -> str:
    """Where the two sides parted; empty where they never met, or met in several places."""
    if not plan.trusted or plan.proposed != plan.tip:
        return ""
    try:
        found = repository.git.ask("merge-base", "--all", plan.trusted, plan.tip).decode("ascii").split()
    except GitError as error:
        if error.status != 1:
            raise
        return ""
    return found[0] if len(found) == 1 else ""
