"""git LFS objects that lie beside a repository: pointers in history and in the index stand for them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from modelguard.model import LeftOut
from modelguard.sources.file import FileBlob, shown_path
from modelguard.sources.history.repository import Repository

LFS = "lfs"
"""The kind of an object that is none of git's own."""

NOT_HERE = "a git LFS object that is not here (git lfs fetch --all)"
POINTER_BYTES = 1024  # the specification's limit: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER = re.compile(
    rb"version https://(?:git-lfs\.github\.com/spec|hawser\.github\.com/spec)/v1\n"
    rb"(?:[^\n]*\n){0,20}?oid sha256:([0-9a-f]{64})\nsize (\d{1,18})\n"
)


def pointed_at(content: bytes) -> tuple[str, int] | None:
    """The id and size of the object that `content` is a pointer to; None where it is none."""
    found = _POINTER.match(content) if len(content) <= POINTER_BYTES else None
    return (found[1].decode(), int(found[2])) if found is not None else None


def lfs_blob(repository: Repository, name: str, path: str | None = None) -> FileBlob:
    """The LFS object of this id, as it is called at `path` in the tree, or as it lies beside the repository."""
    return FileBlob(_path(repository.common, name), _path(repository.own, name) if path is None else path)


def is_here(repository: Repository, name: str) -> bool:
    """Whether the LFS object of this id has been fetched."""
    return os.path.isfile(_path(repository.common, name))


def left_out(repository: Repository, name: str, size: int) -> LeftOut:
    """What to say of an LFS object that has not."""
    return LeftOut(shown_path(_path(repository.own, name)), NOT_HERE, size)


def lfs_state(repository: Repository) -> Iterator[str]:
    """Changes when an object is fetched or pruned: the folders that hold them, with their times."""
    pending = [os.path.join(repository.common, "lfs", "objects")]
    for depth in range(3):
        inside: list[str] = []
        for folder in pending:
            try:
                yield f"{folder} {os.stat(folder).st_mtime_ns}"
                inside += [os.path.join(folder, name) for name in sorted(os.listdir(folder))] if depth < 2 else []
            except OSError:
                continue
        pending = inside


def _path(git_folder: str, name: str) -> str:
    return os.path.join(git_folder, "lfs", "objects", name[:2], name[2:4], name)
