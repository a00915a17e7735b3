"""How much of a history is asked for: all of it, or what some commits changed."""

from __future__ import annotations

from msgspec import Struct

from modelguard.sources.history.repository import Repository


class Scope(Struct, frozen=True):
    """Limits: commits after a date as git reads it, those of one branch or other revision, the newest so many."""

    since: str | None = None
    branch: str | None = None
    most: int | None = None

    @property
    def limited(self) -> bool:
        """Whether anything is left away."""
        return any(limit is not None for limit in (self.since, self.branch, self.most))


def commits_in(repository: Repository, scope: Scope) -> list[str]:
    """The commits that a limited scope holds, newest first.

    Raises:
        UsageError: the repository has no such revision.
        GitError: the commits cannot be walked.
    """
    limits = [] if scope.since is None else [f"--since={scope.since}"]
    limits += [] if scope.most is None else [f"--max-count={scope.most}"]
    start = ["--all"] if scope.branch is None else [repository.commit(scope.branch)]
    return repository.git.ask("rev-list", *limits, *start).decode("ascii").split()
