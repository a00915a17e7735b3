"""A change as lines to show: what comes, where, and no more of a file's own text than has to go.

Whatever stands in a file that we edit is somebody else's, and may hold what nobody should see printed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from modelguard.starting.interface import Change

_CUT = "…"


def shown(change: Change) -> Iterator[str]:
    """The lines of a diff without context. Of a line that goes, only what is not in the one that comes is shown."""
    old, new = _lines(change.before or b""), _lines(change.after)
    yield f"--- {'/dev/null' if change.before is None else 'a/' + change.path}"
    yield f"+++ b/{change.path}"
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        yield f"@@ -{a + 1 if b > a else a},{b - a} +{c + 1 if d > c else c},{d - c} @@"
        if change.own or b == a:
            yield from [f"-{line}" for line in old[a:b]] + [f"+{line}" for line in new[c:d]]
        else:
            yield from _cut("\n".join(old[a:b]), "\n".join(new[c:d]))


def _lines(held: bytes) -> list[str]:
    return held.decode("utf-8", "backslashreplace").replace("\r\n", "\n").splitlines()


def _cut(old: str, new: str) -> Iterator[str]:
    """Both texts without what they begin and end with alike."""
    head = _alike(old, new)
    tail = _alike(old[head:][::-1], new[head:][::-1])
    for sign, text in (("-", old), ("+", new)):
        middle = text[head : len(text) - tail]
        yield from (f"{sign}{line}" for line in f"{_CUT if head else ''}{middle}{_CUT if tail else ''}".split("\n"))


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
