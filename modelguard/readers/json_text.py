"""JSON texts for patterns that look for strings in them: where a string ends must not take memory to find.

Python's `re` keeps something of each round of a group that is repeated, about a hundred bytes, until all has matched. A
string of a million escapes, or an array of a million strings, would take gigabytes. So escapes get out of the way
first, and repeats have an end.
"""

from __future__ import annotations

_ESCAPED = ((b"\\\\", b"\0\1"), (b'\\"', b"\0\2"))
"""What stands for the escapes in whose way a quote is no quote; it has the same length, so offsets stay the same."""

STRING = rb'"[^"]*"'
"""A string in such a text."""


def without_escapes(text: bytes) -> bytes:
    """The same text, in which a quote is always where a string begins or ends (RFC 8259, section 7)."""
    for escape, standing_in in _ESCAPED if b"\\" in text else ():
        text = text.replace(escape, standing_in)
    return text
