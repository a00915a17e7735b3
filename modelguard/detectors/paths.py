"""Whether a rule that is bound to certain files speaks in this one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@lru_cache(maxsize=512)
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns, backend="simple")


@lru_cache(maxsize=8192)
def speaks_in(patterns: tuple[str, ...], path: str) -> bool:
    """Whether `path` matches one of the gitignore-style `patterns`. A path inside a container counts by its member."""
    member = path.rpartition("!")[2]
    return _spec(patterns).match_file(member.lstrip("/"))
