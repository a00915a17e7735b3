"""What earlier scans of a repository have seen: object ids, and where found values are; no value, and no text."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from modelguard.history.attribution import Group, Sighting
from modelguard.history.sift import Dirty, Pointer
from modelguard.model import Gap, LeftOut
from modelguard.sources.history.listing import Listed
from modelguard.sources.history.repository import Repository
from modelguard.sources.history.walk import Change, Node
from modelguard.store import Store


class Result(Struct, frozen=True):
    """What a scan came to: its values, what policy left out, and how many objects it or one before it had seen.

    `missing` says what a partial clone has not fetched, `pointers` are the LFS pointers that hold values; `state` names
    all that this depends on.
    """

    state: str = ""
    groups: tuple[Group, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    missing: tuple[Gap, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    objects: int = 0


class Holding(Struct, frozen=True):
    """The objects of a repository in which there was something, its LFS pointers, and the commits that it had.

    `packs` are those that were wholly seen, `loose` which of all these lay outside of them. `commits` are all, or none
    where nothing was found, and `changes` what they did to these objects: a later scan finds others in later commits
    only. In a shallow clone whose history was deepened, what was its first commit (`boundary`) is not one any more.
    """

    dirty: tuple[Dirty, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    packs: frozenset[str] = frozenset()
    loose: frozenset[str] = frozenset()
    commits: dict[str, Node] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    boundary: str = ""
    mark: str = ""


class More(Struct, frozen=True):
    """What a later scan adds to the holding of this mark: of a few new commits, all is not written again.

    `held` has what is new or other than there, and of packs, loose objects and the boundary what is so now.
    """

    onto: str
    held: Holding


_WORTH = 8
"""What is added is written by itself as long as it is so many times less."""


class _Seen(Struct, frozen=True, array_like=True):
    """A sighting, but for the object and its path, under which it is kept."""

    rule: str
    fingerprint: str
    line: int | None
    start: int


R = TypeVar("R", Result, Holding, More)


class Memory:
    """The records of one repository in the store. What is not as it was written counts as not there."""

    def __init__(self, store: Store, repository: Repository) -> None:
        self.store = store
        self._key = hashlib.sha256(repository.common.encode("utf-8", "surrogateescape")).hexdigest()
        self.boundary = repository.boundary
        self._result: Result | None = None
        self._base = Holding()

    def clean(self) -> set[bytes]:
        """The raw ids of objects in which there was nothing."""
        return self.store.known() - self.store.dirty().keys()

    def holding(self) -> Holding:
        """What the last whole scan had seen. No pack is in a record without what is in the pack."""
        holding = self._base = self._read(Holding) or Holding()
        more = self._read(More) if holding.mark else None
        if more is not None and more.onto == holding.mark:
            holding = _joined(holding, more.held)
        return holding if holding.boundary == self.boundary else replace(holding, commits={}, changes=())

    def result(self, state: str) -> Result | None:
        """What the last scan came to, if nothing has changed since."""
        last = self._last()
        return last if last.state == state else None

    def objects(self) -> int:
        """How many objects the last whole scan had seen, itself or one before it."""
        return self._last().objects

    def remember_result(self, result: Result) -> None:
        """Keep what a scan came to, in place of what the last one did."""
        self._remember(result)

    def remember_holding(self, holding: Holding) -> None:
        """Keep what a whole scan has seen, in place of what `holding` gave."""
        more = _added(self._base, holding)
        if more is None:
            self._base = replace(holding, mark=secrets.token_hex(8))
            self._remember(self._base)
        else:
            self._remember(More(self._base.mark, more))

    def _remember(self, record: Result | Holding | More) -> None:
        self.store.remember_memory(self._key, _name(type(record)), msgspec.msgpack.encode(record))

    def sightings(self, keys: Sequence[tuple[Listed, str]]) -> dict[tuple[str, str], list[Sighting]]:
        """What is known of objects at paths."""
        names = {_sealed_key(listed.id, path): (listed.id, path) for listed, path in keys}
        found: dict[tuple[str, str], list[Sighting]] = {}
        decode = msgspec.json.Decoder(tuple[_Seen, ...]).decode
        for key, text in self.store.sealed(names.keys()).items():
            try:
                seen = decode(text)
            except msgspec.MsgspecError:
                continue
            name, path = names[key]
            found[name, path] = [Sighting(s.rule, s.fingerprint, name, path, s.line, s.start) for s in seen]
        return found

    def remember_sightings(self, found: Mapping[tuple[str, str], Sequence[Sighting]]) -> None:
        """See `sightings`."""
        encode = msgspec.json.encode
        self.store.remember_sealed(
            {
                _sealed_key(name, path): encode([_Seen(s.rule, s.fingerprint, s.line, s.start) for s in seen]).decode()
                for (name, path), seen in found.items()
            }
        )

    def _last(self) -> Result:
        if self._result is None:
            self._result = self._read(Result) or Result()
        return self._result

    def _read(self, kind: type[R]) -> R | None:
        record = self.store.memory(self._key, _name(kind))
        if not record:
            return None
        try:
            return msgspec.msgpack.decode(record, type=kind)
        except (msgspec.MsgspecError, RecursionError):
            return None


def _joined(base: Holding, more: Holding) -> Holding:
    """A holding with what was added to it."""
    return replace(
        more,
        dirty=tuple({entry.listed.id: entry for entry in (*base.dirty, *more.dirty)}.values()),
        pointers=tuple({entry.holder.id: entry for entry in (*base.pointers, *more.pointers)}.values()),
        commits=base.commits | more.commits,
        changes=(*more.changes, *base.changes),
    )


def _added(base: Holding, now: Holding) -> Holding | None:
    """What has to be added to `base` so that it is `now`; None where it is better written anew."""
    places = len(now.changes) - len(base.changes)
    is_all = (
        base.mark
        and places >= 0
        and base.commits.keys() <= now.commits.keys()
        and {entry.listed.id for entry in base.dirty} <= {entry.listed.id for entry in now.dirty}
        and {entry.holder.id for entry in base.pointers} <= {entry.holder.id for entry in now.pointers}
        and now.changes[places:] == base.changes
    )
    if not is_all:
        return None
    known_dirty, known_pointers = set(base.dirty), set(base.pointers)
    more = replace(
        now,
        dirty=tuple(entry for entry in now.dirty if entry not in known_dirty),
        pointers=tuple(entry for entry in now.pointers if entry not in known_pointers),
        commits={name: node for name, node in now.commits.items() if base.commits.get(name) != node},
        changes=now.changes[:places],
    )
    return more if _WORTH * _entries(more) <= _entries(base) else None


def _entries(holding: Holding) -> int:
    return len(holding.dirty) + len(holding.pointers) + len(holding.commits) + len(holding.changes)


def _name(kind: type[Result] | type[Holding] | type[More]) -> str:
    return kind.__name__.lower()


def _sealed_key(name: str, path: str) -> str:
    return f"{name}:{hashlib.sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
