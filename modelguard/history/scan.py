"""One repository's history, top to bottom: list, sift, walk, look closer, attribute.

A history in which nothing is found costs one pass over its objects: no commit graph is walked for it. A later scan
passes over what an earlier one has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec.structs import replace

from modelguard.errors import GitError
from modelguard.history.attribution import Group, Known, grouped
from modelguard.history.interface import Dug, Machine
from modelguard.history.look import Look
from modelguard.history.memory import Holding, Memory, Result
from modelguard.history.missing import Missing
from modelguard.history.sift import Dirty, Pointer, Sift, Sifted
from modelguard.model import Deed, Finding, Gap, GapReason, LeftOut, Notice, NoticeKind
from modelguard.pool import results
from modelguard.sources.file import shown_path
from modelguard.sources.history import walk
from modelguard.sources.history.blob import close_readers
from modelguard.sources.history.families import by_family
from modelguard.sources.history.lfs import LFS, is_here, left_out, lfs_state
from modelguard.sources.history.listing import (
    Listed,
    Shard,
    listed_of,
    listing_of,
    objects,
    shards,
    stock,
    unusable_packs,
)
from modelguard.sources.history.refs import Refs, lost_refs, refs_of
from modelguard.sources.history.repository import Repository, lacks, opened
from modelguard.sources.history.scope import Scope, commits_in, others_in
from modelguard.sources.history.versions import Contents
from modelguard.store import Store

_ALONE_BYTES = 4 * 1024 * 1024
_MOST_PATHS = 8
_BATCH = 4
_AHEAD = 128
"""Pieces of work that wait: git lists a million objects meanwhile, and the workers have commits to look at."""


def dig_all(repositories: Iterable[tuple[str, str]], machine: Machine, digest: str | None, scope: Scope | None) -> Dug:
    """Everything that the histories of repositories have to say, each given by its folder and how that is shown.

    `digest` names what must not change for earlier scans to count; None: neither ask nor remember them.
    """
    dug = Dug()
    done: set[str] = set()
    for folder, shown in repositories:
        try:
            repository = opened(folder, shown)
        except GitError as error:
            dug.gaps.append(_refused(shown_path(shown), error))
            continue
        if repository.common not in done:
            done.add(repository.common)
            store = _store(repository, None if scope and scope.limited else digest)
            dug.add(_History(repository, machine, store, scope or Scope()).dug())
            if store.problem:
                dug.notices.append(Notice(NoticeKind.CACHE, store.problem))
            store.close()
    dug.notices = list(dict.fromkeys(dug.notices))
    return dug


def _store(repository: Repository, digest: str | None) -> Store:
    """What is remembered of one repository alone.

    git does not check that an object is what its id says, so what one holds under an id tells nothing of another.
    """
    if digest is None:
        return Store("")
    told = f"{digest} {repository.common}".encode("utf-8", "surrogateescape")
    return Store.open(hashlib.sha256(told).hexdigest())


def _refused(path: str, error: GitError) -> Gap:
    """The gap for a history that git cannot or will not read."""
    detail = f"its history was not looked at: {error.message}. {error.remedy}".rstrip()
    return Gap(path, GapReason.UNREADABLE, detail)


class _History:
    """The scan of one repository."""

    def __init__(self, repository: Repository, machine: Machine, store: Store, scope: Scope) -> None:
        self._repository = repository
        self._machine = machine
        self._memory = Memory(store, repository)
        self._scope = scope
        self._dug = Dug()
        self._clean: list[bytes] = []
        self._dirty: dict[str, Dirty] = {}
        self._pointers: dict[str, Pointer] = {}
        self._stock = stock(repository)
        self._contents = Contents(repository, self._stock.loose)
        self._missing: Missing | None = None
        self._commits: list[str] = []
        self._lines: list[str] = []
        self._known_commits: Container[str] = ()

    def dug(self) -> Dug:
        try:
            if self._scope.limited:
                self._missing = Missing(self._repository)
                self._limited()
                self._dug.gaps += self._missing.gaps
            else:
                self._whole()
            for lack in () if self._scope.tips else lacks(self._repository):  # what is brought is here
                (self._dug.gaps if isinstance(lack, Gap) else self._dug.left_out).append(lack)  # type: ignore[arg-type]
        except GitError as error:
            self._dug.gaps.append(_refused(self._repository.own, error))
        finally:
            close_readers()
            self._contents.close()
            if self._missing is not None:
                self._missing.close()
        return self._dug

    def _whole(self) -> None:
        repository, memory, dug = self._repository, self._memory, self._dug
        held = self._stock
        state = self._state()
        remembered = memory.result(state)
        if remembered is not None:
            dug.remembered = remembered.objects
            dug.left_out += remembered.left_out
            dug.gaps += remembered.missing
            self._pointers |= {pointer.holder.id: pointer for pointer in remembered.pointers}
            self._tell(remembered.groups)
            return
        missing = self._missing = Missing(repository)
        dug.remembered = memory.objects()
        holding = memory.holding()
        clean = memory.clean()
        self._sift(self._unknown(objects(repository, held, holding.packs), clean))
        holding = self._what_is_left(holding)
        self._dirty |= {entry.listed.id: entry for entry in holding.dirty}
        self._pointers |= {pointer.holder.id: pointer for pointer in holding.pointers}
        self._open_pointers(clean)
        self._known_commits = holding.commits.keys() | self._commits
        memory.store.remember(self._clean, {bytes.fromhex(name): "object" for name in self._dirty})
        dug.gaps += [*unusable_packs(repository, held), *lost_refs(repository, self._refs)]
        nodes, changes, groups = walk.Nodes(), list[walk.Change](), list[Group]()
        if self._dirty:
            nodes, graph, changes = self._walked(holding)
            groups = self._attributed(graph, changes)
        self._tell(groups)
        if not dug.gaps:
            in_question = self._dirty.keys() | self._pointers.keys() | nodes.known.keys()
            memory.remember_holding(
                Holding(
                    tuple(self._dirty.values()),
                    tuple(self._pointers.values()),
                    held.packs,
                    held.loose & in_question,
                    nodes.known,
                    tuple(changes),
                    memory.boundary,
                )
            )
            seen = dug.remembered + dug.looked
            holders = {group.newest.object for group in groups}
            held_by = tuple(pointer for pointer in self._pointers.values() if pointer.holder.id in holders)
            memory.remember_result(Result(state, tuple(groups), tuple(dug.left_out), missing.gaps, held_by, seen))
        dug.gaps += missing.gaps

    def _what_is_left(self, holding: Holding) -> Holding:
        """What is remembered of objects that are still here: all, where nothing was taken away."""
        if holding.packs <= self._stock.packs and holding.loose <= self._stock.loose:
            return holding
        names = {entry.listed.id for entry in holding.dirty} | {each.holder.id for each in holding.pointers}
        there = {entry.id for entry in listed_of(self._repository, sorted(names | holding.commits.keys()))}
        return replace(
            holding,
            dirty=tuple(entry for entry in holding.dirty if entry.listed.id in there),
            pointers=tuple(pointer for pointer in holding.pointers if pointer.holder.id in there),
            commits={name: node for name, node in holding.commits.items() if name in there},
        )

    def _limited(self) -> None:
        """Only what some commits changed; they are walked first."""
        repository = self._repository
        commits, others = commits_in(repository, self._scope), others_in(repository, self._scope)
        if not commits and not self._scope.tips:
            self._dug.gaps.append(Gap(repository.own, GapReason.NOTHING, "no commit is in what was asked for"))
            return
        changes, gaps = walk.changes(repository, commits, None, self._machine.jobs)
        self._dug.gaps += gaps
        blobs = dict.fromkeys(name for change in changes for name in (change.new, *change.old) if name is not None)
        self._sift(self._there(list(dict.fromkeys((*blobs, *commits, *others)))))
        self._open_pointers()
        if self._dirty:
            known = [
                change
                for change in changes
                if change.new in self._dirty or not self._dirty.keys().isdisjoint(change.old)
            ]
            nodes = walk.nodes_in_reach(repository)
            nodes = nodes.and_also(walk.nodes(repository, [name for name in commits if name not in nodes.known]))
            groups = self._attributed(self._graph(nodes), known)
            brought = frozenset(others)
            self._tell([group for group in groups if _is_brought(group, brought)])

    def _there(self, names: Sequence[str]) -> Iterator[Listed]:
        """What git says of these objects; one that is missing is a gap, unless it is missing by design."""
        for entry in listing_of(self._repository, names):
            if isinstance(entry, Listed):
                yield entry
            elif not self._repository.partial:
                self._dug.gaps.append(entry)

    def _state(self) -> str:
        """Names everything that a scan's answer depends on besides rules and settings."""
        held = self._stock
        digest = hashlib.sha256(walk.state(self._repository))
        for name in (*sorted(held.packs), *sorted(held.loose), *lfs_state(self._repository), self._repository.shown):
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
        return digest.hexdigest()

    def _unknown(self, listing: Iterable[Listed | Gap], known: Collection[bytes]) -> Iterator[Listed]:
        """Those that no scan has seen to be clean. Commits are noted all the same: no ref may hold them."""
        skipped = 0
        for entry in listing:
            if isinstance(entry, Gap):
                self._dug.gaps.append(entry)
                continue
            if entry.kind == "commit":
                self._commits.append(entry.id)
            if not known or bytes.fromhex(entry.id) not in known:
                yield entry
            else:
                skipped += 1
                self._dug.remembered = max(self._dug.remembered, skipped)

    def _sift(self, listing: Iterable[Listed]) -> None:
        machine, dug = self._machine, self._dug
        for sifted in self._sifted(shards(self._repository, by_family(listing))):
            dug.looked += sifted.blobs
            dug.bytes += sifted.bytes
            dug.gaps += sifted.gaps
            self._lines += sifted.commits
            self._dirty |= {dirty.listed.id: dirty for dirty in sifted.dirty}
            self._pointers |= {pointer.holder.id: pointer for pointer in sifted.pointers}
            # what a pointer stands for may lie beside one repository and not beside another
            if self._memory.store.is_used:
                self._clean += [bytes.fromhex(name) for name in sifted.clean if name not in self._pointers]
            machine.count(sifted.blobs, sifted.bytes, len(sifted.dirty))

    def _sifted(self, pieces: Iterator[Shard]) -> Iterator[Sifted]:
        """By as many workers as there are processors, or by this process where there is little to do."""
        first = next(pieces, None)
        if first is None:
            return
        second = next(pieces, None)
        stream = (piece for part in ((first,), () if second is None else (second,), pieces) for piece in part)
        little = second is None and sum(entry.size for entry in first.objects) < _ALONE_BYTES
        if not little:
            self._machine = replace(self._machine, inspection=self._machine.inspection.for_much())
        machine = self._machine
        jobs = 1 if little else machine.jobs
        if jobs > 1:
            self._contents.open()  # once, for all processes
        sift = Sift(machine.inspection, machine.budget, self._contents)
        yield from results(sift, stream, machine.tick, jobs, machine.budget.seconds, _BATCH, _AHEAD)

    def _open_pointers(self, clean: Collection[bytes] = ()) -> None:
        """LFS objects that are here are sifted, too, and stand for their pointers; the others are left out."""
        repository = self._repository
        sizes = {pointer.id: pointer.size for pointer in self._pointers.values()}
        here = {name for name in sizes if is_here(repository, name)}
        self._dug.left_out += [left_out(repository, name, size) for name, size in sizes.items() if name not in here]
        self._sift(Listed(name, LFS, sizes[name]) for name in sorted(here) if bytes.fromhex(name) not in clean)
        held = {name: self._dirty.pop(name).rules for name in here if name in self._dirty}
        for pointer in self._pointers.values():
            if pointer.id in held:
                own = self._dirty.get(pointer.holder.id, Dirty(pointer.holder, ()))
                self._dirty[pointer.holder.id] = Dirty(pointer.holder, tuple({*own.rules, *held[pointer.id]}))

    def _walked(self, holding: Holding) -> tuple[walk.Nodes, walk.Graph, list[walk.Change]]:
        """Every commit, and what it did to the objects in question. What an earlier scan knew is not asked again."""
        repository, jobs = self._repository, self._machine.jobs
        wanted = self._dirty.keys() | self._pointers.keys()  # what these stand for may be fetched later
        fresh = [name for name in self._commits if name not in holding.commits]
        begun = walk.begun_changes(repository, fresh, wanted, jobs)
        try:
            # where a shallow clone ends, git says otherwise than the commits themselves
            nodes = walk.Nodes() if repository.shallow else walk.nodes_told(self._lines)
            nodes = nodes.and_also(walk.nodes(repository, [name for name in fresh if name not in nodes.known]))
            nodes.known |= holding.commits
            if self._is_more(holding, nodes):
                nodes = nodes.and_also(walk.nodes_in_reach(repository))
            graph = self._graph(nodes)
        finally:
            changes, gaps = begun()
        asked = holding.commits.keys() | fresh
        later = [name for name in nodes.known if name not in asked]
        others, more_gaps = walk.changes(repository, later, wanted, jobs)
        self._dug.gaps += [*gaps, *more_gaps]
        known = (*changes, *others, *holding.changes)
        return nodes, graph, [change for change in known if change.commit in nodes.known]

    def _is_more(self, holding: Holding, nodes: walk.Nodes) -> bool:
        """Whether there may be commits that are not known: passed over when they did not matter, or made just now."""
        if holding.packs and not holding.commits:
            return True
        return any(ref.chain[-1][1] == "commit" and ref.chain[-1][0] not in nodes.known for ref in self._refs.refs)

    def _graph(self, nodes: walk.Nodes) -> walk.Graph:
        """The commit graph; where it is damaged, what was found is told all the same."""
        found = walk.graph(self._repository, self._refs, nodes)
        if found.damaged:
            detail = "some commits cannot be read, so it is not wholly known what holds what was found"
            self._dug.gaps.append(
                Gap(self._repository.own, GapReason.MALFORMED, f"{detail}; look with `git fsck --full`")
            )
        return found

    def _attributed(self, found: walk.Graph, changes: Sequence[walk.Change]) -> list[Group]:
        held = walk.held(self._repository, self._refs, self._dirty.keys())
        shown = _Shown(self._repository)
        places = self._places(changes, held, shown)
        sightings = self._memory.sightings(places)
        fresh = [(listed, path) for listed, path in places if (listed.id, path) not in sightings]
        looked = self._look.sightings(fresh)
        self._memory.remember_sightings(looked)
        return grouped(
            [sighting for seen in ({**sightings, **looked}).values() for sighting in seen],
            Known(found, changes, held, shown),
        )

    def _tell(self, groups: Sequence[Group]) -> None:
        self._dug.findings += map(self._in_context, self._look.findings(groups))
        self._dug.gaps += dict.fromkeys(self._look.gaps)  # what is shown was looked at twice

    def _in_context(self, finding: Finding) -> Finding:
        """A finding in what some commits bring: a value that these only move to another path was there before."""
        deeds = {commit.deed for commit in finding.origin.commits}
        return replace(finding, context=bool(self._scope.tips and deeds) and Deed.INTRODUCED not in deeds)

    @cached_property
    def _refs(self) -> Refs:
        return refs_of(self._repository, self._known_commits)

    @cached_property
    def _look(self) -> Look:
        """Made once it is needed: by then it is known which engine serves this history."""
        return Look(self._contents, self._machine, self._pointers)

    def _places(
        self, changes: Sequence[walk.Change], held: walk.Held, shown: Mapping[bytes, str]
    ) -> list[tuple[Listed, str]]:
        """Each object in question with each path that it was committed at; with what it is called where it has none."""
        dirty, own, machine = self._dirty, self._repository.own, self._machine
        paths: dict[str, dict[str, None]] = {}
        for holding in (held.newest, held.index, held.in_tagged_trees):
            for name, inside in holding.items():
                paths.setdefault(name, {})[shown[inside]] = None
        for change in changes:
            for each in (change.new, *change.old):
                if each in dirty:
                    paths.setdefault(each, {})[shown[change.path]] = None
        found: list[tuple[Listed, str]] = []
        alike: dict[tuple[tuple[str, ...], tuple[str, ...]], tuple[list[str], LeftOut | None]] = {}
        for name, (listed, rules) in dirty.items():
            if name not in paths:
                found += [(listed, own)] if listed.kind == "blob" or machine.inspection.speaks(rules, own) else []
                continue
            key = (rules, tuple(paths[name]))  # many are versions of one file
            if key not in alike:
                alike[key] = self._told_of(*key)
            at, left_out = alike[key]
            if left_out is not None:
                self._dug.left_out.append(replace(left_out, bytes=listed.size))
            found += [(listed, path) for path in at]
        return found

    def _told_of(self, rules: Sequence[str], paths: Sequence[str]) -> tuple[list[str], LeftOut | None]:
        """The paths at which objects with these are looked at, and what is said if settings leave all of them out."""
        spoken = [path for path in paths if self._machine.inspection.speaks(rules, path)]
        reasons = [self._machine.exclusions.reason(path, self._repository.shown) for path in spoken]
        left_out = LeftOut(spoken[0], reasons[0] or "") if reasons and all(reasons) else None
        at = [path for path, reason in zip(spoken, reasons, strict=True) if reason is None]
        return list(self._enough(at, rules)), left_out

    def _enough(self, paths: Sequence[str], rules: Sequence[str]) -> Iterator[str]:
        """Of the paths of one object so many that each rule that speaks in some of them does."""
        if len(paths) <= _MOST_PATHS:
            yield from paths
            return
        heard = dict.fromkeys(rules, 0)
        for path in sorted(paths):  # so that it does not matter which commits an earlier scan knew
            speaking = [rule for rule in rules if self._machine.inspection.speaks((rule,), path)]
            if any(heard[rule] < _MOST_PATHS for rule in speaking):
                heard |= {rule: heard[rule] + 1 for rule in speaking}
                yield path


def _is_brought(group: Group, others: Collection[str]) -> bool:
    """Whether some commits bring a value in or move it, or one of the `others` beside them is what holds it."""
    if group.steps:
        return any(step.deed is not Deed.REMOVED for step in group.steps)
    return group.newest.object in others


class _Shown(dict[bytes, str]):
    """Paths as reports show them, made when they are first asked for."""

    def __init__(self, repository: Repository) -> None:
        super().__init__()
        self._repository = repository

    def __missing__(self, path: bytes) -> str:
        shown = self[path] = self._repository.path(path)
        return shown
