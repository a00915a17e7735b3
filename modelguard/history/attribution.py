"""Who brought a value in, who took it out, and who still holds it: what the commit graph says of findings.

A value may lie in many versions of a file. They become one finding, at the newest place that holds the value, with the
commits that introduced, moved and removed it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct

from modelguard.model import Deed
from modelguard.sources.history.walk import Change, Graph, Held, holders

REFLOG = "reflog"
INDEX = "index"
_MOST_REFS = 100


class Sighting(Struct, frozen=True):
    """One place of a value: the object that holds it, its path as reports show it, and its line there."""

    rule: str
    fingerprint: str
    object: str
    path: str
    line: int | None
    start: int


class Step(Struct, frozen=True):
    """What a commit did to a value."""

    commit: str
    path: str
    line: int | None
    deed: Deed


class Group(Struct, frozen=True):
    """One value: where it is best looked at, and what became of it, oldest first."""

    newest: Sighting
    steps: tuple[Step, ...]
    refs: tuple[str, ...]
    reachable: bool
    in_tree: bool


class Known(Struct, frozen=True):
    """What is known of a repository: its commits, what they did to the objects in question, and what holds these."""

    graph: Graph
    changes: Sequence[Change]
    held: Held
    shown: Mapping[bytes, str]


def grouped(sightings: Iterable[Sighting], known: Known) -> list[Group]:
    """One group a value, in an order that depends on nothing but where they are."""
    values: dict[tuple[str, str], list[Sighting]] = {}
    for sighting in sightings:
        values.setdefault((sighting.rule, sighting.fingerprint), []).append(sighting)
    order = {name: number for number, name in enumerate(known.graph.parents)}  # newest first
    by_object: dict[str | None, list[Change]] = {sighting.object: [] for seen in values.values() for sighting in seen}
    for change in known.changes:
        for name in by_object.keys() & {change.new, *change.old}:
            by_object[name].append(change)
    steps = {value: _steps(seen, by_object, order, known.shown) for value, seen in values.items()}
    commits = {step.commit for listed in steps.values() for step in listed if step.deed is not Deed.REMOVED}
    refs = holders(known.graph, commits)
    groups = [_group(seen, steps[value], refs, known, order, by_object) for value, seen in values.items()]
    return sorted(groups, key=_place_of)


def _place_of(group: Group) -> tuple[str, int, str, str]:
    newest = group.newest
    return newest.path, newest.start, newest.rule, newest.fingerprint


def _steps(
    seen: Sequence[Sighting],
    by_object: Mapping[str | None, Sequence[Change]],
    order: Mapping[str, int],
    shown: Mapping[bytes, str],
) -> list[Step]:
    """What commits did to a value: it is in the tree at a path as long as one of its objects is."""
    objects = {sighting.object for sighting in seen}
    last_first = sorted(seen, key=lambda sighting: sighting.start, reverse=True)
    lines = {(sighting.object, sighting.path): sighting.line for sighting in last_first}
    any_line = {sighting.object: sighting.line for sighting in last_first}
    found: dict[tuple[str, str], Step] = {}
    for name in objects:
        for change in by_object.get(name, ()):
            path = shown[change.path]
            if change.new in objects and not any(old in objects for old in change.old):
                assert change.new is not None
                line = lines.get((change.new, path), any_line[change.new])
                found[change.commit, path] = Step(change.commit, path, line, Deed.INTRODUCED)
            elif change.new not in objects and all(old in objects for old in change.old):
                old = change.old[0]
                assert old is not None
                line = lines.get((old, path), any_line[old])
                found[change.commit, path] = Step(change.commit, path, line, Deed.REMOVED)
    for name in objects:  # a commit or tag whose own text holds it
        if name in order:
            sighting = next(each for each in seen if each.object == name)
            found[name, sighting.path] = Step(name, sighting.path, sighting.line, Deed.INTRODUCED)
    return sorted(_moves(found.values()), key=lambda step: (-order.get(step.commit, -1), step.path))


def _moves(steps: Collection[Step]) -> list[Step]:
    """Where one commit takes a value out of a path and brings it in at another, it has moved it."""
    out = {step.commit for step in steps if step.deed is Deed.REMOVED}
    both = {step.commit for step in steps if step.deed is Deed.INTRODUCED} & out
    return [
        Step(step.commit, step.path, step.line, Deed.MOVED) if step.commit in both else step
        for step in steps
        if step.commit not in both or step.deed is not Deed.REMOVED
    ]


def _group(
    seen: Sequence[Sighting],
    steps: Sequence[Step],
    refs: Mapping[str, Sequence[str]],
    known: Known,
    order: Mapping[str, int],
    by_object: Mapping[str | None, Sequence[Change]],
) -> Group:
    objects = {sighting.object for sighting in seen}
    graph, held = known.graph, known.held
    holding = sorted({ref for step in steps for ref in refs.get(step.commit, ())} | _tagged(objects, held))
    reachable = bool(holding) or any(step.commit not in graph.unreached for step in steps)
    others = [REFLOG] if not reachable and any(step.commit in graph.in_reflogs for step in steps) else []
    if not objects.isdisjoint(held.index):
        others, reachable = [*others, INDEX], True
    return Group(
        _newest(seen, known, order, by_object),
        tuple(steps),
        (*holding[:_MOST_REFS], *others),
        reachable,
        not objects.isdisjoint(held.newest),
    )


def _newest(
    seen: Sequence[Sighting], known: Known, order: Mapping[str, int], by_object: Mapping[str | None, Sequence[Change]]
) -> Sighting:
    """The sighting to show: in the newest tree, in an index, or else where the last commit has it that still had it."""
    shown = known.shown
    for holding in (known.held.newest, known.held.index):
        for sighting in seen:
            if sighting.object in holding and shown[holding[sighting.object]] == sighting.path:
                return sighting
    last: dict[tuple[str, str], int] = {}
    for name in {sighting.object for sighting in seen}:
        for change in by_object.get(name, ()):
            if change.new == name:
                key = (name, shown[change.path])
                last[key] = min(last.get(key, len(order)), order.get(change.commit, len(order)))
    return min(seen, key=lambda each: (last.get((each.object, each.path), len(order) + 1), each.path, each.start))


def _tagged(objects: Collection[str], held: Held) -> set[str]:
    """The refs that point at such an object itself: a tag of a blob, or a tag whose own text holds the value."""
    return {ref for name in objects for ref in held.tagged.get(name, ())}
