"""Contents of many objects, and of those that are made from others, what in them is new.

They are made here, family by family, from what was read just before: that saves passing them through a pipe, and git
from making the same ones again and again. Both read the same bytes of the same packs, so what one makes the other
would. git is asked for what lies outside of packs, is large, or is in any way not as it should be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from modelguard.sources.history.delta import DeltaError, applied, fresh_in, size_of
from modelguard.sources.history.listing import Listed
from modelguard.sources.history.packs import Entry, Packs, Spot
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository

_LARGEST = 16 * 1024 * 1024
_LEAST_SAVED = 24
"""What is new is asked of a delta if the object is so many times longer: or else it is faster to look at it all."""

_DEEPEST = 512
"""The longest line of deltas that is followed: git makes lines of 50, or of 250 where it is told to try hard."""

_KEPT_BYTES = 16 * 1024 * 1024


class Version:
    """An object's content, None where it cannot be had.

    Of one that was made from another, `base` is that one, and `fresh` what is new in it (see `delta.applied`). `noted`
    is for whoever looks at this one, and may be asked of `base`; `let_go` when that is done.
    """

    __slots__ = ("base", "content", "fresh", "listed", "noted")

    def __init__(self, listed: Listed, content: bytes | None) -> None:
        self.listed = listed
        self.content = content
        self.base: Version | None = None
        self.fresh: list[int] | None = None
        self.noted: frozenset[str] | None = None

    def let_go(self) -> None:
        """Forget what it was made from: a long line of versions is not to be kept by its last one."""
        self.base = self.fresh = None


class _Kept(NamedTuple):
    """Content that others may be made from: of a version, or of an object that was not asked for."""

    spot: Spot
    content: bytes
    version: Version | None


class Versions:
    """Reads objects of one repository, family by family; used in one thread. `close` ends the git behind it."""

    def __init__(self, repository: Repository, packs: Packs) -> None:
        self._packs = packs
        self._reader = ObjectReader(repository)
        self._single = ObjectReader(repository)
        self._ancestors: list[_Kept] = []
        self._kept = 0

    def read(self, objects: Sequence[Listed]) -> Iterator[Version]:
        """Each object; what is made from one should come right after it (see `families`).

        Raises:
            GitError: git cannot be started.
        """
        find = self._packs.entry
        plan = [(listed, find(listed.id) if listed.size <= _LARGEST else None) for listed in objects]
        answers = self._reader.read([listed for listed, entry in plan if entry is None])  # git works ahead
        for listed, entry in plan:
            if entry is None:
                _, content = next(answers)
                yield Version(listed, content)
                continue
            version = self._made(listed, entry)
            if version is None:
                ((_, content),) = self._single.read([listed])
                version = Version(listed, content)
            if version.content is not None:
                self._keep(_Kept(entry.spot, version.content, version))
            yield version

    def close(self) -> None:
        """End git, and let go of what is kept."""
        self._reader.close()
        self._single.close()
        self._ancestors, self._kept = [], 0

    def _made(self, listed: Listed, entry: Entry) -> Version | None:
        """An object made here; None where it cannot be."""
        if entry.base is None:
            self._forget()
            data = self._packs.inflated(entry) if entry.length == listed.size else None
            return None if data is None else Version(listed, data)
        base = self._base(entry.base)
        data = None if base is None else self._inflated(entry)
        if base is None or data is None:
            return None
        try:
            version = Version(listed, applied(data, base.content, listed.size))
            if base.version is not None and entry.length * _LEAST_SAVED <= listed.size:
                version.base, version.fresh = base.version, fresh_in(data, len(base.content), listed.size)
        except DeltaError:
            return None
        return version

    def _base(self, spot: Spot) -> _Kept | None:
        """What an object is made from; if it is not kept, made from the nearest that is. None where it cannot be.

        What is kept behind that one is of another branch of the family.
        """
        ancestors = self._ancestors
        if ancestors and ancestors[-1].spot == spot:
            return ancestors[-1]
        kept = {each.spot: place for place, each in enumerate(ancestors)}
        line: list[Entry] = []
        at: Spot | None = spot
        while at is not None and at not in kept:
            entry = self._packs.entry_at(at)
            if entry is None or len(line) == _DEEPEST:
                return None
            line.append(entry)
            at = entry.base
        self._forget(0 if at is None else kept[at] + 1)
        for entry in reversed(line):
            content = self._inflated(entry)
            if content is not None and entry.base is not None:
                content = _grown(content, ancestors[-1].content)
            if content is None:
                return None
            self._keep(_Kept(entry.spot, content, None))
        return ancestors[-1]

    def _inflated(self, entry: Entry) -> bytes | None:
        return self._packs.inflated(entry) if entry.length <= _LARGEST else None

    def _keep(self, kept: _Kept) -> None:
        self._ancestors.append(kept)
        self._kept += len(kept.content)
        while self._kept > _KEPT_BYTES and len(self._ancestors) > 1:
            self._kept -= len(self._ancestors.pop(0).content)

    def _forget(self, place: int = 0) -> None:
        """Let go of what is kept from a place on."""
        ancestors = self._ancestors
        while len(ancestors) > place:
            self._kept -= len(ancestors.pop().content)


def _grown(delta: bytes, base: bytes) -> bytes | None:
    """What a delta makes; None where it makes nothing, or more than is made here."""
    try:
        size = size_of(delta)
        return applied(delta, base, size) if size <= _LARGEST else None
    except DeltaError:
        return None


class Contents:
    """Reads objects of one repository in whatever process it is asked; `close` ends what was begun in this one.

    `loose` are the ids of objects outside of packs. Processes that are forked later share what `open` has read.
    """

    def __init__(self, repository: Repository, loose: frozenset[str]) -> None:
        self.repository = repository
        self._loose = loose
        self._packs: Packs | None = None
        self._versions: Versions | None = None
        self._process = os.getpid()
        self._unread = 0  # of what was asked for last

    def __reduce__(self) -> tuple[object, ...]:
        """A process that is not a fork reads for itself."""
        return Contents, (self.repository, self._loose)

    def open(self) -> None:
        """Get ready to read."""
        if self._packs is None:
            self._packs = Packs(self.repository, self._loose)

    def read(self, objects: Sequence[Listed]) -> Iterator[Version]:
        """See `Versions.read`; one at a time. What is not read to its end is as if it had not been asked for.

        Raises:
            GitError: git cannot be started.
        """
        if self._process != os.getpid():  # a fork must not read what its parent's git answers
            self._versions, self._process = None, os.getpid()
        elif self._unread and self._versions is not None:  # git would go on with answers to what was asked before
            self._versions.close()
        if self._versions is None:
            self.open()
            assert self._packs is not None
            self._versions = Versions(self.repository, self._packs)
        self._unread = len(objects)
        for version in self._versions.read(objects):
            self._unread -= 1
            yield version

    def close(self) -> None:
        """Let go of everything; the next `read` begins anew."""
        if self._versions is not None and self._process == os.getpid():
            self._versions.close()
        if self._packs is not None:
            self._packs.close()
        self._versions = self._packs = None
