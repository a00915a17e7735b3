"""What has to be done to have the hooks in a place, or to have them gone: decided for all of them before any is done.

A hook that was there is kept beside ours under another name, as it is, and ours calls it. What nobody but a person can
decide is an error, and then nothing is changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress

from msgspec import Struct

from modelguard.errors import OutputError, UsageError
from modelguard.hook_files.change import Change, Deed, do
from modelguard.hook_files.foreign import described
from modelguard.hook_files.place import TEMPLATE, Place
from modelguard.hook_files.shim import TEXTS, Kind, kind_of, text
from modelguard.sources.file import shown_path

BESIDE = ".before-modelguard"
"""What is put behind the name of a hook that was there; the hooks themselves look for it."""

_MOST = 1 << 20
"""Bytes of a hook that are read; ours are far shorter."""


class _There(Struct, frozen=True):
    """A file in the place of a hook: whose it is, and what it holds."""

    kind: Kind
    content: bytes


def install(place: Place, names: Sequence[str] = tuple(TEXTS), dry: bool = False) -> tuple[Change, ...]:
    """Have git run our hooks of these names; what was done, or, if it is `dry`, what would be.

    A second time does nothing; hooks of an older version, or of another environment, are renewed. `uninstall` with the
    same place and names undoes it.

    Raises:
        UsageError: what is there leaves no way; nothing was changed.
        OutputError: a file could not be written.
        GitError: git could not write its configuration.
    """
    changes = [change for name in names for change in _to_install(place, name)]
    if place.template and not place.is_set:
        changes.append(Change(Deed.SET, TEMPLATE, place.template))
    return _done(changes, dry)


def uninstall(place: Place, names: Sequence[str] = tuple(TEXTS), dry: bool = False) -> tuple[Change, ...]:
    """Take our hooks of these names away, and put back what was there before.

    Raises:
        UsageError: a hook of ours was changed by somebody; nothing was changed.
        OutputError: a file could not be moved or removed.
        GitError: git could not write its configuration.
    """
    changes = [change for name in names for change in _to_uninstall(place, name)]
    gone = {change.path for change in changes}
    if place.template and place.is_set and not _is_left(place, gone):
        changes.append(Change(Deed.UNSET, TEMPLATE))
    done = _done(changes, dry)
    if place.template and not dry:
        for folder in (place.folder, place.template):
            with suppress(OSError):  # something else is in it
                os.rmdir(folder)
    return done


def _to_install(place: Place, name: str) -> Iterator[Change]:
    path, beside, new = *_paths(place, name), text(name, place.portable)
    there = _looked_at(path)
    if there is not None and there.kind is Kind.FOREIGN:
        if os.path.lexists(beside):
            raise UsageError(
                f"{shown_path(path)} is not ours, and {shown_path(beside)} is there already",
                "Somebody has put a hook in the place of ours. Join the two into one, and run it again.",
            )
        yield Change(Deed.MOVE, path, beside, note=described(name, there.content))
        there = None
    if there is None or there.content != new:
        yield Change(Deed.WRITE if there is None else Deed.RENEW, path, content=new)


def _to_uninstall(place: Place, name: str) -> Iterator[Change]:
    path, beside = _paths(place, name)
    there = _looked_at(path)
    if there is not None and there.kind is Kind.FOREIGN:
        return
    if os.path.lexists(beside):
        yield Change(Deed.RESTORE, beside, path)
    elif there is not None:
        yield Change(Deed.REMOVE, path)


def _paths(place: Place, name: str) -> tuple[str, str]:
    path = os.path.join(place.folder, name)
    return path, path + BESIDE


def _looked_at(path: str) -> _There | None:
    """What is in the place of a hook; None where nothing is. A link is never ours, wherever it leads.

    Raises:
        UsageError: it is none that git could run, or ours with changes that are not.
        OutputError: it cannot be read.
    """
    if not os.path.lexists(path):
        return None
    if os.path.islink(path) and not os.path.exists(path):
        return _There(Kind.FOREIGN, b"")
    if not os.path.isfile(path):
        raise UsageError(f"{shown_path(path)} is no file", "git looks for a hook there; move it away.")
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST)
    except OSError as error:
        message = f"{shown_path(path)}: could not be read: {error.strerror}"
        raise OutputError(message, "Make it readable for you, and run it again.") from None
    kind = Kind.FOREIGN if os.path.islink(path) else kind_of(content)
    if kind is Kind.EDITED:
        raise UsageError(
            f"{shown_path(path)} is ours, but somebody has changed it",
            f"Keep what you want of it as {shown_path(path)}{BESIDE}, which runs after ours, and delete it.",
        )
    return _There(kind, content)


def _is_left(place: Place, gone: set[str]) -> bool:
    """Whether anything is in the folder of hooks besides what goes."""
    try:
        names = os.listdir(place.folder)
    except OSError:
        return False
    return any(os.path.join(place.folder, name) not in gone for name in names)


def _done(changes: Sequence[Change], dry: bool) -> tuple[Change, ...]:
    for change in () if dry else changes:
        do(change)
    return tuple(changes)
