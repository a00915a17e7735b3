"""The first look at a history: which of very many objects hold anything at all. Every worker calls the same Sift.

Most objects hold nothing, and where an object was committed is not known yet, nor needs to be: what remains is looked
at again by `inspection`, with its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from modelguard.budget import Budget
from modelguard.errors import Unreadable
from modelguard.inspection import Inspection, check_size
from modelguard.model import Gap, GapReason
from modelguard.sources.file import FileBlob
from modelguard.sources.history.blob import ObjectBlob
from modelguard.sources.history.lfs import LFS, lfs_blob
from modelguard.sources.history.listing import LARGE_BYTES, Listed, Shard, lost
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository

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
    """Looks at one shard at a time; a `pool.Worker`."""

    def __init__(self, inspection: Inspection, budget: Budget) -> None:
        self._inspection = inspection
        self._budget = budget
        self._reader: ObjectReader | None = None
        self._of: Repository | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """A process that is not a fork reads for itself."""
        return Sift, (self._inspection, self._budget)

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

    def close(self) -> None:
        """End the git of this process."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _contents(self, shard: Shard) -> Iterable[tuple[Listed, bytes | None]]:
        first = shard.objects[0]
        if first.size > LARGE_BYTES or first.kind == LFS:  # such a one comes alone
            return [(first, b"")]
        if self._reader is None or self._of != shard.repository:
            self.close()
            self._reader, self._of = ObjectReader(shard.repository), shard.repository
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
            rules = self._inspection.rules_in(blob)
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
