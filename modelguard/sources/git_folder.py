"""Whether a folder is a git repository, without asking git."""

from __future__ import annotations

import os

BARE = frozenset(("HEAD", "objects", "refs"))
"""What a folder holds that is itself what `.git` is elsewhere."""


def is_repository(folder: str) -> bool:
    """Whether a folder is the top of a work tree, or a bare repository. A `.git` that lacks a HEAD makes none."""
    below = os.path.join(folder, ".git")
    return os.path.isfile(below) or os.path.lexists(os.path.join(below, "HEAD")) or is_bare(folder)


def is_bare(folder: str) -> bool:
    """Whether a folder is itself what `.git` is elsewhere."""
    return all(os.path.lexists(os.path.join(folder, name)) for name in BARE)


def top_of(folder: str) -> str | None:
    """The nearest folder, from `folder` upwards, that is the top of a repository; None where there is none."""
    at = os.path.abspath(folder)
    while not is_repository(at):
        at, below = os.path.split(at)
        if not below:
            return None
    return at
