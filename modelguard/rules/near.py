"""The pattern of a value without a mark of its own: its vendor's name, a word such as key, a separator, the value."""

from __future__ import annotations

from collections.abc import Sequence

WORDS = "key|token|secret|auth|passw|credential|bearer|pwd|pat\\b"
"""One of these stands between the name and the value, unless the rule says `word: false`."""

SEPARATORS = r"""[\s"'`=:>(,|\[{/@]"""


def near_pattern(names: Sequence[str], value: str, word: bool = True) -> tuple[str, ...]:
    """The pattern for `near`, `value` and `word` of a rule file, in parts (see `engine.syntax.derive`)."""
    name = "(?i:" + "|".join(names) + ")"
    separators = SEPARATORS.replace("/", "") if "/" in value else SEPARATORS
    last = rf"{separators}(?P<value>{value})(?![\w\-])"
    if not word:
        return rf"{name}[^\r\n]{{0,32}}?", last
    return rf"{name}[^\r\n]{{0,40}}?", rf"(?i:{WORDS})[^\r\n]{{0,24}}?", last
