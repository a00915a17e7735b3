"""One repository, of whose history some commits are asked for: what a push or a pull request brings."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from modelguard.errors import GitError, UsageError
from modelguard.model import Finding
from modelguard.sources.git import Git
from modelguard.sources.git_folder import top_of
from modelguard.sources.interface import Item
from modelguard.sources.repositories import shown_from_here


class CommitsSource:
    """A Source of no files: the repository around `target`, or the one that git told its hook (`GIT_DIR`).

    Which of its commits are scanned is said by a `Scope`; submodules are repositories of their own.
    """

    whole = False

    def __init__(self, target: str = ".") -> None:
        """Find the repository.

        Raises:
            UsageError: there is none.
        """
        folder = _told(target) or top_of(target)
        if folder is None:
            raise UsageError(f"{target}: not a git repository, nor inside of one", "Run it inside of a repository.")
        self.folder = folder

    def items(self) -> Iterator[Item]:
        """See `Source.items`."""
        return iter(())

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """See `Source.described`: there is nothing to add."""
        return list(findings)

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`."""
        return [(self.folder, shown_from_here(self.folder))]


def _told(target: str) -> str | None:
    """The folder that `GIT_DIR` names, where that is not the repository around `target` (work trees may lie apart)."""
    told = os.environ.get("GIT_DIR")
    if not told:
        return None
    told = os.path.realpath(told)
    around = top_of(target)
    try:
        own = Git(around).ask("rev-parse", "--path-format=absolute", "--git-dir") if around is not None else b""
    except GitError:
        own = b""
    return None if os.path.realpath(os.fsdecode(own.rstrip(b"\n"))) == told else told
