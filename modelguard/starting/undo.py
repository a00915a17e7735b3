"""How a change to a file is taken back: one command each, exact to the byte."""

from __future__ import annotations

import os
import shlex

from msgspec import Struct

from modelguard.sources.git import Git, fields
from modelguard.starting.interface import CannotEdit, Change
from modelguard.starting.tree import Tree, content

FOLDER = "modelguard-init"
"""In git's own folder: what files held that git does not have as it was. As an object it would be part of a history."""


class Undo(Struct, frozen=True):
    """A command that takes a change back, at the top of the tree, and the file to write before the change is made."""

    command: str
    kept: str = ""


def undo_of(tree: Tree, change: Change) -> Undo:
    """How to take a change back.

    Raises:
        CannotEdit: where to keep what the file holds is no folder, or no file.
        GitError: git does not answer.
    """
    if change.before is None or tree.git is None:
        return Undo(f"rm {change.path}")
    if _has_it(tree.git, change.path, change.before):
        return Undo(f"git checkout -- {change.path}")
    git_folder = os.fsdecode(tree.git.ask("rev-parse", "--absolute-git-dir").rstrip(b"\n"))
    folder = os.path.join(git_folder, FOLDER)
    if os.path.islink(folder):
        raise CannotEdit(f"{FOLDER} in git's own folder is a link, and nothing is written through one")
    content(Tree(folder), change.path)
    kept = os.path.join(folder, change.path)
    shown = os.path.relpath(kept, tree.top) if kept.startswith(os.path.join(tree.top, "")) else kept
    return Undo(f"cp {shlex.quote(shown)} {change.path}", kept)


def _has_it(git: Git, path: str, held: bytes) -> bool:
    """Whether git's index holds a file as it is, so that a checkout brings it back."""
    name = git.ask("hash-object", "--stdin", stdin=held).strip()
    entries = fields(git.ask("ls-files", "-z", "--stage", "--", path))
    return any(entry.split(b" ")[1:2] == [name] for entry in entries)
