"""Text from a hostile tree, made safe to print: every character that acts instead of showing is spelled out."""

from __future__ import annotations

import re

# C0, DEL and C1; then what is invisible or turns the direction of writing (Unicode 16, category Cf and the
# line and paragraph separators), tags and variation selectors that can carry hidden text, and lone surrogates.
# The non-joiner U+200C stays, for Persian needs it. The joiner U+200D goes, at the price of some emoji: a terminal
# that joins and one that does not disagree about how wide the text is, and so about where a line ends.
_ACTING = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200d-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")

# GitHub's runner obeys `##[command]` and Azure's agent `##vso[command]` anywhere in a line of output.
_RUNNER_COMMAND = re.compile(r"#(?=#+\w*\[)")

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """Spell out control, direction and invisible characters (`\\x1b`, `\\u202e`) and break runner commands.

    The result is one line, valid Unicode, and shows what it holds. A backslash is left as it is.
    """
    return _RUNNER_COMMAND.sub(r"\\x23", _ACTING.sub(_spelled, text))


def valid(text: str) -> str:
    """Spell out lone surrogates, so that the text can be encoded as UTF-8; leave everything else."""
    return _LONE_SURROGATE.sub(_spelled, text)


def _spelled(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8, as os.fsdecode holds it
        code -= 0xDC00
    if code <= 0xFF:
        return _SHORT.get(character, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
