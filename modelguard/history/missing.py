"""What a partial clone has not fetched, asked while the scan goes on: git walks all trees for the answer."""

from __future__ import annotations

from functools import cached_property

from modelguard.model import Gap, GapReason
from modelguard.sources.git import Process, end
from modelguard.sources.history.repository import Repository

_ASKED = ("rev-list", "--objects", "--all", "--quiet", "--missing=print")


class Missing:
    """Begins to ask when it is made; `gaps` waits for the answer, and `close` does without.

    git is a process of its own and no thread waits for it: workers are forked while it runs.
    """

    def __init__(self, repository: Repository) -> None:
        self._own = repository.own
        self._process: Process | None = repository.git.start(*_ASKED, quiet=True) if repository.partial else None

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps; none in a clone that is whole."""
        if self._process is None:
            return ()
        answer, _ = self._process.communicate()
        if self._process.returncode:
            detail = "a partial clone, and git cannot say what is not here; look with `git fsck`"
            return (Gap(self._own, GapReason.MISSING, detail),)
        missing = sum(line.startswith(b"?") for line in answer.split(b"\n"))
        detail = f"a partial clone: {missing} objects are not here; run `git fetch --refetch --no-filter`"
        return (Gap(self._own, GapReason.MISSING, detail),) if missing else ()

    def close(self) -> None:
        """Wait no longer."""
        if self._process is not None:
            end(self._process)
