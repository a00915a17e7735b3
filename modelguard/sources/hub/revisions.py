"""Which commits of a repository are asked for, and the files in them, each object once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from modelguard.sources.hub.listing import Entry, Repository, Told
from modelguard.sources.hub.since import when
from modelguard.sources.hub.transport import Failure


class Revisions:
    """The commit `sha` of a repository, or all commits of all refs; and of those perhaps only what is new `since`.

    An object is told once, at the newest commit that holds it, unless it goes by another file name elsewhere: a name
    may say what a file is. All of it raises `Failure` where the Hub does not tell.
    """

    def __init__(self, repository: Repository, sha: str, everywhere: bool, since: datetime | None) -> None:
        self._repository = repository
        self._sha = sha
        self._everywhere = everywhere
        self._since = since
        self._commits: dict[str, Told] | None = None
        self._before: dict[str, None] = {}

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Each file, with the commit to read it at."""
        if not self._sha:
            return
        if not self._everywhere and self._since is None:
            yield from ((self._sha, entry) for entry in self._repository.tree(self._sha))
            return
        commits = self._listed()
        seen = {_key(entry) for sha in self._before if sha not in commits for entry in self._repository.tree(sha)}
        for sha in commits:
            for entry in self._repository.tree(sha):
                key = _key(entry)
                if key not in seen:
                    seen.add(key)
                    yield sha, entry

    def told(self) -> Iterator[Told]:
        """The commits themselves: their titles and messages."""
        if self._sha:
            yield from self._listed().values()

    def _listed(self) -> dict[str, Told]:
        """The commits that are asked for, the one that was named first; and in `_before` those that they came after."""
        if self._commits is None:
            heads = [self._sha]
            if self._everywhere:
                heads += [ref.commit for ref in self._repository.refs()]
            commits: dict[str, Told] = {}
            for head in dict.fromkeys(heads):
                for told in self._repository.commits(head):
                    if self._since is not None and _time_of(told) < self._since:
                        self._before[told.id] = None
                        break
                    commits.setdefault(told.id, told)
            self._commits = commits
        return self._commits


def _key(entry: Entry) -> tuple[str, str]:
    return entry.object or entry.path, entry.path.rpartition("/")[2]


def _time_of(told: Told) -> datetime:
    try:
        return when(told.date)
    except ValueError:
        raise Failure("the Hub's answer is not as it should be") from None
