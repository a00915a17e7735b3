"""What earlier scans of histories have seen, in the user's cache: object ids, digests and the callers' own records.

No scanned text and no value gets here. A wrong memory would hide a leak, so whatever is odd makes the store forget.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from modelguard.cache_folder import cache_folder, own_files
from modelguard.errors import ModelguardError
from modelguard.store_file import (
    FAILURES,
    FILES,
    NAME,
    Opened,
    check,
    connected,
    is_busy,
    is_damage,
    opened,
    rebuilt,
    said,
    transaction,
)
from modelguard.store_records import Chunk, Era, chunked, dirty_in, era_made, era_of, note_use, repositories

T = TypeVar("T")

_REBUILT = "the cache of earlier scans was damaged and has been rebuilt"
_DAMAGED = "the cache of earlier scans is damaged; the next scan that uses it rebuilds it"
_UNUSED = "the cache of earlier scans is not used: {}"
_CANNOT_OPEN: tuple[type[Exception], ...] = (*FAILURES, ValueError)  # a path with a NUL in it
_DATABASES = ("engine-*.hsdb", "engine-*.building")


class Store:
    """What is remembered under one digest. `Store.open` makes one, and `close` ends it.

    It never raises for what is wrong with the file: it is then as if nothing were remembered, and `problem` says why,
    in a sentence, or that the file was rebuilt. Ask for `dirty` last: all that `known` and `memory` rest on is
    in it, also where the file fails in between. A write that has to wait for too long is done with the next one.
    """

    problem: str

    def __init__(self, digest: str) -> None:
        self.problem = ""
        self._digest = digest.encode()
        self._opened: Opened | None = None
        self._folder = Path()
        self._era: int | None = None  # what was read or written belongs to it
        self._dirty: dict[bytes, str] = {}
        self._dirty_chunks: set[bytes] = set()  # those that it was read from
        self._waiting: list[Callable[[Era], None]] = []

    @staticmethod
    def open(digest: str, folder: Path | None = None) -> Store:
        """The store in `folder` (the user's cache folder) for a digest (hexadecimal) of rules, settings and version."""
        store = Store(digest)
        try:
            store._folder = _chosen(folder)
            store._use(opened(store._folder))
        except _CANNOT_OPEN as error:
            store.problem = _UNUSED.format(said(error))
        return store

    @property
    def is_used(self) -> bool:
        """Whether anything is remembered at all."""
        return self._opened is not None

    def known(self) -> set[bytes]:
        """Every object id that is remembered, clean or dirty."""
        return self._claim(lambda era: {each for chunk in era.chunks() for each in chunk}, set())

    def dirty(self) -> dict[bytes, str]:
        """The object ids with something in them, and what kind of object each is."""
        self._claim(lambda era: None, None)
        return dict(self._dirty)

    def remember(self, clean: Iterable[bytes], dirty: Mapping[bytes, str]) -> None:
        """Remember object ids, all of them or none.

        Raises:
            ValueError: one is neither 20 nor 32 bytes long.
        """
        chunks = chunked(clean, dirty)
        self._write(lambda era: era.add(chunks))

    def sealed(self, keys: Collection[str]) -> dict[str, str]:
        """Those of the facts that are remembered, by key."""
        none: dict[str, bytes] = {}
        found = self._read(lambda era: era.records("sealed", "", list(keys)), none)
        return {key: record.decode("utf-8", "surrogatepass") for key, record in found.items()}

    def remember_sealed(self, facts: Mapping[str, str]) -> None:
        """Remember facts by key."""
        records = {key: fact.encode("utf-8", "surrogatepass") for key, fact in facts.items()}
        self._write(lambda era: era.keep("sealed", "", records))

    def memory(self, repository: str, name: str) -> bytes | None:
        """The record of that name for a repository."""
        return self._claim(lambda era: era.record("memory", repository, name), None)

    def remember_memory(self, repository: str, name: str, record: bytes) -> None:
        """Remember a record, in place of the one of that name."""
        self._write(lambda era: era.keep("memory", repository, {name: record}))

    def close(self) -> None:
        """Write what waits, and let go of the file."""
        if self._waiting:
            self._write(None)
        self._let_go()

    def _use(self, opened: Opened) -> None:
        self._opened = opened
        if opened.rebuilt:
            self.problem = _REBUILT
        try:
            note_use(opened.connection, self._digest)
        except FAILURES as error:
            if not is_busy(error):
                self._fail(error)

    def _claim(self, ask: Callable[[Era], T], nothing: T) -> T:
        """What `ask` reads, and with it what is dirty: to have seen something means nothing without what was in it."""

        def both(era: Era) -> tuple[T, Mapping[bytes, Chunk]]:
            return ask(era), era.dirty_chunks(self._dirty_chunks)

        neither: tuple[T, Mapping[bytes, Chunk]] = (nothing, {})
        told, chunks = self._read(both, neither)
        self._dirty.update(dirty_in(chunks.values()))
        self._dirty_chunks.update(chunks)
        return told

    def _read(self, ask: Callable[[Era], T], nothing: T) -> T:
        if self._opened is None:
            return nothing
        try:
            with transaction(self._opened.connection, "DEFERRED"):
                era = self._same(era_of(self._opened.connection, self._digest))
                told = nothing if era is None else ask(era)
        except FAILURES as error:
            self._fail(error)
            return nothing
        self._era = era.number if era else None
        return told

    def _write(self, change: Callable[[Era], None] | None) -> None:
        """All that waits and `change` in one transaction: a later write may rest on an earlier one."""
        if self._opened is None:
            return
        self._waiting += [change] if change else []
        try:
            with transaction(self._opened.connection, "IMMEDIATE"):
                era = self._same(era_of(self._opened.connection, self._digest))
                era = era or era_made(self._opened.connection, self._digest)
                for waiting in self._waiting:
                    waiting(era)
        except FAILURES as error:
            if not is_busy(error):
                self._fail(error)
            return
        self._era = era.number
        self._waiting.clear()

    def _same(self, era: Era | None) -> Era | None:
        """What this scan has read and written is gone once another has dropped the digest, so it may not go on."""
        if self._era is not None and (era is None or era.number != self._era):
            raise OSError("another scan has emptied it")
        return era

    def _fail(self, error: Exception) -> None:
        """Forget everything; a damaged file is replaced, and used where nothing was read from it before."""
        before = self._opened
        waiting = self._waiting
        self._let_go()
        self.problem = _UNUSED.format(said(error))
        if before is None or not is_damage(error):
            return
        try:
            after = rebuilt(self._folder, before.identity)
        except FAILURES as another:
            self.problem = _UNUSED.format(said(another))
            return
        self.problem = _REBUILT
        if self._era is None:
            self._opened, self._waiting = after, waiting
        else:
            after.connection.close()

    def _let_go(self) -> None:
        self._waiting = []
        if self._opened is not None:
            connection, self._opened = self._opened.connection, None
            try:
                connection.close()
            except FAILURES as error:
                self.problem = self.problem or _UNUSED.format(said(error))


class StoreInfo(Struct, frozen=True):
    """The store as a person may want to see it. `bytes` are those on disk; the others are counts."""

    path: Path
    bytes: int
    objects: int
    repositories: int
    digests: int
    usable: bool
    problem: str


def info(folder: Path | None = None) -> StoreInfo:
    """What is in the store in `folder` (the user's cache folder). Nothing is made or rebuilt."""
    path, size, counts, problem = Path(NAME), 0, (0, 0, 0), ""
    try:
        folder = _chosen(folder)
        path = folder / NAME
        check(folder)
        size = sum(own_files(folder, *FILES).values())
        if path.exists():
            counts = _counted(folder)
        else:
            _check_writable(folder)
    except FAILURES as error:
        problem = _DAMAGED if is_damage(error) else _UNUSED.format(said(error))
    objects, repositories, digests = counts
    return StoreInfo(path, size, objects, repositories, digests, not problem, problem)


def compiled_databases(folder: Path | None = None) -> tuple[int, int]:
    """How many compiled rule databases of this user are in `folder` (the user's cache folder), and their bytes."""
    try:
        files = own_files(_chosen(folder), _DATABASES[0])
    except OSError:
        return 0, 0
    return len(files), sum(files.values())


def clear(folder: Path | None = None) -> int:
    """Remove the store and the compiled databases from `folder` (the user's cache folder), and tell the bytes freed.

    Only regular files of this user are removed, and no link is followed.

    Raises:
        ModelguardError: one cannot be removed.
    """
    freed = 0
    try:
        folder = _chosen(folder)
        for pattern in (*FILES, *_DATABASES):  # the database first: SQLite drops a log without one
            for path, size in own_files(folder, pattern).items():
                with suppress(FileNotFoundError):
                    os.unlink(path)
                freed += size
    except OSError as error:
        message = f"the cache in {folder} could not be cleared: {said(error)}"
        raise ModelguardError(message, "See to it that you may write there, or remove it by hand.") from None
    return freed


def _chosen(folder: Path | None) -> Path:
    try:
        return Path(cache_folder()) if folder is None else folder
    except RuntimeError:
        raise FileNotFoundError("you have no home, and MODELGUARD_CACHE_DIR is not set") from None


def _counted(folder: Path) -> tuple[int, int, int]:
    """Objects, repositories, digests."""
    connection = connected(folder)
    try:
        with transaction(connection, "DEFERRED"):
            eras = [era_of(connection, digest) for (digest,) in connection.execute("SELECT digest FROM digests")]
            objects = {each for era in eras if era for chunk in era.chunks() for each in chunk}
            return len(objects), repositories(connection), len(eras)
    finally:
        connection.close()


def _check_writable(folder: Path) -> None:
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(f"{there} cannot be written")
