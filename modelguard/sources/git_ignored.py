"""Which files git ignores: they are not pushed, but a folder upload takes them all the same.

git itself is asked, once for each repository, and only when there are findings. Nothing that the repository's own
configuration names is run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from modelguard.errors import GitError
from modelguard.sources.git_folder import top_of

_SECONDS = 20


def ignored_files(paths: Iterable[str]) -> set[str]:
    """Those of the absolute `paths` that git ignores; none where git is missing or refuses the repository."""
    repositories: dict[str, list[str]] = {}
    for path in paths:
        root = top_of(os.path.dirname(path))
        if root is not None:
            repositories.setdefault(root, []).append(path)
    found: set[str] = set()
    for root, inside in repositories.items():
        found |= _asked(root, inside)
    return found


def _asked(root: str, paths: list[str]) -> set[str]:
    from modelguard.sources.git import Git, fields

    listed = b"".join(os.fsencode(path) + b"\0" for path in paths)
    try:
        answer = Git(root).ask("check-ignore", "-z", "--stdin", stdin=listed, seconds=_SECONDS)
    except GitError:  # also where none is ignored: status 1
        return set()
    return {os.fsdecode(name) for name in fields(answer)}
