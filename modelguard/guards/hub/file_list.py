"""Which files an upload takes, and what they are called in the repository: those that the Hub's own client takes.

See `HfApi.upload_folder` and `huggingface_hub/cli/upload.py` (2.4.0); a test compares the two over a tree that is made
to tell them apart.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from modelguard.errors import UsageError

_WILDCARDS = "*?["


class Asked(Struct, frozen=True):
    """What to upload: a file or folder on disk, where it goes, and patterns for a folder's files (None: all)."""

    local: str
    target: str
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()

    @property
    def is_file(self) -> bool:
        """Whether it is one file; patterns say nothing then."""
        return os.path.isfile(self.local)


def asked_for(local: str, target: str | None, include: Sequence[str], exclude: Sequence[str]) -> Asked:
    """What `hf upload REPO LOCAL [TARGET]` means: without a target, the root of the repository or a file's own name.

    Raises:
        UsageError: there is no such file, or it is asked for in two ways.
    """
    patterns = tuple(include) or None
    if not os.path.exists(local) and any(sign in local for sign in _WILDCARDS):
        if patterns is not None or target not in (None, "."):
            raise UsageError(
                "a PATH with wildcards goes with neither --include nor a path in the repository",
                "Name the folder as PATH, and the files by --include.",
            )
        return Asked(".", ".", (local,), tuple(exclude))
    if not os.path.isfile(local) and not os.path.isdir(local):
        raise UsageError(f"{local}: there is no such file or folder", "Check the path.")
    if target is None:
        target = os.path.basename(local) if os.path.isfile(local) else "."
    return Asked(local, target, patterns, tuple(exclude))


def files_of(asked: Asked) -> list[tuple[str, str]]:
    """Each file as its path in the repository and its absolute path on disk, sorted as the client sorts them.

    Raises:
        UsageError: a file has a name that no file of a repository may have.
    """
    if asked.is_file:
        return [(in_repository(asked.target), os.path.abspath(os.path.expanduser(asked.local)))]
    from huggingface_hub.utils._paths import DEFAULT_IGNORE_PATTERNS, filter_repo_objects

    folder = Path(asked.local).expanduser().resolve()
    found = {path.relative_to(folder).as_posix(): path for path in sorted(folder.glob("**/*")) if path.is_file()}
    taken = filter_repo_objects(
        found,
        allow_patterns=None if asked.include is None else list(asked.include),
        ignore_patterns=[*asked.exclude, *DEFAULT_IGNORE_PATTERNS],
    )
    below = f"{asked.target.strip('/')}/" if asked.target else ""
    return [(in_repository(below + name), str(found[name])) for name in taken]


def in_repository(path: str) -> str:
    """A path as the client writes it.

    Raises:
        UsageError: it leads out of the repository, or into a folder of git's or of the Hub's cache.
    """
    from huggingface_hub import CommitOperationDelete

    try:
        return CommitOperationDelete(path, is_folder=False).path_in_repo
    except ValueError:
        raise UsageError(
            f"{path}: no file of a repository may be called so", "Leave it out (--exclude), or rename it."
        ) from None
