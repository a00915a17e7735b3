"""How much of a history is asked for: all of it, what some commits changed, or what a push brings."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from modelguard.errors import UsageError
from modelguard.sources.git import on_lines
from modelguard.sources.history.listing import listed_of
from modelguard.sources.history.refs import behind, lines_of
from modelguard.sources.history.repository import Repository
from modelguard.sources.history.tree import objects_of


class Scope(Struct, frozen=True):
    """Limits: commits after a date as git reads it, those of one branch or other revision, the newest so many.

    Or `tips` (ids of commits, tags or anything that a ref can name), and of what they reach that alone which neither
    the ids `without` nor the refs below `known` (`refs/remotes/origin`) do. Of `without`, what is not here is passed
    over.
    """

    since: str | None = None
    branch: str | None = None
    most: int | None = None
    tips: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    known: str | None = None

    @property
    def limited(self) -> bool:
        """Whether anything is left away."""
        return bool(self.tips) or any(limit is not None for limit in (self.since, self.branch, self.most))


def between(repository: Repository, span: str) -> Scope:
    """What B of `A..B` has and A has not; either is HEAD where nothing is written.

    Raises:
        UsageError: `span` is not written so, or names no revision.
    """
    start, separator, end = span.partition("..")
    if not separator or end.startswith("."):
        raise UsageError(f"--commits {span}: not two revisions", "Write A..B.")
    return Scope(tips=(repository.object(end or "HEAD"),), without=(repository.object(start or "HEAD"),))


def commits_in(repository: Repository, scope: Scope) -> list[str]:
    """The commits that a limited scope holds, newest first.

    Raises:
        UsageError: the repository has no such revision.
        GitError: the commits cannot be walked.
    """
    if scope.tips:
        return _commits_of(repository, scope)
    limits = [] if scope.since is None else [f"--since={scope.since}"]
    limits += [] if scope.most is None else [f"--max-count={scope.most}"]
    start = ["--all"] if scope.branch is None else [repository.commit(scope.branch)]
    return repository.git.ask("rev-list", *limits, *start).decode("ascii").split()


def others_in(repository: Repository, scope: Scope) -> list[str]:
    """What the tips of a scope are, or lead to, besides commits: tags, and blobs that no commit holds."""
    found: dict[str, None] = {}
    for chain in behind(repository, scope.tips).values():
        found |= dict.fromkeys(name for name, kind in chain if kind in ("tag", "blob"))
        for name, kind in chain:
            if kind == "tree":
                found |= dict.fromkeys(sorted(objects_of(repository, name)))
    return list(found)


def _commits_of(repository: Repository, scope: Scope) -> list[str]:
    chains = behind(repository, scope.tips)
    lost = [tip for tip in scope.tips if not chains[tip]]
    if lost:
        raise UsageError(f"there is no object {lost[0]!r} in this repository", "Fetch it, or name another one.")
    tips = [chain[-1][0] for chain in chains.values() if chain[-1][1] == "commit"]
    asked = on_lines([*tips, *(f"^{name}" for name in _known(repository, scope))])
    return repository.git.ask("rev-list", "--stdin", stdin=asked).decode("ascii").split() if tips else []


def _known(repository: Repository, scope: Scope) -> Iterator[str]:
    yield from (listed.id for listed in listed_of(repository, scope.without) if listed.kind in ("commit", "tag"))
    if scope.known is not None:
        yield from lines_of(repository.git.ask("for-each-ref", "--format=%(objectname)", scope.known))
