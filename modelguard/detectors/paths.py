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


_NAME = re.compile(r"\*?[\w.+:-]+", re.ASCII)
"""A line that names files, or endings of their names, and so folders: most do, and pathspec takes 10 ms to import."""


def is_named(lines: tuple[str, ...], path: str) -> bool:
    """Whether a part of `path` is one of these names, or ends as one with a star before it says."""
    parts = path.split("/")
    return any(any(part.endswith(line[1:]) for part in parts) if line[0] == "*" else line in parts for line in lines)


@lru_cache(maxsize=8192)
def _matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether `path` matches one of the patterns: gitignore-style lines, and regular expressions behind `re:`."""
    member = path.rpartition("!")[2].lstrip("/")
    lines = tuple(pattern for pattern in patterns if not pattern.startswith(REGEX))
    if lines and (is_named(lines, member) if all(map(_NAME.fullmatch, lines)) else _spec(lines).match_file(member)):
        return True
    regexes = tuple(pattern.removeprefix(REGEX) for pattern in patterns if pattern.startswith(REGEX))
    return any(regex.search(member) for regex in _regexes(regexes))
