"""Whether a rule that is bound to certain files, or kept out of some, speaks in this one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from modelguard.rules.interface import REGEX, Rule

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@lru_cache(maxsize=512)
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns, backend="simple")


@lru_cache(maxsize=512)
def _regexes(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.ASCII) for pattern in patterns)


def speaks_in(rule: Rule, path: str) -> bool:
    """Whether `rule` speaks in a file at `path`. A path inside a container counts by its member.

    Texts of a sort that a reader made of a file lie at `path/:sort`, as in a folder.
    """
    return (not rule.paths or _matches(rule.paths, path)) and not (rule.not_paths and _matches(rule.not_paths, path))


@lru_cache(maxsize=8192)
def _matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether `path` matches one of the patterns: gitignore-style lines, and regular expressions behind `re:`."""
    member = path.rpartition("!")[2].lstrip("/")
    lines = tuple(pattern for pattern in patterns if not pattern.startswith(REGEX))
    if lines and _spec(lines).match_file(member):
        return True
    regexes = tuple(pattern.removeprefix(REGEX) for pattern in patterns if pattern.startswith(REGEX))
    return any(regex.search(member) for regex in _regexes(regexes))
