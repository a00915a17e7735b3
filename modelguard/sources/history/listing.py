"""Which objects a repository holds, reachable or not, in the order in which they lie in packs.

A first scan asks git for all of them. A later one looks only into packs that are new and at loose objects.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from modelguard.model import Gap, GapReason
from modelguard.sources.git import end, fed, parts
from modelguard.sources.history.pack_index import PackIndex
from modelguard.sources.history.repository import Repository

SHARD_BYTES = 8 * 1024 * 1024
SHARD_OBJECTS = 2000
LARGE_BYTES = 32 * 1024 * 1024
"""An object larger than this is a piece of work of its own, and read in windows."""

_FORMAT = "--batch-check=%(objecttype) %(objectsize) %(deltabase) %(objectname)"
_FAN = r"[0-9a-f]{2}"
_REST = r"(?:[0-9a-f]{38}|[0-9a-f]{62})"
_RENAMED_SECONDS = 0.05
_TRIES = 4


class Listed(NamedTuple):
    """An object: its id in hexadecimal, what it is (`blob`, `commit`, `tag`), and its size in bytes.

    `base` is the id of the object that it is made from where it lies; empty if it lies there as it is.
    """

    id: str
    kind: str
    size: int
    base: str = ""


class Stock(Struct, frozen=True):
    """What the object folders hold, by name: packs (each with its size and time) and loose objects."""

    packs: frozenset[str]
    loose: frozenset[str]


class Shard(Struct, frozen=True):
    """Objects that lie together, to be read one after the other."""

    repository: Repository
    objects: tuple[Listed, ...]

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle takes six times as long for so many small tuples."""
        return _shard_of, (self.repository, msgspec.msgpack.encode(self.objects))


_OBJECTS = msgspec.msgpack.Decoder(tuple[Listed, ...])


def _shard_of(repository: Repository, objects: bytes) -> Shard:
    return Shard(repository, _OBJECTS.decode(objects))


def stock(repository: Repository) -> Stock:
    """What is there now. Looking takes milliseconds, whatever the size of the history."""
    packs: list[str] = []
    loose: list[str] = []
    is_fan, is_rest = re.compile(_FAN).fullmatch, re.compile(_REST).fullmatch
    for folder in repository.object_folders():
        packs += _packs(os.path.join(folder, "pack"))
        for fan in _names(folder):
            if is_fan(fan):
                loose += [fan + rest for rest in _names(os.path.join(folder, fan)) if is_rest(rest)]
    return Stock(frozenset(packs), frozenset(loose))


def unusable_packs(repository: Repository, held: Stock) -> list[Gap]:
    """Packs that git passes over in silence: without an index of their own, as when one of the two was cut short.

    A pack is for a moment without its index while git writes or removes it, so those that remain are looked at again.
    """
    files = [pack.rsplit(":", 2)[0] for pack in held.packs]
    for _ in range(2):
        files = [file for file in files if os.path.exists(file) and not _belong_together(file, repository.id_bytes)]
        if not files:
            return []
        time.sleep(_RENAMED_SECONDS)
    detail = "git cannot use the pack, so what is in it was not looked at; try `git index-pack`, or fetch it again"
    return [Gap(repository.own, GapReason.MALFORMED, detail, f"pack {os.path.basename(file)}") for file in files]


def objects(repository: Repository, held: Stock, seen_packs: Collection[str]) -> Iterator[Listed | Gap]:
    """Every object but trees that lies in none of the packs that were seen before."""
    new = _new_ids(repository, held, seen_packs)
    if new is None:
        yield from _all(repository, held)
    elif new:
        yield from _asked(repository, sorted(new))


def _all(repository: Repository, held: Stock) -> Iterator[Listed | Gap]:
    """Every object but trees; listed anew where git could not go on because packs were rewritten under its hands."""
    told: list[str] = []
    for _ in range(_TRIES):
        gaps: list[Gap] = []
        before = frozenset(told)
        for entry in _told(repository, ("--batch-all-objects", "--unordered")):
            if isinstance(entry, Gap):
                gaps.append(entry)
            elif entry.id not in before:
                told.append(entry.id)
                yield entry
        was, held = held, stock(repository) if gaps else held
        if held == was:
            break
    yield from gaps


