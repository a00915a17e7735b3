"""Whether a rule that is bound to certain files, or kept out of some, speaks in this one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from modelguard.rules.interface import REGEX, Rule

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SORTS = frozenset({"vocabulary"})
"""What readers call texts of a sort (`readers.interface.Text`)."""


@lru_cache(maxsize=512)
def _spec(patterns: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns, backend="simple")


@lru_cache(maxsize=512)
def _regexes(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.ASCII) for pattern in patterns)


def speaks_in(rule: Rule, path: str) -> bool:
    """Whether `rule` speaks in a file at `path`. A path inside a container counts by its member.

    `tokenizer.json!vocabulary` is text of a sort in that file: patterns such as `*!vocabulary` mean it, all others mean
    the file.
    """
    return (not rule.paths or _matches(rule.paths, path)) and not (rule.not_paths and _matches(rule.not_paths, path))


@lru_cache(maxsize=8192)
def _matches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether `path` matches one of the patterns: gitignore-style lines, and regular expressions behind `re:`."""
    container, _, member = path.rpartition("!")
    lines = tuple(pattern for pattern in patterns if not pattern.startswith(REGEX))
    if member in SORTS and container:
        sort, member = member, container.rpartition("!")[2].lstrip("/")
        if any("!" in line[1:] for line in lines) and _spec(lines).match_file(f"{member}!{sort}"):
            return True
    member = member.lstrip("/")
    if lines and _spec(lines).match_file(member):
        return True
    regexes = tuple(pattern.removeprefix(REGEX) for pattern in patterns if pattern.startswith(REGEX))
    return any(regex.search(member) for regex in _regexes(regexes))
