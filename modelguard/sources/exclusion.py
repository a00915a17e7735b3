"""What policy leaves out: paths that settings exclude, and folders of packages that somebody else publishes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

GIT_FOLDER = "git's own folder (its objects are history, not files)"
THIRD_PARTY = "installed third-party packages"
EXCLUDED = "excluded by settings"

LEFT_OUT_FOLDERS = {
    ".git": GIT_FOLDER,
    ".hg": "Mercurial's own folder",
    ".svn": "Subversion's own folder",
    "node_modules": THIRD_PARTY,
    "site-packages": THIRD_PARTY,
    "dist-packages": THIRD_PARTY,
    ".tox": THIRD_PARTY,
    ".nox": THIRD_PARTY,
}
"""Folders that the default policy leaves out, by name, with the reason given."""


class Exclusions:
    """The policy of one scan. `exclude` holds gitignore-style lines, which count from `root` (the current folder)."""

    def __init__(self, exclude: Sequence[str] = (), default: bool = True, root: str | None = None) -> None:
        self.default = default
        self._root = os.path.realpath(root or os.getcwd())
        self._spec = _spec(exclude)

    def excluded(self, shown: str) -> bool:
        """Whether settings exclude a path; that of a folder ends with a slash."""
        if self._spec is None:
            return False
        below_root = shown
        if os.path.isabs(shown):
            if not shown.startswith(self._root + os.sep):
                return False
            below_root = shown[len(self._root) + 1 :]
        return self._spec.match_file(below_root)

    def reason(self, shown: str, top: str = "") -> str | None:
        """Why a path is left out, whatever folder of its below `top` it is for; None where it is not."""
        if self.excluded(shown):
            return EXCLUDED
        if self.default:
            inside = shown.removeprefix(top.rstrip("/") + "/") if top else shown
            return next((LEFT_OUT_FOLDERS[part] for part in inside.split("/")[:-1] if part in LEFT_OUT_FOLDERS), None)
        return None


def _spec(lines: Sequence[str]) -> GitIgnoreSpec | None:
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines, backend="simple")
