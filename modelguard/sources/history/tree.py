"""Files as one commit holds them: read from objects, so that neither links nor the work tree matter."""

from __future__ import annotations

import os
from collections.abc import Iterator

from msgspec import Struct

from modelguard.sources.git import fields
from modelguard.sources.history.repository import Repository

_FILES = (b"100644", b"100755", b"100664")


class File(Struct, frozen=True):
    """A regular file of a commit: its path from the top, and the id of its content."""

    path: str
    object: str


def files_at(repository: Repository, commit: str, path: str) -> list[File]:
    """The file at `path` (from the top, parts separated by `/`), or all below it if it is a folder; links are none.

    Raises:
        GitError: the commit or one of its trees is not here.
    """
    return list(_entries(repository, commit, path))


def has(repository: Repository, commit: str, name: str) -> bool:
    """Whether the top folder of a commit holds anything of this name, in any case of its letters.

    Raises:
        GitError: see `files_at`.
    """
    names = fields(repository.git.ask("ls-tree", "-z", "--full-tree", "--name-only", commit))
    return any(os.fsdecode(each).casefold() == name.casefold() for each in names)


def content(repository: Repository, file: File) -> bytes:
    """What a file holds.

    Raises:
        GitError: the object is not here.
    """
    return repository.git.ask("cat-file", "blob", file.object)


def _entries(repository: Repository, commit: str, path: str) -> Iterator[File]:
    wanted = os.fsencode(path)
    asked = ("--literal-pathspecs", "ls-tree", "-r", "-z", "--full-tree", commit, "--", path)
    for entry in fields(repository.git.ask(*asked)):
        about, _, name = entry.partition(b"\t")
        mode, kind, found = about.split(b" ")[:3]
        if kind == b"blob" and mode in _FILES and (name == wanted or name.startswith(wanted + b"/")):
            yield File(os.fsdecode(name), found.decode("ascii"))


def objects_of(repository: Repository, commit: str) -> frozenset[str]:
    """The ids of all contents that a commit, or a tree, holds.

    Raises:
        GitError: the commit or one of its trees is not here.
    """
    entries = fields(repository.git.ask("ls-tree", "-r", "-z", "--full-tree", commit))
    about = (entry.partition(b"\t")[0].split(b" ") for entry in entries)
    return frozenset(found.decode("ascii") for _, kind, found in about if kind == b"blob")
