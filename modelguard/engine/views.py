"""Text as it reads: JSON and source escapes become blanks and quotes of the same length.

In `"...\\nhf_abc"` the character before `hf_` is the letter n, so a word boundary that a reader sees is not in the bytes.
Replacing each escape by as many characters keeps every offset true and lets one rule serve source, JSON and notebook.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from modelguard.engine.interface import Pattern, Span

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


def through_view(text: bytes, spans_of: Callable[[bytes], list[Span]], hidden: int | None) -> list[Span]:
    """What every Engine does: the spans of the view, and those of the text where the view may hide one.

    `hidden` is the index of the probe that `hidden_by_view` made, if it made one.
    """
    shown = view(text)
    spans = spans_of(shown)
    if hidden is not None and shown is not text and any(span.pattern == hidden for span in spans):
        spans = sorted({*spans, *spans_of(text)})
    return spans


def hidden_by_view(keywords: Iterable[str]) -> Pattern | None:
    """A probe that matches a view where an escape may have eaten a keyword's first letter, or None if none can be.

    A backslash before `npm_...` (a Windows path, say) looks like a line break before `pm_...`. Where this pattern
    matches, the text must be scanned as it stands, too.
    """
    eaten = {"n": "\n", "t": "\t", "r": "\r"}
    seen = tuple(sorted({f" {eaten[word[0]]}{word[1:]}" for word in keywords if len(word) > 1 and word[0] in eaten}))
    if not seen:
        return None
    hunt = "(?i:" + "|".join(map(_quoted, seen)) + ")"
    return Pattern(regex=hunt, hunt=hunt, width=max(map(len, seen)), keywords=seen, probe=True)


def _quoted(word: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", lambda found: f"\\x{ord(found[0]):02x}", word)
