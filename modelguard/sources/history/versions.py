"""Contents of many objects, and of those that are made from others, what in them is new.

They are made here, family by family, from what was read just before: that saves passing them through a pipe, and git
from making the same ones again and again. Both read the same bytes of the same packs, so what one makes the other
would. git is asked for what lies outside of packs, is large, or is in any way not as it should be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from modelguard.sources.history.delta import DeltaError, applied, fresh_in
from modelguard.sources.history.listing import Listed
from modelguard.sources.history.packs import Entry, Packs, Spot
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository

_LARGEST = 16 * 1024 * 1024
_LEAST_SAVED = 24
"""What is new is asked of a delta if the object is so many times longer: or else it is faster to look at it all."""

_KEPT_BYTES = 16 * 1024 * 1024


class Version:
    """An object's content, None where it cannot be had.

    Of one that was made from another, `base` is that one, and `fresh` what is new in it (see `delta.applied`). `noted`
    is for whoever looks at this one, and may be asked of `base`; `let_go` when that is done.
    """

    __slots__ = ("base", "content", "fresh", "listed", "noted", "spot")

    def __init__(self, listed: Listed, content: bytes | None, spot: Spot | None) -> None:
        self.listed = listed
        self.content = content
        self.spot = spot
        self.base: Version | None = None
        self.fresh: list[int] | None = None
        self.noted: frozenset[str] | None = None

    def let_go(self) -> None:
        """Forget what it was made from: a long line of versions is not to be kept by its last one."""
        self.base = self.fresh = None


class Versions:
    """Reads objects of one repository, family by family; used in one thread. `close` ends the git behind it."""

    def __init__(self, repository: Repository, packs: Packs) -> None:
        self._packs = packs
        self._reader = ObjectReader(repository)
        self._single = ObjectReader(repository)
        self._ancestors: list[Version] = []
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
                yield Version(listed, content, None)
                continue
            version = self._made(listed, entry)
            if version is None:
                ((_, content),) = self._single.read([listed])
                version = Version(listed, content, entry.spot)
            self._keep(version)
            yield version

    def close(self) -> None:
        """End git, and let go of what is kept."""
        self._reader.close()
        self._single.close()
        self._ancestors, self._kept = [], 0

    def _made(self, listed: Listed, entry: Entry) -> Version | None:
        """An object made here; None where it cannot be."""
        base = self._base(entry)
        if entry.base is None:
            data = self._packs.inflated(entry) if entry.length == listed.size else None
            return None if data is None else Version(listed, data, entry.spot)
        if base is None or base.content is None or entry.length > _LARGEST:
            return None
        data = self._packs.inflated(entry)
        if data is None:
            return None
        version = Version(listed, None, entry.spot)
        try:
            version.content = applied(data, base.content, listed.size)
            if entry.length * _LEAST_SAVED <= listed.size:
                version.base, version.fresh = base, fresh_in(data, len(base.content), listed.size)
        except DeltaError:
            return None
        return version

    def _base(self, entry: Entry) -> Version | None:
        """What an object is made from. Whatever was read after that is of another branch of the family."""
        while self._ancestors and self._ancestors[-1].spot != entry.base:
            self._drop(-1)
        return self._ancestors[-1] if self._ancestors else None

    def _keep(self, version: Version) -> None:
        if version.content is None:
            return
        self._ancestors.append(version)
        self._kept += len(version.content)
        while self._kept > _KEPT_BYTES and len(self._ancestors) > 1:
            self._drop(0)

    def _drop(self, place: int) -> None:
        self._kept -= len(self._ancestors.pop(place).content or b"")
