"""The SQLite file behind the store: private, whole and of our schema, or an exception that says why it is not used.

Damage is `sqlite3.DatabaseError` itself, as SQLite says it and as our own checks do; its subclasses are other troubles.
https://www.sqlite.org/wal.html, https://www.sqlite.org/howtocorrupt.html
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from modelguard.cache_folder import ours_alone

try:
    import sqlite3
except ImportError:  # a Python that was built without it
    sqlite3 = None  # type: ignore[assignment]

NAME = "history.sqlite3"
FILES = (NAME, f"{NAME}-journal", f"{NAME}-wal", f"{NAME}-shm")
_VERSION = 1
_SCHEMA = (
    "CREATE TABLE digests (digest BLOB PRIMARY KEY, era INTEGER NOT NULL UNIQUE, used REAL NOT NULL, "
    "proof BLOB NOT NULL)",
    "CREATE TABLE kept (era INTEGER NOT NULL, kind BLOB NOT NULL, place BLOB NOT NULL, name BLOB NOT NULL, "
    "content BLOB NOT NULL, proof BLOB NOT NULL, PRIMARY KEY (era, kind, place, name))",
    "CREATE TABLE seen (number INTEGER PRIMARY KEY, era INTEGER NOT NULL, dirty INTEGER NOT NULL, "
    "word BLOB NOT NULL, width INTEGER NOT NULL, proof BLOB NOT NULL, ids BLOB NOT NULL, UNIQUE (era, proof))",
)
_PATIENCE_SECONDS = 2.0

FAILURES: tuple[type[Exception], ...] = (OSError, OverflowError, *((sqlite3.Error,) if sqlite3 else ()))
"""All that an operation on the file may raise; OverflowError is a record too large for SQLite."""


class Opened(NamedTuple):
    """A connection, the device and number of the file that it is to, and whether a damaged one was replaced."""

    connection: sqlite3.Connection
    identity: tuple[int, int]
    rebuilt: bool


def opened(folder: Path) -> Opened:
    """A connection to the store in `folder`, which is made if it is not there, and made anew if it is damaged.

    Raises:
        OSError: it is not a private file in a private folder of this user, or a newer modelguard's, or cannot be made.
        sqlite3.Error: it cannot be used.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    identity = _made(folder)
    try:
        return Opened(connected(folder), identity, False)
    except FAILURES as error:
        if not is_damage(error):
            raise
    return rebuilt(folder, identity)


def rebuilt(folder: Path, identity: tuple[int, int]) -> Opened:
    """A connection to a new store in place of the damaged one, unless another scan has just replaced that.

    Raises:
        OSError, sqlite3.Error: it cannot be made.
    """
    check(folder)
    if _identity(folder) == identity:
        for name in FILES:  # the database first: SQLite drops a log without one
            with suppress(FileNotFoundError):
                os.unlink(folder / name)
    identity = _made(folder)
    return Opened(connected(folder), identity, True)


def connected(folder: Path) -> sqlite3.Connection:
    """A connection to the store file that is in `folder`; an empty file gets the schema.

    Raises:
        OSError: a newer modelguard wrote it.
        sqlite3.DatabaseError: it is damaged, or something else.
    """
    if sqlite3 is None:
        raise OSError("this Python has no sqlite3")
    connection = sqlite3.connect(folder / NAME, timeout=_PATIENCE_SECONDS, isolation_level=None)
    try:
        connection.text_factory = bytes  # text that is not UTF-8 raises an error with the text in it
        for setting in ("synchronous = NORMAL", "cell_size_check = ON", "trusted_schema = OFF"):
            connection.execute(f"PRAGMA {setting}")
        _check_schema(connection)
        if _one(connection, "PRAGMA journal_mode") != b"wal":
            with suppress(sqlite3.OperationalError):  # another scan is using it: the next one changes the mode
                connection.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def check(folder: Path) -> None:
    """See that folder and files are this user's alone, as far as they are there. Files that others can read are closed.

    Raises:
        OSError: one is not, or cannot be looked at.
    """
    try:
        state = os.lstat(folder)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(state.st_mode) or not ours_alone(state):
        raise PermissionError(f"{folder} is not a private folder of yours")
    for name in FILES:
        path = folder / name
        with suppress(FileNotFoundError):
            state = os.lstat(path)
            if not stat.S_ISREG(state.st_mode) or not ours_alone(state):
                raise PermissionError(f"{path} is not a private file of yours")
            if os.name == "posix" and stat.S_IMODE(state.st_mode) & 0o077:
                os.chmod(path, 0o600)


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    """A transaction, `DEFERRED` to read one state or `IMMEDIATE` to write: all of it happens, or nothing."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(*FAILURES):  # SQLite itself has ended it after some errors
            connection.execute("ROLLBACK")
        raise


def is_damage(error: Exception) -> bool:
    """Whether the file is not as it was written (SQLITE_CORRUPT, SQLITE_NOTADB, or a record that fails our checks)."""
    return sqlite3 is not None and type(error) is sqlite3.DatabaseError


def is_busy(error: Exception) -> bool:
    """Whether another scan has held the file for too long; error numbers are there only since Python 3.11."""
    return sqlite3 is not None and isinstance(error, sqlite3.OperationalError) and "lock" in str(error)


def said(error: Exception) -> str:
    """An error in words."""
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__


def _made(folder: Path) -> tuple[int, int]:
    """Make an empty file if there is none; one that is there is not opened, as closing it would end our own locks."""
    check(folder)
    with suppress(FileExistsError):
        os.close(os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    made = _identity(folder)
    if made is None:
        raise FileNotFoundError("it was removed just now")
    return made


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        state = os.lstat(folder / NAME)
    except FileNotFoundError:
        return None
    return state.st_dev, state.st_ino


def _check_schema(connection: sqlite3.Connection) -> None:
    if not _has_content(connection):
        with transaction(connection, "IMMEDIATE"):
            if not _has_content(connection):  # another scan may have been first
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
    version = _one(connection, "PRAGMA user_version")
    if isinstance(version, int) and version > _VERSION:
        raise OSError("a newer modelguard wrote it")
    rows = connection.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    )
    if version != _VERSION or sorted(row[0] for row in rows) != [statement.encode() for statement in _SCHEMA]:
        raise sqlite3.DatabaseError("another schema")


def _has_content(connection: sqlite3.Connection) -> bool:
    return bool(_one(connection, "PRAGMA user_version") or _one(connection, "SELECT count(*) FROM sqlite_master"))


def _one(connection: sqlite3.Connection, question: str) -> object:
    return connection.execute(question).fetchone()[0]
