"""The first look at a history: which of very many objects hold anything at all. Every worker calls the same Sift.

Most objects hold nothing, and where an object was committed is not known yet, nor needs to be: what remains is looked
at again by `inspection`, with its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from modelguard.budget import Budget
from modelguard.errors import Unreadable
from modelguard.inspection import MARGIN, Asked, Inspection
from modelguard.model import Gap, GapReason
from modelguard.seen import check_size
from modelguard.sources.file import FileBlob
from modelguard.sources.history.blob import ObjectBlob
from modelguard.sources.history.delta import windows
from modelguard.sources.history.lfs import LFS, lfs_blob, pointed_at
from modelguard.sources.history.listing import LARGE_BYTES, Listed, Shard, lost
from modelguard.sources.history.repository import Repository
from modelguard.sources.history.versions import Contents, Version
from modelguard.sources.history.walk import line_of

_MOST_NEW = 0.7
"""If more of a version than this would be looked at because it is new, all of it may as well be."""

_GROUP_BYTES = 256 * 1024
_HELD_BYTES = 4 * 1024 * 1024
"""Objects are looked at together, of all up to so much, and while they hold so much: a call for each costs more."""


class Pointer(Struct, frozen=True):
    """A git LFS pointer: the object that holds it, and the id and size of the content that it stands for."""

    holder: Listed
    id: str
    size: int


class Dirty(NamedTuple):
    """An object with something in it, and the ids of the rules that say so. Some speak only in certain files."""

    listed: Listed
    rules: tuple[str, ...]


class Sifted(Struct, frozen=True):
    """What is known of a shard: its objects that were looked at are `clean` or `dirty`; what is a gap is neither.

    `commits` has a line for each commit (see `walk.line_of`).
    """

    blobs: int = 0
    bytes: int = 0
    clean: tuple[str, ...] = ()
    dirty: tuple[Dirty, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    gaps: tuple[Gap, ...] = ()
    commits: tuple[str, ...] = ()


class Sift:
    """Looks at one shard at a time; a `pool.Worker`."""

    def __init__(self, inspection: Inspection, budget: Budget, contents: Contents) -> None:
        self._inspection = inspection
        self._budget = budget
        self._contents = contents

    def do(self, shard: Shard) -> tuple[Sifted, Sequence[Shard]]:
        """Everything that is to be said of a shard."""
        found = _Found()
        for group in self._groups(shard, found):
            if len(group) == 1 and group[0][1].parts is None:
                self._look_alone(shard.repository, group[0][0], found)
            else:
                self._look_at(shard.repository, group, found)
        return found.sifted(), ()

    def split(self, shard: Shard) -> Sequence[Shard]:
        """Each object on its own."""
        if len(shard.objects) == 1:
            return ()
        return [Shard(shard.repository, (listed,)) for listed in shard.objects]

    def failed(self, shard: Shard, why: str) -> Sifted:
        """What could not be looked at is a gap, for each object of its own."""
        reason = GapReason.TIMED_OUT if "longer than" in why else GapReason.CRASHED
        own = shard.repository.own
        return Sifted(gaps=tuple(Gap(own, reason, why, f"object {listed.id}") for listed in shard.objects))

    def _versions(self, shard: Shard) -> Iterator[Version]:
        if _is_elsewhere(shard.objects[0]):  # and so is all of the shard
            return (Version(listed, b"") for listed in shard.objects)
        return self._contents.read(shard.objects)

    def _groups(self, shard: Shard, found: _Found) -> Iterator[list[tuple[Version, Asked]]]:
        """What is there to be looked at, in groups that are looked at as one; what is large is a group of its own."""
        group: list[tuple[Version, Asked]] = []
        held = looked_at = 0
        for version in self._versions(shard):
            if not self._is_wanted(shard.repository, version, found):
                continue
            if _is_elsewhere(version.listed):
                yield [(version, Asked(b""))]
                continue
            if self._inspection.opens(version.content or b""):
                yield [(version, Asked(version.content or b""))]
                continue
            asked, size = _asked(version)
            if group and (looked_at + size > _GROUP_BYTES or held > _HELD_BYTES):
                yield group
                group, held, looked_at = [], 0, 0
            group.append((version, asked))
            held += version.listed.size
            looked_at += size
        if group:
            yield group

    def _is_wanted(self, repository: Repository, version: Version, found: _Found) -> bool:
        """Whether there is something to look at; if not, why."""
        listed, content = version.listed, version.content
        if content is None:
            found.gaps.append(lost(repository, listed.id))
            return False
        try:
            check_size(listed.size, self._budget)
        except Unreadable as error:
            found.gaps.append(_gap(repository, listed, error))
            return False
        if listed.kind == "commit" and (line := line_of(listed.id, content)):
            found.commits.append(line)
        pointer = pointed_at(content)
        if pointer is not None:
            found.pointers.append(Pointer(listed, *pointer))
        return True

    def _look_at(self, repository: Repository, group: Sequence[tuple[Version, Asked]], found: _Found) -> None:
        heard = self._inspection.rules_in_each([asked for _, asked in group])
        for (version, asked), (rules, _, near, _) in zip(group, heard, strict=True):
            if asked.parts is None:
                found.tell(version, rules, near)
                continue
            known = None if version.base is None else version.base.noted
            if known is None or not near:
                self._look_alone(repository, version, found)
            else:
                found.tell(version, known | rules if rules else known, True)

    def _look_alone(self, repository: Repository, version: Version, found: _Found) -> None:
        """All of an object."""
        blob = _blob(repository, version)
        try:
            rules, _, near, _ = self._inspection.rules_in(blob)
        except Unreadable as error:
            found.gaps.append(_gap(repository, version.listed, error))
        else:
            found.tell(version, rules, near)
        finally:
            blob.close()


def _is_elsewhere(listed: Listed) -> bool:
    """Whether its content does not come with that of the others."""
    return listed.size > LARGE_BYTES or listed.kind == LFS


def _asked(version: Version) -> tuple[Asked, int]:
    """What is to be looked at, and its bytes: of a version of one that is looked at, only what is new.

    What that one holds, this one may hold as well.
    """
    assert version.content is not None
    if version.fresh is not None:
        parts = windows(version.fresh, len(version.content), MARGIN)
        size = sum(end - start for start, end in parts)
        if size <= len(version.content) * _MOST_NEW:
            return Asked(version.content, parts), size
    return Asked(version.content), len(version.content)


def _blob(repository: Repository, version: Version) -> ObjectBlob | FileBlob:
    listed = version.listed
    if listed.kind == LFS:
        return lfs_blob(repository, listed.id)
    return ObjectBlob(repository, listed, "", False, version.content if listed.size <= LARGE_BYTES else None)


def _gap(repository: Repository, listed: Listed, error: Unreadable) -> Gap:
    return Gap(repository.own, error.reason, error.message, f"object {listed.id}")


class _Found:
    """What has been said of a shard so far."""

    def __init__(self) -> None:
        self.blobs = self.bytes = 0
        self.clean: list[str] = []
        self.dirty: list[Dirty] = []
        self.pointers: list[Pointer] = []
        self.gaps: list[Gap] = []
        self.commits: list[str] = []

    def tell(self, version: Version, rules: frozenset[str], near: bool) -> None:
        """An object that was looked at; if it is near, those that are made from it may be told by what is new there."""
        version.noted = rules if near else None
        version.let_go()
        listed = version.listed
        self.blobs += 1
        self.bytes += listed.size
        if rules:
            self.dirty.append(Dirty(listed, tuple(sorted(rules))))
        else:
            self.clean.append(listed.id)

    def sifted(self) -> Sifted:
        return Sifted(
            self.blobs,
            self.bytes,
            tuple(self.clean),
            tuple(self.dirty),
            tuple(self.pointers),
            tuple(self.gaps),
            tuple(self.commits),
        )
