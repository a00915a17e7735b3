"""One repository's history, top to bottom: list, sift, walk, look closer, attribute.

A history in which nothing is found costs one pass over its objects: no commit graph is walked for it. A later scan
passes over what an earlier one has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from modelguard.budget import Budget
from modelguard.errors import GitError, Unreadable
from modelguard.history.attribution import Group, Known, Sighting, grouped
from modelguard.history.closer import Closer, looked_at, size_of
from modelguard.history.memory import Memory, Result
from modelguard.history.missing import Missing
from modelguard.history.sift import Dirty, Pointer, Sift, Sifted
from modelguard.history.texts import parts, person
from modelguard.inspection import Inspection, Seen
from modelguard.model import Category, Commit, Deed, Finding, Gap, GapReason, LeftOut, Mark, Notice, NoticeKind
from modelguard.pool import Pool, run_here
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.file import FileBlob, shown_path
from modelguard.sources.history import walk
from modelguard.sources.history.blob import ObjectBlob, close_readers
from modelguard.sources.history.lfs import LFS, is_here, left_out, lfs_blob, lfs_state
from modelguard.sources.history.listing import Listed, Shard, Stock, listed_of, listing_of, objects, shards, stock
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository, lacks, opened
from modelguard.sources.history.scope import Scope, commits_in
from modelguard.store import Store

_ALONE_BYTES = 4 * 1024 * 1024
_MOST_PATHS = 8
_BATCH = 12
_CHUNK = 64
UNREACHABLE = (
    "Nothing reaches it any more: `git reflog expire --expire=now --all` and `git gc --prune=now` remove it here, "
    "but a forge to which it was pushed may still serve it."
)
"""What to do besides about a finding in an object that no ref holds."""


@dataclass(slots=True)
class Dug:
    """What a history has to say. `looked` counts objects and `bytes` what they hold; `remembered` are passed over."""

    findings: list[Finding] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    looked: int = 0
    bytes: int = 0
    remembered: int = 0

    def add(self, other: Dug) -> None:
        """Both together."""
        self.findings += other.findings
        self.gaps += other.gaps
        self.left_out += other.left_out
        self.notices += other.notices
        self.looked += other.looked
        self.bytes += other.bytes
        self.remembered += other.remembered


@dataclass(frozen=True, slots=True)
class Machine:
    """What a scan has for all its repositories."""

    inspection: Inspection
    exclusions: Exclusions
    budget: Budget
    jobs: int
    tick: Callable[[], None]
    count: Callable[[int, int, int], None]
    apply_marks: Callable[[Sequence[Finding], Mapping[str, Sequence[Mark]]], list[Finding]]


def dig_all(repositories: Iterable[tuple[str, str]], machine: Machine, digest: str | None, scope: Scope | None) -> Dug:
    """Everything that the histories of repositories have to say, each given by its folder and how that is shown.

    `digest` names what must not change for earlier scans to count; None: neither ask nor remember them.
    """
    store = Store.open(digest) if digest is not None and not (scope and scope.limited) else Store("")
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
            dug.add(_History(repository, machine, store, scope or Scope()).dug())
    if store.problem:
        dug.notices.append(Notice(NoticeKind.CACHE, store.problem))
    store.close()
    return dug


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
        self._clean: list[str] = []
        self._dirty: dict[str, Dirty] = {}
        self._pointers: dict[str, Pointer] = {}
        self._loose: frozenset[str] = frozenset()
        self._commits: list[str] = []
        self._seen: dict[tuple[str, str], list[Finding]] = {}

    def dug(self) -> Dug:
        try:
            if self._scope.limited:
                missing = Missing(self._repository)
                self._limited()
                self._dug.gaps += missing.gaps
            else:
                self._whole()
            for lack in lacks(self._repository):
                (self._dug.gaps if isinstance(lack, Gap) else self._dug.left_out).append(lack)  # type: ignore[arg-type]
        except GitError as error:
            self._dug.gaps.append(_refused(self._repository.own, error))
        finally:
            close_readers()
        return self._dug

    def _whole(self) -> None:
        repository, memory, dug = self._repository, self._memory, self._dug
        held = stock(repository)
        self._loose = held.loose
        state = self._state(held)
        remembered = memory.result(state)
        if remembered is not None:
            dug.remembered = remembered.objects
            dug.left_out += remembered.left_out
            dug.gaps += remembered.missing
            self._pointers = {pointer.holder.id: pointer for pointer in (memory.holding() or ([], []))[1]}
            self._say(remembered.groups)
            return
        missing = Missing(repository)
        dug.remembered = memory.objects()
        dirty, pointers = memory.holding() or ([], [])
        clean = memory.clean()
        self._sift(self._unknown(objects(repository, held, memory.packs), clean))
        names = {*(entry.listed.id for entry in dirty), *(pointer.holder.id for pointer in pointers)}
        there = {entry.id for entry in listed_of(repository, sorted(names))}
        self._dirty |= {entry.listed.id: entry for entry in dirty if entry.listed.id in there}
        self._pointers |= {pointer.holder.id: pointer for pointer in pointers if pointer.holder.id in there}
        self._open_pointers(clean)
        memory.store.remember(map(bytes.fromhex, self._clean), {bytes.fromhex(name): "object" for name in self._dirty})
        groups = self._groups(whole=not dug.gaps) if self._dirty else []
        self._say(groups)
        if not dug.gaps:
            memory.remember_holding(self._dirty.values(), self._pointers.values(), held.packs)
            seen = dug.remembered + dug.looked
            memory.remember_result(state, Result(tuple(groups), tuple(dug.left_out), missing.gaps, seen))
        dug.gaps += missing.gaps

    def _limited(self) -> None:
        """Only what some commits changed; they are walked first."""
        repository = self._repository
        commits = commits_in(repository, self._scope)
        if not commits:
            self._dug.gaps.append(Gap(repository.own, GapReason.NOTHING, "no commit is in what was asked for"))
            return
        changes, gaps = walk.changes(repository, commits, None, self._machine.jobs)
        self._dug.gaps += gaps
        blobs = dict.fromkeys(name for change in changes for name in (change.new, *change.old) if name is not None)
        self._sift(self._there([*blobs, *commits]))
        self._open_pointers()
        if self._dirty:
            known = [
                change
                for change in changes
                if change.new in self._dirty or not self._dirty.keys().isdisjoint(change.old)
            ]
            groups = self._attributed(self._graph(commits), known)
            self._say([group for group in groups if any(step.deed is not Deed.REMOVED for step in group.steps)])

    def _there(self, names: Sequence[str]) -> Iterator[Listed]:
        """What git says of these objects; one that is missing is a gap, unless it is missing by design."""
        for entry in listing_of(self._repository, names):
            if isinstance(entry, Listed):
                yield entry
            elif not self._repository.partial:
                self._dug.gaps.append(entry)

    def _state(self, held: Stock) -> str:
        """Names everything that a scan's answer depends on besides rules and settings."""
        digest = hashlib.sha256(walk.state(self._repository))
        for name in (*sorted(held.packs), *sorted(held.loose), *lfs_state(self._repository), self._repository.shown):
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
        return digest.hexdigest()

    def _unknown(self, listing: Iterable[Listed | Gap], known: Collection[bytes]) -> Iterator[Listed]:
        """Those that no scan has seen to be clean. Commits are noted all the same: no ref may hold them."""
        for entry in listing:
            if isinstance(entry, Gap):
                self._dug.gaps.append(entry)
                continue
            if entry.kind == "commit":
                self._commits.append(entry.id)
            if not known or bytes.fromhex(entry.id) not in known:
                yield entry

    def _sift(self, listing: Iterable[Listed]) -> None:
        machine, dug = self._machine, self._dug
        for sifted in self._sifted(shards(self._repository, listing)):
            dug.looked += sifted.blobs
            dug.bytes += sifted.bytes
            dug.gaps += sifted.gaps
            self._dirty |= {dirty.listed.id: dirty for dirty in sifted.dirty}
            self._pointers |= {pointer.holder.id: pointer for pointer in sifted.pointers}
            # what a pointer stands for may lie beside one repository and not beside another
            self._clean += [name for name in sifted.clean if name not in self._pointers]
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
        sift = Sift(machine.inspection, machine.budget, self._loose)
        if machine.jobs == 1 or little:
            yield from run_here(sift, stream, machine.tick)
            sift.close()
        else:
            yield from Pool(sift, machine.jobs, machine.budget.seconds, _BATCH).run(stream, machine.tick)

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

    def _groups(self, whole: bool) -> list[Group]:
        """Every value in what was found, attributed."""
        memory = self._memory
        walked, changes = memory.walked()
        found = self._graph([*self._commits, *sorted(walked)])
        left = [name for name in found.parents if name not in walked]
        wanted = self._dirty.keys() | self._pointers.keys()  # what they stand for may be fetched later
        fresh, gaps = walk.changes(self._repository, left, wanted, self._machine.jobs)
        self._dug.gaps += gaps
        changes = [*fresh, *(change for change in changes if change.commit in found.parents)]
        if whole and not gaps and not found.damaged:
            memory.remember_walked(found.parents, changes)
        return self._attributed(found, changes)

    def _graph(self, others: Sequence[str]) -> walk.Graph:
        """The commit graph; where it is damaged, what was found is told all the same."""
        found = walk.graph(self._repository, others)
        if found.damaged:
            detail = "the commits cannot be walked, so it is not known what holds what was found"
            self._dug.gaps.append(
                Gap(self._repository.own, GapReason.MALFORMED, f"{detail}; look with `git fsck --full`")
            )
        return found

    def _attributed(self, found: walk.Graph, changes: Sequence[walk.Change]) -> list[Group]:
        held = walk.held(self._repository, self._dirty.keys())
        shown = _Shown(self._repository)
        places = self._places(changes, held, shown)
        sightings = self._memory.sightings(places)
        fresh = [(listed, path) for listed, path in places if (listed.id, path) not in sightings]
        looked = self._look_closer(fresh)
        self._memory.remember_sightings(looked)
        return grouped(
            [sighting for seen in ({**sightings, **looked}).values() for sighting in seen],
            Known(found, changes, held, shown),
        )

    def _places(
        self, changes: Sequence[walk.Change], held: walk.Held, shown: Mapping[bytes, str]
    ) -> list[tuple[Listed, str]]:
        """Each object in question with each path that it was committed at; with what it is called where it has none."""
        paths: dict[str, dict[str, None]] = {}
        for holding in (held.newest, held.index, held.in_tagged_trees):
            for name, inside in holding.items():
                paths.setdefault(name, {})[shown[inside]] = None
        for change in changes:
            for each in {change.new, *change.old} & self._dirty.keys():
                assert each is not None
                paths.setdefault(each, {})[shown[change.path]] = None
        found: list[tuple[Listed, str]] = []
        for name, (listed, rules) in self._dirty.items():
            if name not in paths:
                own = self._repository.own
                found += [(listed, own)] if listed.kind == "blob" or self._machine.inspection.speaks(rules, own) else []
                continue
            spoken = [path for path in paths[name] if self._machine.inspection.speaks(rules, path)]
            reasons = [self._machine.exclusions.reason(path, self._repository.shown) for path in spoken]
            if reasons and all(reasons):
                self._dug.left_out.append(LeftOut(spoken[0], reasons[0] or "", listed.size))
            at = [path for path, reason in zip(spoken, reasons, strict=True) if reason is None]
            found += [(listed, path) for path in self._enough(at, rules)]
        return found

    def _enough(self, paths: Sequence[str], rules: Sequence[str]) -> Iterator[str]:
        """Of the paths of one object so many that each rule that speaks in some of them does."""
        if len(paths) <= _MOST_PATHS:
            yield from paths
            return
        heard = dict.fromkeys(rules, 0)
        for path in paths:
            speaking = [rule for rule in rules if self._machine.inspection.speaks((rule,), path)]
            if any(heard[rule] < _MOST_PATHS for rule in speaking):
                heard |= {rule: heard[rule] + 1 for rule in speaking}
                yield path

    def _look_closer(self, places: Sequence[tuple[Listed, str]]) -> dict[tuple[str, str], list[Sighting]]:
        """What lies where, and the findings themselves, kept for those that are shown."""
        found: dict[tuple[str, str], list[Sighting]] = {}
        for (listed, path), findings in self._inspected(places):
            self._seen.setdefault((listed.id, path), []).extend(findings)
            found.setdefault((listed.id, path), []).extend(
                Sighting(each.rule, each.fingerprint, listed.id, path, each.place.line, each.place.byte_start)
                for each in findings
            )
        return found

    def _inspected(self, places: Sequence[tuple[Listed, str]]) -> Iterator[tuple[tuple[Listed, str], list[Finding]]]:
        """The findings of objects at paths, with what comments in them allow."""
        in_files = [
            ((listed, path), blob)
            for listed, path in places
            if listed.kind == "blob"
            for blob in self._blobs(listed, path)
        ]
        for number, seen in self._closer([blob for _, blob in in_files]):
            self._dug.gaps += seen.gaps
            marks: dict[str, list[Mark]] = {}
            for path, mark in seen.marks:
                marks.setdefault(path, []).append(mark)
            yield in_files[number][0], self._machine.apply_marks(seen.findings, marks)
        for listed, path in places:
            if listed.kind != "blob":
                yield (listed, path), self._in_text(ObjectBlob(self._repository, listed, path))

    def _blobs(self, listed: Listed, path: str) -> Iterator[ObjectBlob | FileBlob]:
        """What an object holds, and what it stands for if it is an LFS pointer."""
        yield ObjectBlob(self._repository, listed, path, path != self._repository.own)
        pointer = self._pointers.get(listed.id)
        if pointer is not None and is_here(self._repository, pointer.id):
            yield lfs_blob(self._repository, pointer.id, path)

    def _closer(self, blobs: Sequence[ObjectBlob | FileBlob]) -> Iterator[tuple[int, Seen]]:
        machine = self._machine
        closer = Closer(machine.inspection, blobs)
        chunks = closer.chunks(_CHUNK)
        if machine.jobs == 1 or sum(size_of(blob) for blob in blobs) < _ALONE_BYTES:
            found = run_here(closer, chunks, machine.tick)
        else:
            found = Pool(closer, machine.jobs, machine.budget.seconds, 1).run(chunks, machine.tick)
        return chain.from_iterable(found)

    def _in_text(self, blob: ObjectBlob) -> list[Finding]:
        """The findings in a commit's or tag's own text. Personal data counts in messages: who wrote it is no secret."""
        try:
            content = blob.read(0, blob.size)
        except Unreadable as error:
            self._dug.gaps.append(Gap(blob.origin.path, error.reason, error.message))
            return []
        found: list[Finding] = []
        for name, text in parts(blob.listed.kind, content):
            part = _part(blob, text)
            seen = looked_at(self._machine.inspection, part)
            self._dug.gaps += seen.gaps
            inner = f"{blob.listed.kind} {blob.listed.id} {name}"
            found += [
                replace(each, place=replace(each.place, inner=inner))
                for each in seen.findings
                if name == "message" or each.category is not Category.PII
            ]
        return found

    def _say(self, groups: Sequence[Group]) -> None:
        """The findings for groups: the newest sighting of each, looked at once more where only its place is known."""
        needed = {(group.newest.object, group.newest.path) for group in groups} - self._seen.keys()
        kinds = {listed.id: listed for listed in listed_of(self._repository, sorted({name for name, _ in needed}))}
        self._look_closer([(kinds[name], path) for name, path in sorted(needed) if name in kinds])
        commits = self._people({step.commit for group in groups for step in group.steps})
        for group in groups:
            newest = group.newest
            same = [
                each
                for each in self._seen.get((newest.object, newest.path), ())
                if (each.rule, each.fingerprint) == (newest.rule, newest.fingerprint)
            ]
            if same:
                best = min(same, key=lambda each: each.place.byte_start != newest.start)
                self._dug.findings.append(_described(best, group, commits))

    def _people(self, commits: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Who wrote each commit, and when."""
        listed = listed_of(self._repository, sorted(commits))
        reader = ObjectReader(self._repository)
        try:
            return {entry.id: person(content) for entry, content in reader.read(listed) if content is not None}
        finally:
            reader.close()


class _Shown(dict[bytes, str]):
    """Paths as reports show them, made when they are first asked for."""

    def __init__(self, repository: Repository) -> None:
        super().__init__()
        self._repository = repository

    def __missing__(self, path: bytes) -> str:
        shown = self[path] = self._repository.path(path)
        return shown


def _described(finding: Finding, group: Group, people: Mapping[str, tuple[str, str]]) -> Finding:
    commits = tuple(
        Commit(step.commit, *people.get(step.commit, ("", "")), step.path, step.line, step.deed) for step in group.steps
    )
    origin = replace(
        finding.origin,
        commits=commits,
        reachable=group.reachable,
        object=group.newest.object,
        refs=group.refs,
        in_tree=group.in_tree,
    )
    remedy = finding.remedy if group.reachable else f"{finding.remedy} {UNREACHABLE}"
    return replace(finding, origin=origin, remedy=remedy)


def _part(blob: ObjectBlob, text: bytes) -> ObjectBlob:
    """A part of an object as a blob of its own."""
    listed = blob.listed._replace(size=len(text))
    return ObjectBlob(blob.repository, listed, blob.origin.path, blob.path_known, text)
