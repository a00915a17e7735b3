"""A closer look at objects in which something was found: with their paths, as files are looked at, and sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import TypeVar

from msgspec.structs import replace

from modelguard.errors import GitError, Unreadable
from modelguard.history.attribution import Group, Sighting
from modelguard.history.closer import Closer, Looked, Spotted, looked_at, size_of, spotted
from modelguard.history.interface import Machine
from modelguard.history.sift import Pointer
from modelguard.history.texts import parts, person
from modelguard.model import Category, Commit, CredentialPart, Finding, Gap, Mark, way
from modelguard.pool import results
from modelguard.seen import Seen
from modelguard.sources.file import FileBlob
from modelguard.sources.history.blob import Named, ObjectBlob, close_readers
from modelguard.sources.history.families import by_family
from modelguard.sources.history.lfs import is_here, lfs_blob
from modelguard.sources.history.listing import Listed, listed_of, lost
from modelguard.sources.history.repository import opened
from modelguard.sources.history.versions import Contents

_ALONE_BYTES = 16 * 1024 * 1024
_CHUNK = 24
UNREACHABLE = (
    "Nothing reaches it any more: `git reflog expire --expire=now --all` and `git gc --prune=now` remove it here, "
    "but a forge to which it was pushed may still serve it."
)
"""What to do besides about a finding in an object that no ref holds."""

_Told = TypeVar("_Told", Finding, CredentialPart)

Place = tuple[Listed, str]
"""An object, and a path at which it was committed."""


class Look:
    """Looks at objects of one repository. `gaps` are what it could not look at; `pointers` stand for LFS objects."""

    def __init__(self, contents: Contents, machine: Machine, pointers: Mapping[str, Pointer]) -> None:
        self.gaps: list[Gap] = []
        self._repository = contents.repository
        self._contents = contents
        self._machine = machine
        self._pointers = pointers

    def sightings(self, places: Sequence[Place]) -> dict[tuple[str, str], list[Sighting]]:
        """What lies where."""
        found: dict[tuple[str, str], list[Sighting]] = {}

        def add(place: Place, seen: Iterable[Spotted]) -> None:
            name, path = place[0].id, place[1]
            found.setdefault((name, path), []).extend(
                Sighting(rule, fingerprint, name, path, line, start) for rule, fingerprint, line, start in seen
            )

        paths: dict[Listed, list[str]] = {}
        for listed, path in places:
            paths.setdefault(listed, []).append(path)
        nearest = [(listed, path) for listed in by_family(paths) for path in paths[listed]]
        in_files = [(place, blob) for place in nearest if place[0].kind == "blob" for blob in self._blobs(*place)]
        for looked in self._closer([blob for _, blob in in_files]):
            self.gaps += looked.gaps
            add(in_files[looked.number][0], looked.spotted)
        for place in places:
            if place[0].kind != "blob":
                add(place, spotted(self._in_text(*place)))
        return {key: found[key] for listed, path in places if (key := (listed.id, path)) in found}

    def _blobs(self, listed: Listed, path: str, named: Named | None = None) -> Iterator[ObjectBlob | FileBlob]:
        """What an object holds, and what it stands for if it is an LFS pointer."""
        yield ObjectBlob(self._repository, listed, path, path != self._repository.own, named=named)
        pointer = self._pointers.get(listed.id)
        if pointer is not None and is_here(self._repository, pointer.id):
            yield lfs_blob(self._repository, pointer.id, path)

    def _closer(self, blobs: Sequence[ObjectBlob | FileBlob], shown: bool = False) -> Iterator[Looked]:
        machine = self._machine
        closer = Closer(machine.inspection, self._contents, blobs, shown)
        jobs = 1 if sum(size_of(blob) for blob in blobs) < _ALONE_BYTES else machine.jobs
        if jobs > 1:
            self._contents.open()  # once, for all processes
        found = results(closer, closer.chunks(_CHUNK), machine.tick, jobs, machine.budget.seconds, 1)
        return chain.from_iterable(found)

    def _in_text(self, listed: Listed, path: str) -> Seen:
        """What is in a commit's or tag's own text. Personal data counts in messages: who wrote it is no secret."""
        blob = ObjectBlob(self._repository, listed, path)
        try:
            content = blob.read(0, blob.size)
        except Unreadable as error:
            self.gaps.append(Gap(path, error.reason, error.message))
            return Seen()
        found: list[Finding] = []
        for name, text in parts(listed.kind, content):
            seen = looked_at(self._machine.inspection, _part(blob, text))
            self.gaps += seen.gaps
            inner = f"{listed.kind} {listed.id} {name}"
            found += [
                _inside(each, inner) for each in seen.findings if name == "message" or each.category is not Category.PII
            ]
        return Seen(findings=tuple(found))

    def findings(self, groups: Sequence[Group]) -> list[Finding]:
        """The findings for groups: each as it stands where it was last seen."""
        named: dict[tuple[str, str], dict[tuple[str, int], str]] = {}
        for newest in (group.newest for group in groups):
            named.setdefault((newest.object, newest.path), {})[newest.rule, newest.start] = newest.fingerprint
        kinds = {listed.id: listed for listed in listed_of(self._repository, sorted({name for name, _ in named}))}
        self.gaps += [lost(self._repository, name) for name, _ in named if name not in kinds]
        wanted = {(kinds[name], path): of_it for (name, path), of_it in named.items() if name in kinds}
        seen: dict[tuple[str, str], list[Finding]] = {}
        for (listed, path), findings in self._shown(wanted):
            seen.setdefault((listed.id, path), []).extend(findings)
        commits = self._people({step.commit for group in groups for step in group.steps})
        found: list[Finding] = []
        for group in groups:
            shown = group.newest
            same = [
                each
                for each in seen.get((shown.object, shown.path), ())
                if (each.rule, each.fingerprint) == (shown.rule, shown.fingerprint)
            ]
            if same:
                best = min(same, key=lambda each: each.place.byte_start != shown.start)
                found.append(_described(best, group, commits))
        return found

    def _shown(self, wanted: Mapping[Place, Named]) -> Iterator[tuple[Place, list[Finding]]]:
        """The findings in objects that are wanted of each, with what comments in them allow."""
        in_files = [
            (place, blob) for place in wanted if place[0].kind == "blob" for blob in self._blobs(*place, wanted[place])
        ]
        for looked in self._closer([blob for _, blob in in_files], shown=True):
            self.gaps += looked.gaps
            seen = looked.whole or Seen()
            marks: dict[str, list[Mark]] = {}
            for path, mark in seen.marks:
                marks.setdefault(path, []).append(mark)
            yield in_files[looked.number][0], self._machine.apply_marks(seen.findings, marks)
        for place in wanted:
            if place[0].kind != "blob":
                yield place, list(self._in_text(*place).findings)

    def _people(self, commits: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Who wrote each commit, and when."""
        listed = listed_of(self._repository, sorted(commits))
        read = self._contents.read(listed)
        return {each.listed.id: person(each.content) for each in read if each.content is not None}


@contextmanager
def objects_named(repositories: Iterable[tuple[str, str]], name: str, path: str) -> Iterator[list[ObjectBlob]]:
    """The object of that id, at a path at which it was committed, in the repositories that have it."""
    blobs: list[ObjectBlob] = []
    try:
        for folder, shown in repositories:
            with suppress(GitError):  # the scan has said so
                repository = opened(folder, shown)
                blobs += [ObjectBlob(repository, listed, path) for listed in listed_of(repository, [name])]
        yield blobs[:1]
    finally:
        close_readers()


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


def _inside(finding: Finding, inner: str) -> Finding:
    """A finding in a part of an object that has a name."""
    parts = tuple(_within(part, inner) for part in finding.parts)
    return replace(_within(finding, inner), parts=parts)


def _within(told: _Told, inner: str) -> _Told:
    return replace(told, place=replace(told.place, inner=way(inner, told.place.inner), inside=True))


def _part(blob: ObjectBlob, text: bytes) -> ObjectBlob:
    """A part of an object as a blob of its own."""
    listed = blob.listed._replace(size=len(text))
    return ObjectBlob(blob.repository, listed, blob.origin.path, blob.path_known, text)
