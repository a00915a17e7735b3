"""Repositories that a user named for their history alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress

from modelguard.errors import GitError
from modelguard.model import Finding, Gap, GapReason
from modelguard.sources.file import shown_path
from modelguard.sources.git_folder import top_of
from modelguard.sources.history.repository import submodules
from modelguard.sources.interface import Item


class RepositoriesSource:
    """A Source of no files: the repositories that hold the folders named, and the submodules that are checked out."""

    whole = True

    def __init__(self, targets: Sequence[str]) -> None:
        self._found = [(target, top_of(target)) for target in targets]

    def items(self) -> Iterator[Item]:
        """See `Source.items`: a gap for each target that lies in no repository."""
        for target, top in self._found:
            if top is None:
                detail = "not a git repository, nor inside of one; check the path"
                yield Gap(shown_path(target), GapReason.MISSING, detail)

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """See `Source.described`: there is nothing to add."""
        return list(findings)

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`."""
        found: dict[tuple[str, str], None] = {}
        pending = [(top, shown_from_here(top)) for _, top in reversed(self._found) if top is not None]
        while pending:
            folder, shown = pending.pop()
            found[folder, shown] = None
            with suppress(GitError):  # said when its history is asked for
                pending += [each for each in reversed(submodules(folder, shown)) if each not in found]
        return list(found)


def shown_from_here(top: str) -> str:
    """As a person would write it from here."""
    here = os.getcwd()
    return "." if top == here else os.path.relpath(top, here) if top.startswith(here + os.sep) else top
