"""A change as lines to show: what comes, where, and no more of a file's own text than has to go.

Whatever stands in a file that we edit is somebody else's, and may hold what nobody should see printed. All edits are in
one place each, so what comes is what is left when both ends that did not change are taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelguard.starting.interface import Change

_CUT = "…"


def shown(change: Change) -> Iterator[str]:
    """The lines of a diff without context. Of a line that goes, only what is not in the one that comes is shown."""
    old, new = _lines(change.before or b""), _lines(change.after)
    head, tail = _ends(old, new)
    gone, come = old[head : len(old) - tail], new[head : len(new) - tail]
    yield f"--- {'/dev/null' if change.before is None else 'a/' + change.path}"
    yield f"+++ b/{change.path}"
    yield f"@@ -{head + bool(gone)},{len(gone)} +{head + bool(come)},{len(come)} @@"
    if gone and not change.own:
        yield from _cut("\n".join(gone), "\n".join(come))
    else:
        yield from [f"-{line}" for line in gone] + [f"+{line}" for line in come]


def _lines(held: bytes) -> list[str]:
    return held.decode("utf-8", "backslashreplace").replace("\r\n", "\n").splitlines()


def _cut(old: str, new: str) -> Iterator[str]:
    """Both texts without what they begin and end with alike."""
    head, tail = _ends(old, new)
    for sign, text in (("-", old), ("+", new)):
        middle = text[head : len(text) - tail]
        yield from (f"{sign}{line}" for line in f"{_CUT if head else ''}{middle}{_CUT if tail else ''}".split("\n"))


def _ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How much two texts, or lists of lines, begin and end with alike; no part of them counts twice."""
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at] != new[at]), least)
    tail = next((at for at in range(least - head) if old[-1 - at] != new[-1 - at]), least - head)
    return head, tail
