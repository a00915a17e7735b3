"""One thing that is done to a file, or to a setting of git's; what is there and is not ours is never overwritten."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path

from msgspec import Struct

from modelguard.errors import OutputError
from modelguard.sources.git import Git
from modelguard.whole_file import as_umask_allows, write_whole


class Deed(str, Enum):
    """What is done."""

    WRITE = "write"
    RENEW = "renew"
    MOVE = "move"
    REMOVE = "remove"
    RESTORE = "restore"
    SET = "set"
    UNSET = "unset"


class Change(Struct, frozen=True):
    """A deed and what it is done to: a file, or the name of a setting in the user's own configuration of git.

    `to` is where a file goes that is moved or restored, or the value of a setting; `note` says what else a person
    should know of it.
    """

    deed: Deed
    path: str
    to: str = ""
    content: bytes = b""
    note: str = ""


def do(change: Change) -> None:
    """Do it.

    Raises:
        OutputError: a file cannot be written, moved or removed.
        GitError: git cannot write the setting.
    """
    try:
        _do(change)
    except OSError as error:
        message = f"{change.path}: could not be changed: {error.strerror}"
        raise OutputError(message, "Make the folder writable for you, and run it again.") from None


def _do(change: Change) -> None:
    if change.deed is Deed.SET:
        _git().ask("config", "--global", change.path, change.to)
    elif change.deed is Deed.UNSET:
        _git().ask("config", "--global", "--unset", change.path)
    elif change.deed is Deed.MOVE:
        _moved(change.path, change.to)
    elif change.deed is Deed.RESTORE:
        os.replace(change.path, change.to)  # in the place of ours, if that is there
    elif change.deed is Deed.REMOVE:
        os.unlink(change.path)
    else:
        _written(change.path, change.content)


def _git() -> Git:
    return Git(os.path.expanduser("~"))


def _moved(path: str, to: str) -> None:
    """Move a file or a link as it is, to where nothing is."""
    if os.path.lexists(to):
        raise FileExistsError(17, f"{to} is there")
    os.rename(path, to)


def _written(path: str, content: bytes) -> None:
    """Write a hook. Whom it may be run by is the user's umask."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_whole(Path(path), content, as_umask_allows(0o755))
