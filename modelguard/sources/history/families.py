"""The order in which objects are read: each right after those that it was made from.

Packs hold the versions of a file wherever the server that made them put them; most bases lie hundreds of megabytes
before what is made from them. Family by family, git unpacks a base once, and so do we.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from modelguard.sources.history.listing import Listed

_MOST_WAITING = 400_000
"""Objects that wait for others of their family to be listed (about 150 MB); then families are told in parts."""


def by_family(listing: Iterable[Listed]) -> Iterator[Listed]:
    """The same objects; those that are made from others after them, unless there are very many.

    Commits and tags, which are seldom made from others, come as they are listed.
    """
    waiting: list[Listed] = []
    for entry in listing:
        if entry.kind != "blob":
            yield entry
            continue
        waiting.append(entry)
        if len(waiting) == _MOST_WAITING:
            yield from _families(waiting)
            waiting = []
    yield from _families(waiting)


def _families(entries: Sequence[Listed]) -> Iterator[Listed]:
    """Depth first, so that whatever one is made from is among the few that still have others to be made from them."""
    here = {entry.id for entry in entries}
    made: dict[str, list[Listed]] = {}
    roots: list[Listed] = []
    for entry in entries:
        if entry.base in here:
            made.setdefault(entry.base, []).append(entry)
        else:
            roots.append(entry)
    roots.reverse()
    while roots:
        entry = roots.pop()
        yield entry
        if entry.id in made:
            roots += reversed(made.pop(entry.id))
    for lost in made.values():  # they are made from each other, says a pack that somebody forged
        yield from lost
