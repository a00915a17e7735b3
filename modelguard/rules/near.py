"""The pattern of a value without a mark of its own: its vendor's name, a word such as key, a separator, the value."""

from __future__ import annotations

from collections.abc import Sequence

WORDS = "key|token|secret|auth|passw|credential|bearer|pwd|pat\\b"
"""One of these stands between the name and the value, unless the rule says `word: false`."""

SEPARATORS = r"""[\s"'`=:>(,|\[{/@]"""


def near_pattern(names: Sequence[str], value: str, word: bool = True) -> str:
    """The pattern for `near`, `value` and `word` of a rule file."""
    name = "(?i:" + "|".join(names) + ")"
    between = rf"[^\r\n]{{0,40}}?(?i:{WORDS})[^\r\n]{{0,24}}?" if word else r"[^\r\n]{0,32}?"
    return name + between + near_core(value).replace("(?:", "(?P<value>", 1)


def near_core(value: str) -> str:
    """The part of such a pattern that tells most: a separator, the value, and nothing of its own kind after it."""
    separators = SEPARATORS.replace("/", "") if "/" in value else SEPARATORS
    return rf"{separators}(?:{value})(?![\w\-])"
