"""A closer look at objects in which something was found: with their paths, as files are looked at, and sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from modelguard.errors import Unreadable
from modelguard.history.attribution import Group, Sighting
from modelguard.history.closer import Closer, looked_at, size_of
from modelguard.history.interface import Machine
from modelguard.history.sift import Pointer
from modelguard.history.texts import parts, person
from modelguard.inspection import Seen
from modelguard.model import Category, Commit, Finding, Gap, Mark
from modelguard.pool import Pool, run_here
from modelguard.sources.file import FileBlob
from modelguard.sources.history.blob import ObjectBlob
from modelguard.sources.history.lfs import is_here, lfs_blob
from modelguard.sources.history.listing import Listed, listed_of
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository

_ALONE_BYTES = 4 * 1024 * 1024
_CHUNK = 24
UNREACHABLE = (
    "Nothing reaches it any more: `git reflog expire --expire=now --all` and `git gc --prune=now` remove it here, "
    "but a forge to which it was pushed may still serve it."
)
"""What to do besides about a finding in an object that no ref holds."""

Place = tuple[Listed, str]
"""An object, and a path at which it was committed."""


class Look:
    """Looks at objects of one repository. `gaps` are what it could not look at; `pointers` stand for LFS objects."""

    def __init__(self, repository: Repository, machine: Machine, pointers: Mapping[str, Pointer]) -> None:
        self.gaps: list[Gap] = []
        self._repository = repository
        self._machine = machine
        self._pointers = pointers
        self._starts: dict[tuple[str, str], frozenset[int]] = {}
        self._seen: dict[tuple[str, str], list[Finding]] = {}

    def sightings(self, places: Sequence[Place]) -> dict[tuple[str, str], list[Sighting]]:
        """What lies where, and the findings themselves, kept for those that are shown."""
        found: dict[tuple[str, str], list[Sighting]] = {}
        for (listed, path), findings in self._inspected(places):
            self._seen.setdefault((listed.id, path), []).extend(findings)
            found.setdefault((listed.id, path), []).extend(
                Sighting(each.rule, each.fingerprint, listed.id, path, each.place.line, each.place.byte_start)
                for each in findings
            )
        return found

    def _inspected(self, places: Sequence[Place]) -> Iterator[tuple[Place, list[Finding]]]:
        """The findings of objects at paths, with what comments in them allow."""
        in_files = [
            ((listed, path), blob)
            for listed, path in places
            if listed.kind == "blob"
            for blob in self._blobs(listed, path)
        ]
        for number, seen in self._closer([blob for _, blob in in_files]):
            self.gaps += seen.gaps
            marks: dict[str, list[Mark]] = {}
            for path, mark in seen.marks:
                marks.setdefault(path, []).append(mark)
            yield in_files[number][0], self._machine.apply_marks(seen.findings, marks)
        for listed, path in places:
            if listed.kind != "blob":
                yield (listed, path), self._in_text(ObjectBlob(self._repository, listed, path))

    def _blobs(self, listed: Listed, path: str) -> Iterator[ObjectBlob | FileBlob]:
        """What an object holds, and what it stands for if it is an LFS pointer."""
        starts = self._starts.get((listed.id, path))
        yield ObjectBlob(self._repository, listed, path, path != self._repository.own, starts=starts)
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
            self.gaps.append(Gap(blob.origin.path, error.reason, error.message))
            return []
        found: list[Finding] = []
        for name, text in parts(blob.listed.kind, content):
            part = _part(blob, text)
            seen = looked_at(self._machine.inspection, part)
            self.gaps += seen.gaps
            inner = f"{blob.listed.kind} {blob.listed.id} {name}"
            found += [
                replace(each, place=replace(each.place, inner=inner))
                for each in seen.findings
                if name == "message" or each.category is not Category.PII
            ]
        return found

    def findings(self, groups: Sequence[Group]) -> list[Finding]:
        """The findings for groups: the newest sighting of each, looked at once more where only its place is known."""
        newest = {(group.newest.object, group.newest.path) for group in groups}
        needed = newest - self._seen.keys()
        self._starts = {
            place: frozenset(
                group.newest.start for group in groups if place == (group.newest.object, group.newest.path)
            )
            for place in needed
        }
        kinds = {listed.id: listed for listed in listed_of(self._repository, sorted({name for name, _ in needed}))}
        self.sightings([(kinds[name], path) for name, path in sorted(needed) if name in kinds])
        commits = self._people({step.commit for group in groups for step in group.steps})
        found: list[Finding] = []
        for group in groups:
            shown = group.newest
            same = [
                each
                for each in self._seen.get((shown.object, shown.path), ())
                if (each.rule, each.fingerprint) == (shown.rule, shown.fingerprint)
            ]
            if same:
                best = min(same, key=lambda each: each.place.byte_start != shown.start)
                found.append(_described(best, group, commits))
        return found

    def _people(self, commits: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Who wrote each commit, and when."""
        listed = listed_of(self._repository, sorted(commits))
        reader = ObjectReader(self._repository)
        try:
            return {entry.id: person(content) for entry, content in reader.read(listed) if content is not None}
        finally:
            reader.close()


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
