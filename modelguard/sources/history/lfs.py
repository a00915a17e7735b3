"""git LFS objects that lie beside a repository: pointers in history stand for them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from modelguard.model import LeftOut
from modelguard.sources.file import FileBlob, shown_path
from modelguard.sources.history.repository import Repository

LFS = "lfs"
"""The kind of an object that is none of git's own."""

NOT_HERE = "a git LFS object that is not here (git lfs fetch --all)"


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
