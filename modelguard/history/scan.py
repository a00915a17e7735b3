"""One repository's history, top to bottom: list, sift, walk, look closer, attribute.

A history in which nothing is found costs one pass over its objects: no commit graph is walked for it. A later scan
passes over what an earlier one has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from modelguard.budget import Budget
from modelguard.errors import GitError, Unreadable
from modelguard.history.attribution import Group, Known, Sighting, grouped
from modelguard.history.memory import Memory, Result
from modelguard.history.sift import Dirty, Pointer, Sift, Sifted
from modelguard.history.texts import parts, person
from modelguard.inspection import Inspection, Seen
from modelguard.model import Category, Commit, Finding, Gap, GapReason, LeftOut, Mark, Notice, NoticeKind
from modelguard.pool import Pool, run_here
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.file import FileBlob, shown_path
from modelguard.sources.history import walk
from modelguard.sources.history.blob import ObjectBlob, close_readers
from modelguard.sources.history.lfs import LFS, is_here, left_out, lfs_blob, lfs_state
from modelguard.sources.history.listing import Listed, Shard, Stock, listed_of, objects, shards, stock
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository, lacks, opened
from modelguard.sources.history.scope import Scope, commits_in
from modelguard.store import Store

_ALONE_BYTES = 4 * 1024 * 1024
_MOST_PATHS = 8
_BATCH = 4
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
        self._lfs: dict[str, str] = {}
        self._lacking: list[LeftOut] = []
        self._commits: list[str] = []
        self._seen: dict[tuple[str, str], list[Finding]] = {}

    def dug(self) -> Dug:
        try:
            lacking = list(lacks(self._repository))
            self._dug.gaps += [lack for lack in lacking if isinstance(lack, Gap)]
            self._lacking = [lack for lack in lacking if isinstance(lack, LeftOut)]
            self._dug.left_out += self._lacking
            if self._scope.limited:
                self._limited()
            else:
                self._whole()
        except GitError as error:
            self._dug.gaps.append(_refused(self._repository.own, error))
        finally:
            close_readers()
        return self._dug

    def _whole(self) -> None:
        repository, memory, dug = self._repository, self._memory, self._dug
        held = stock(repository)
        state = self._state(held)
        remembered = memory.result(state)
        if remembered is not None:
            dug.remembered = remembered.objects
            dug.left_out += remembered.left_out
            self._say(remembered.groups)
            return
        dug.remembered = memory.objects()
        dirty, pointers = memory.holding() or ([], [])
        clean = memory.clean()
        self._sift(self._noting_commits(objects(repository, held, memory.packs, clean)))
        there = {entry.id for entry in listed_of(repository, [entry.listed.id for entry in dirty])}
        self._dirty |= {entry.listed.id: entry for entry in dirty if entry.listed.id in there}
        self._pointers |= {pointer.holder.id: pointer for pointer in pointers}
        self._open_pointers(clean)
        memory.store.remember(map(bytes.fromhex, self._clean), {bytes.fromhex(name): "object" for name in self._dirty})
        groups = self._groups(whole=not dug.gaps) if self._dirty else []
        self._say(groups)
        if not dug.gaps:
            memory.remember_holding(self._dirty.values(), self._pointers.values(), held.packs)
            left_out = tuple(left for left in dug.left_out if left not in self._lacking)
            memory.remember_result(state, Result(tuple(groups), left_out, dug.remembered + dug.looked))

    def _limited(self) -> None:
        """Only what some commits changed; they are walked first."""
        repository = self._repository
        commits = commits_in(repository, self._scope)
        if not commits:
            self._dug.gaps.append(Gap(repository.own, GapReason.NOTHING, "no commit is in what was asked for"))
            return
        changes, gaps = walk.changes(repository, commits, None, self._machine.jobs)
        self._dug.gaps += gaps
        names = dict.fromkeys([*(change.new for change in changes if change.new is not None), *commits])
        self._sift(listed_of(repository, list(names)))
        self._open_pointers()
        if self._dirty:
            known = [
                change
                for change in changes
                if change.new in self._dirty or not self._dirty.keys().isdisjoint(change.old)
            ]
            self._say(self._attributed(walk.graph(repository), known))

    def _state(self, held: Stock) -> str:
        """Names everything that a scan's answer depends on besides rules and settings."""
        digest = hashlib.sha256(walk.state(self._repository))
        for name in (*sorted(held.packs), *sorted(held.loose), *lfs_state(self._repository), self._repository.shown):
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
        return digest.hexdigest()

    def _noting_commits(self, listing: Iterable[Listed | Gap]) -> Iterator[Listed]:
        for entry in listing:
            if isinstance(entry, Gap):
                self._dug.gaps.append(entry)
                continue
            if entry.kind == "commit":
                self._commits.append(entry.id)
            yield entry

    def _sift(self, listing: Iterable[Listed]) -> None:
        machine, dug = self._machine, self._dug
        for sifted in self._sifted(shards(self._repository, listing)):
            dug.looked += sifted.blobs
            dug.bytes += sifted.bytes
            dug.gaps += sifted.gaps
            self._clean += sifted.clean
            self._dirty |= {dirty.listed.id: dirty for dirty in sifted.dirty}
            self._pointers |= {pointer.holder.id: pointer for pointer in sifted.pointers}
            machine.count(sifted.blobs, sifted.bytes, len(sifted.dirty))

    def _sifted(self, pieces: Iterator[Shard]) -> Iterator[Sifted]:
        """By as many workers as there are processors, or by this process where there is little to do."""
        machine = self._machine
        sift = Sift(machine.inspection, machine.budget)
        first = next(pieces, None)
        if first is None:
            return
        second = next(pieces, None)
        stream = (piece for part in ((first,), () if second is None else (second,), pieces) for piece in part)
        if machine.jobs == 1 or (second is None and sum(entry.size for entry in first.objects) < _ALONE_BYTES):
            yield from run_here(sift, stream, machine.tick)
            sift.close()
        else:
            yield from Pool(sift, machine.jobs, machine.budget.seconds, _BATCH).run(stream, machine.tick)

    def _open_pointers(self, clean: Collection[bytes] = ()) -> None:
        """LFS objects that are here are sifted, too, and stand for their pointers; the others are left out."""
        repository = self._repository
        sizes = {pointer.id: pointer.size for pointer in self._pointers.values()}
        here = [name for name in sizes if is_here(repository, name)]
        self._dug.left_out += [left_out(repository, name, size) for name, size in sizes.items() if name not in here]
        self._sift(Listed(name, LFS, sizes[name]) for name in here if bytes.fromhex(name) not in clean)
        held = {name: self._dirty.pop(name).rules for name in here if name in self._dirty}
        for pointer in self._pointers.values():
            if pointer.id in held:
                self._dirty[pointer.holder.id] = Dirty(pointer.holder, held[pointer.id])
                self._lfs[pointer.holder.id] = pointer.id

    def _groups(self, whole: bool) -> list[Group]:
        """Every value in what was found, attributed."""
        repository, memory = self._repository, self._memory
        found = walk.graph(repository, self._commits)
        walked, changes = memory.walked()
        left = [name for name in found.parents if name not in walked]
        fresh, gaps = walk.changes(repository, left, self._dirty.keys(), self._machine.jobs)
        self._dug.gaps += gaps
        changes = [*fresh, *(change for change in changes if change.commit in found.parents)]
        if whole and not gaps:
            memory.remember_walked(found.parents, changes)
        return self._attributed(found, changes)

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
        for change in reversed(changes):  # oldest first
            if change.new in self._dirty:
                assert change.new is not None
                paths.setdefault(change.new, {})[shown[change.path]] = None
        for holding in (held.newest, held.index):
            for name, inside in holding.items():
                paths.setdefault(name, {})[shown[inside]] = None
        found: list[tuple[Listed, str]] = []
        for name, (listed, rules) in self._dirty.items():
            spoken = [path for path in paths.get(name, {}) if self._machine.inspection.speaks(rules, path)]
            reasons = [self._machine.exclusions.reason(path) for path in spoken]
            if reasons and all(reasons):
                self._dug.left_out.append(LeftOut(spoken[0], reasons[0] or "", listed.size))
            at = [path for path, reason in zip(spoken, reasons, strict=True) if reason is None]
            found += [(listed, path) for path in (at[:_MOST_PATHS] if name in paths else [self._repository.own])]
        return found

    def _look_closer(self, places: Sequence[tuple[Listed, str]]) -> dict[tuple[str, str], list[Sighting]]:
        """What lies where, and the findings themselves, kept for those that are shown."""
        found: dict[tuple[str, str], list[Sighting]] = {}
        for (listed, path), findings in self._inspected(places):
            self._seen[listed.id, path] = findings
            found[listed.id, path] = [
                Sighting(each.rule, each.fingerprint, listed.id, path, each.place.line, each.place.byte_start)
                for each in findings
            ]
        return found

    def _inspected(self, places: Sequence[tuple[Listed, str]]) -> Iterator[tuple[tuple[Listed, str], list[Finding]]]:
        """The findings of objects at paths, with what comments in them allow."""
        in_files = [(listed, path) for listed, path in places if listed.kind == "blob"]
        for number, seen in self._closer([self._blob(listed, path) for listed, path in in_files]):
            self._dug.gaps += seen.gaps
            marks: dict[str, list[Mark]] = {}
            for path, mark in seen.marks:
                marks.setdefault(path, []).append(mark)
            yield in_files[number], self._machine.apply_marks(seen.findings, marks)
        for listed, path in places:
            if listed.kind != "blob":
                yield (listed, path), self._in_text(ObjectBlob(self._repository, listed, path, False))

    def _blob(self, listed: Listed, path: str) -> ObjectBlob | FileBlob:
        """What an object holds: of an LFS pointer, what it stands for."""
        if listed.id in self._lfs:
            return lfs_blob(self._repository, self._lfs[listed.id], path)
        return ObjectBlob(self._repository, listed, path, path != self._repository.own)

    def _closer(self, blobs: Sequence[ObjectBlob | FileBlob]) -> Iterator[tuple[int, Seen]]:
        machine = self._machine
        closer, numbers = _Closer(machine.inspection, blobs), iter(range(len(blobs)))
        if machine.jobs == 1 or sum(_size(blob) for blob in blobs) < _ALONE_BYTES:
            return run_here(closer, numbers, machine.tick)
        return Pool(closer, machine.jobs, machine.budget.seconds).run(numbers, machine.tick)

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
            seen, _ = self._machine.inspection.do(part)
            assert seen is not None
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


class _Closer:
    """Looks at one object of a list at a time, with its path; a `pool.Worker`."""

    def __init__(self, inspection: Inspection, blobs: Sequence[ObjectBlob | FileBlob]) -> None:
        self._inspection = inspection
        self._blobs = blobs

    def do(self, number: int) -> tuple[tuple[int, Seen], Sequence[int]]:
        seen, _ = self._inspection.do(self._blobs[number])
        return (number, seen or Seen()), ()

    def split(self, number: int) -> Sequence[int]:
        return ()

    def failed(self, number: int, why: str) -> tuple[int, Seen]:
        return number, self._inspection.failed(self._blobs[number], why)


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


def _size(blob: ObjectBlob | FileBlob) -> int:
    try:
        return blob.size
    except Unreadable:  # said when it is looked at
        return 0


def _part(blob: ObjectBlob, text: bytes) -> ObjectBlob:
    """A part of an object as a blob of its own."""
    listed = blob.listed._replace(size=len(text))
    return ObjectBlob(blob.repository, listed, blob.origin.path, blob.path_known, text)
