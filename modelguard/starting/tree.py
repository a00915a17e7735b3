"""The tree that is started in: its top, its git, and the few files at its top that are read, never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from msgspec import Struct, field

from modelguard.errors import UsageError
from modelguard.sources.git import Git
from modelguard.sources.git_folder import is_bare, top_of
from modelguard.starting.interface import CannotEdit

MAX_BYTES = 1024 * 1024
"""More than any file holds that people write by hand. PyYAML takes 7 s for as much."""


class Tree(Struct, frozen=True):
    """The top of a work tree, or a folder outside of any (`git` is None); `planned` is what files would hold by now."""

    top: str
    git: Git | None = None
    planned: Mapping[str, bytes] = field(default_factory=dict)


def tree_at(path: str) -> Tree:
    """The work tree that holds the folder `path`, or the folder itself where it is in none.

    Raises:
        UsageError: it is no folder, or a bare repository.
        GitError: git is missing, or refuses the repository.
    """
    if not os.path.isdir(path):
        raise UsageError(f"{path}: not a folder", "Name the folder of a project.")
    top = top_of(path)
    if top is None:
        return Tree(os.path.abspath(path))
    if is_bare(top) and not os.path.lexists(os.path.join(top, ".git")):
        raise UsageError(f"{top}: a bare repository, which has no files to edit", "Run it inside of a work tree.")
    git = Git(top)
    git.ask("rev-parse", "--git-dir")
    return Tree(top, git)


def content(tree: Tree, name: str) -> bytes | None:
    """What a file at the top of the tree holds; None where there is none.

    Raises:
        CannotEdit: it is a link, no regular file, larger than `MAX_BYTES`, or cannot be read.
    """
    if name in tree.planned:
        return tree.planned[name]
    path = os.path.join(tree.top, name)
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            raise CannotEdit("it is a link, and nothing is written through one")
        if not stat.S_ISREG(mode):
            raise CannotEdit("it is not a regular file")
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb") as file:
            held = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotEdit(f"it cannot be read: {error.strerror}") from None
    if len(held) > MAX_BYTES:
        raise CannotEdit(f"it is larger than {MAX_BYTES} bytes")
    return held


def text_of(held: bytes) -> str:
    """The text of a file, its mark of byte order included.

    Raises:
        CannotEdit: it is not UTF-8.
    """
    try:
        return held.decode("utf-8")
    except UnicodeDecodeError:
        raise CannotEdit("it is not UTF-8 text") from None


def line_end_of(text: str) -> str:
    """What ends the lines of a text: what ends its first one."""
    first, found, _ = text.partition("\n")
    return "\r\n" if found and first.endswith("\r") else "\n"
