"""Values that a rule says are none: those in which one of its `not_values` is found."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=512)
def _compiled(regexes: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(regex, re.ASCII) for regex in regexes)


def is_excepted(value: str, regexes: tuple[str, ...]) -> bool:
    """Whether one of the regular expressions is found anywhere in the value."""
    return any(regex.search(value) for regex in _compiled(regexes))
