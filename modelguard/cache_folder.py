"""The user's cache folder: where it is, and which files are this user's own."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress

from modelguard.home_folder import home_folder


def cache_folder() -> str:
    """Where this user's cache lives: `MODELGUARD_CACHE_DIR`, or the platform's cache folder.

    Raises:
        RuntimeError: the user has no home.
    """
    chosen = os.environ.get("MODELGUARD_CACHE_DIR")
    if chosen:
        return chosen
    if sys.platform == "win32":  # pragma: no cover - other platforms are tested
        local = os.environ.get("LOCALAPPDATA") or os.path.join(home_folder(), "AppData", "Local")
        return os.path.join(local, "modelguard")
    if sys.platform == "darwin":  # pragma: no cover
        return os.path.join(home_folder(), "Library", "Caches", "modelguard")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home_folder(), ".cache"), "modelguard")


def ours_alone(state: os.stat_result) -> bool:
    """Whether it is this user's, and nobody else can write it."""
    return _ours(state) and (os.name == "nt" or not state.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def own_files(folder: str | os.PathLike[str], *patterns: str) -> dict[str, int]:
    """The regular files of this user in `folder` whose names match, and their bytes; links are not followed.

    Raises:
        OSError: `folder` is there and cannot be listed.
    """
    from fnmatch import fnmatchcase

    found: dict[str, int] = {}
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return found
    except FileNotFoundError:
        return found
    with os.scandir(folder) as entries:
        for entry in entries:
            if any(fnmatchcase(entry.name, pattern) for pattern in patterns):
                with suppress(FileNotFoundError):  # another scan has just removed it
                    state = os.lstat(entry.path)
                    if stat.S_ISREG(state.st_mode) and _ours(state):
                        found[entry.path] = state.st_size
    return found


def _ours(state: os.stat_result) -> bool:
    if not hasattr(os, "getuid"):  # pragma: no cover - Windows keeps the folder to the user by its ACL
        return True
    return state.st_uid == os.getuid()
