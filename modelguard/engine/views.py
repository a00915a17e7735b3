"""Text as it reads: JSON and source escapes become blanks and quotes of the same length.

In `"...\\nhf_abc"` the character before `hf_` is the letter n, so a word boundary that a reader sees is not in the
bytes. Replacing each escape by as many characters keeps every offset true, and lets one rule serve source, JSON and
notebook.
"""

from __future__ import annotations

from collections.abc import Mapping

ESCAPES: tuple[tuple[bytes, bytes], ...] = (
    (b"\\n", b" \n"),
    (b'\\"', b'""'),
    (b"\\t", b" \t"),
    (b"\\r", b" \r"),
    (b"\\'", b"''"),
    (b"\\/", b"//"),
    (b'\\\\""', b'""""'),  # a string within a string: \\\"
)
"""Each escape with what it stands as in the view."""

CODE_POINTS: tuple[tuple[bytes, bytes], ...] = tuple(
    (f"\\u00{ord(char):02{form}}".encode(), shown)
    for char, shown in (
        ("'", b"''''''"),
        ('"', b'""""""'),
        ("=", b"     ="),
        ("&", b"     &"),
        ("<", b"     <"),
        (">", b"     >"),
    )
    for form in ("x", "X")
    if form == "x" or f"{ord(char):x}" != f"{ord(char):X}"
)
"""Characters that HTML-safe JSON encoders write as code points."""


def view(text: bytes) -> bytes:
    """`text` with its escapes replaced; the same object where there are none. The length never changes."""
    if b"\\" not in text:
        return text
    shown = text
    for escape, plain in ESCAPES:
        shown = shown.replace(escape, plain)
    if b"\\u00" in text:
        for escape, plain in CODE_POINTS:
            shown = shown.replace(escape, plain)
    return shown


BEHIND: Mapping[int, frozenset[int]] = {
    ord("\\"): frozenset(b" \"'/"),
    ord("n"): frozenset(b"\n"),
    ord("t"): frozenset(b"\t"),
    ord("r"): frozenset(b"\r"),
}
"""What each byte of an escape may stand as in the view, for `ESCAPES`: the fast engine hunts in the text itself, and
`syntax` widens what it hunts for by these. `CODE_POINT_PROBE` finds the texts for which that is not enough."""

CODE_POINT_PROBE = r"\\u00(?:2[267]|3[c-eC-E])"
"""Hunts for what `CODE_POINTS` lists."""

EDGE = 8
"""A part of a text and this many bytes on either side of it have the view that the part has in the whole text."""


def readings(text: bytes) -> tuple[bytes, ...]:
    """What every engine looks at: the text, and its view where that differs."""
    shown = view(text)
    return (text,) if shown is text or shown == text else (text, shown)
