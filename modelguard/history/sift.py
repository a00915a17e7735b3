"""The first look at a history: which of very many objects hold anything at all. Every worker calls the same Sift.

Most objects hold nothing, and where an object was committed is not known yet, nor needs to be: what remains is looked
at again by `inspection`, with its path.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from modelguard.budget import Budget
from modelguard.errors import Unreadable
from modelguard.inspection import MARGIN, Inspection, check_size
from modelguard.model import Gap, GapReason
from modelguard.sources.file import FileBlob
from modelguard.sources.history.blob import ObjectBlob
from modelguard.sources.history.delta import windows
from modelguard.sources.history.lfs import LFS, lfs_blob
from modelguard.sources.history.listing import LARGE_BYTES, Listed, Shard, lost
from modelguard.sources.history.packs import Packs, Spot
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository

_MOST_NEW = 0.7
"""If more of a version than this would be looked at because it is new, all of it may as well be."""

_POINTER_BYTES = 1024  # the specification's limit: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER = re.compile(
    rb"version https://(?:git-lfs\.github\.com/spec|hawser\.github\.com/spec)/v1\n"
    rb"(?:[^\n]*\n){0,20}?oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n"
)


@dataclass(frozen=True, slots=True)
class Pointer:
    """A git LFS pointer: the object that holds it, and the id and size of the content that it stands for."""

    holder: Listed
    id: str
    size: int


class Dirty(NamedTuple):
    """An object with something in it, and the ids of the rules that say so. Some speak only in certain files."""

    listed: Listed
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is known of a shard: its objects that were looked at are `clean` or `dirty`; what is a gap is neither."""

    blobs: int = 0
    bytes: int = 0
    clean: tuple[str, ...] = ()
    dirty: tuple[Dirty, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Sift:
    """Looks at one shard at a time; a `pool.Worker`. `loose` are the ids of loose objects."""

    def __init__(self, inspection: Inspection, budget: Budget, loose: frozenset[str] = frozenset()) -> None:
        self._inspection = inspection
        self._budget = budget
        self._loose = loose
        self._reader: ObjectReader | None = None
        self._packs: Packs | None = None
        self._seen: dict[Spot, frozenset[str]] = {}
        self._of: Repository | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """A process that is not a fork reads for itself."""
        return Sift, (self._inspection, self._budget, self._loose)

    def do(self, shard: Shard) -> tuple[Sifted, Sequence[Shard]]:
        """Everything that is to be said of a shard."""
        found = _Found()
        try:
            for listed, content in self._contents(shard):
                self._look_at(shard.repository, listed, content, found)
        except BaseException:
            self.close()  # what git still has to say would be taken for an answer to the next question
            raise
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

    def open(self, repository: Repository) -> None:
        """Get ready for shards of a repository. What is read here is shared by the processes that are forked later."""
        self.close()
        self._of = repository
        self._packs = Packs(repository, self._loose)

    def close(self) -> None:
        """End the git of this process, and let go of the packs."""
        if self._reader is not None:
            self._reader.close()
        if self._packs is not None:
            self._packs.close()
        self._reader = self._packs = self._of = None
        self._seen = {}

    def _contents(self, shard: Shard) -> Iterator[tuple[Listed, bytes | None]]:
        first = shard.objects[0]
        if first.size > LARGE_BYTES or first.kind == LFS:  # such a one comes alone
            return iter([(first, b"")])
        if self._of != shard.repository:
            self.open(shard.repository)
        if self._reader is None:
            self._reader = ObjectReader(shard.repository)
        return self._reader.read(shard.objects)

    def _look_at(self, repository: Repository, listed: Listed, content: bytes | None, found: _Found) -> None:
        if content is None:
            found.gaps.append(lost(repository, listed.id))
            return
        if 0 < len(content) <= _POINTER_BYTES and (pointer := _POINTER.match(content)):
            found.pointers.append(Pointer(listed, pointer[1].decode(), int(pointer[2])))
        blob = _blob(repository, listed, content)
        try:
            check_size(listed.size, self._budget)
            rules = self._rules_in(listed, blob, content)
        except Unreadable as error:
            found.gaps.append(Gap(repository.own, error.reason, error.message, f"object {listed.id}"))
            return
        finally:
            blob.close()
        found.blobs += 1
        found.bytes += listed.size
        if rules:
            found.dirty.append(Dirty(listed, tuple(sorted(rules))))
        else:
            found.clean.append(listed.id)

    def _rules_in(self, listed: Listed, blob: ObjectBlob | FileBlob, content: bytes) -> Collection[str]:
        """What may be in an object. Of another version of one that was looked at, only what is new is looked at.

        What that one holds, this one may hold as well: the closer look will tell.
        """
        hint = self._packs.hint(listed.id, listed.size) if self._packs is not None and content else None
        known = None if hint is None or hint.base is None else self._seen.get(hint.base)
        if hint is not None and hint.fresh is not None and known is not None:
            added = self._rules_added(hint.fresh, content)
            if added is not None:
                self._seen[hint.spot] = known | added if added else known
                return self._seen[hint.spot]
        rules, near = self._inspection.rules_in(blob)
        if near and hint is not None:
            self._seen[hint.spot] = frozenset(rules)
        return rules

    def _rules_added(self, fresh: list[int], content: bytes) -> set[str] | None:
        """The rules in what is new in a version; None where so much is that all of it should be looked at."""
        parts = windows(fresh, len(content), MARGIN)
        if sum(end - start for start, end in parts) > len(content) * _MOST_NEW:
            return None
        return self._inspection.rules_added(content, parts)


def _blob(repository: Repository, listed: Listed, content: bytes) -> ObjectBlob | FileBlob:
    if listed.kind == LFS:
        return lfs_blob(repository, listed.id)
    return ObjectBlob(repository, listed, "", False, content if listed.size <= LARGE_BYTES else None)


class _Found:
    """What has been said of a shard so far."""

    def __init__(self) -> None:
        self.blobs = self.bytes = 0
        self.clean: list[str] = []
        self.dirty: list[Dirty] = []
        self.pointers: list[Pointer] = []
        self.gaps: list[Gap] = []

    def sifted(self) -> Sifted:
        return Sifted(
            self.blobs, self.bytes, tuple(self.clean), tuple(self.dirty), tuple(self.pointers), tuple(self.gaps)
        )