def _new_ids(repository: Repository, held: Stock, seen_packs: Collection[str]) -> set[str] | None:
    """The ids outside the packs that were seen before; None where it is simpler to ask for all there are."""
    packs = [pack for pack in held.packs if pack not in seen_packs]
    if held.packs and len(packs) == len(held.packs):
        return None
    found = set(held.loose)
    for pack in packs:
        ids = _ids_in(pack, repository.id_bytes)
        if ids is None:
            return None
        found.update(ids)
    return found


def listing_of(repository: Repository, ids: Sequence[str]) -> Iterator[Listed | Gap]:
    """What git says of these objects; a gap for each that is missing."""
    return _asked(repository, ids) if ids else iter(())


def listed_of(repository: Repository, ids: Sequence[str]) -> list[Listed]:
    """What git says of these objects, without those that are gone."""
    return [entry for entry in listing_of(repository, ids) if isinstance(entry, Listed)]


def shards(repository: Repository, listed: Iterable[Listed]) -> Iterator[Shard]:
    """Objects in pieces of about `SHARD_BYTES`; a large object is a piece of its own."""
    gathered: list[Listed] = []
    size = 0
    for entry in listed:
        if entry.size > LARGE_BYTES:
            yield Shard(repository, (entry,))
            continue
        gathered.append(entry)
        size += entry.size
        if size >= SHARD_BYTES or len(gathered) >= SHARD_OBJECTS:
            yield Shard(repository, tuple(gathered))
            gathered, size = [], 0
    if gathered:
        yield Shard(repository, tuple(gathered))


def _asked(repository: Repository, ids: Sequence[str]) -> Iterator[Listed | Gap]:
    """What git says of these objects, once it has told of all.

    A process that is forked meanwhile would keep open what git reads them from, and git waits for the end of that.
    """
    return iter(list(_told(repository, (), ids)))


def _told(repository: Repository, how: Sequence[str], ids: Sequence[str] = ()) -> Iterator[Listed | Gap]:
    """What git says of objects: of these, or of all of them."""
    process = repository.git.start("cat-file", "--buffer", _FORMAT, *how, quiet=True)
    feeder = fed(process, ids)
    nothing = "0" * (2 * repository.id_bytes)
    try:
        for part in parts(process):
            for told in part.decode("ascii", "replace").split("\n"):
                if told.startswith("tree "):
                    continue
                about = told.split(" ")
                if len(about) == 4:
                    kind, size, base, name = about
                    yield Listed(name, kind, int(size), "" if base == nothing else base)
                else:  # `<id> missing`
                    yield lost(repository, about[0])
        process.wait()
    finally:
        end(process)
        feeder.join()
    if process.returncode:
        yield Gap(repository.own, GapReason.MALFORMED, "git cannot list all objects; look with `git fsck --full`")


def lost(repository: Repository, name: str) -> Gap:
    """The gap for an object that was listed and cannot be had: pruned meanwhile, or its pack is damaged."""
    detail = "the object cannot be read: damaged, or removed while it was scanned; look with `git fsck --full`"
    return Gap(repository.own, GapReason.UNREADABLE, detail, f"object {name}")


def _packs(folder: str) -> list[str]:
    found: list[str] = []
    for name in _names(folder):
        if name.endswith(".pack"):
            try:
                state = os.stat(os.path.join(folder, name))
            except OSError:
                continue
            found.append(f"{os.path.join(folder, name)}:{state.st_size}:{state.st_mtime_ns}")
    return found


def _belong_together(pack: str, width: int) -> bool:
    """Whether a pack ends with the checksum that its index has of it (gitformat-pack, both versions)."""
    try:
        with open(pack, "rb") as file, open(pack.removesuffix(".pack") + ".idx", "rb") as index:
            file.seek(-width, os.SEEK_END)
            index.seek(-2 * width, os.SEEK_END)
            return file.read(width) == index.read(width)
    except OSError:
        return False


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _ids_in(pack: str, id_bytes: int) -> list[str] | None:
    """The ids of the objects in a pack, in hexadecimal; None where its index cannot be read."""
    try:
        return PackIndex(pack.rsplit(":", 2)[0], id_bytes).ids()
    except (OSError, ValueError):
        return None
