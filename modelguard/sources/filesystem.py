"""Walks files and folders on disk: fast, never out of the tree by a link, and nothing passed over in silence."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from modelguard.model import Finding, Gap, GapReason, LeftOut
from modelguard.sources.exclusion import EXCLUDED, GIT_FOLDER, LEFT_OUT_FOLDERS, THIRD_PARTY, Exclusions
from modelguard.sources.file import FileBlob, kind_of, reason_for, shown_path
from modelguard.sources.git_folder import BARE, is_repository
from modelguard.sources.interface import Item

ENVIRONMENT_FILES = ("pyvenv.cfg", "conda-meta")
"""A folder that holds one of these is an installed environment, whatever its name."""


class FilesystemSource:
    """A Source over the files and folders that a user named.

    A named path is scanned even if it is a link or lies in a folder that the default policy leaves out; `exclude`
    (gitignore-style lines, relative to `root`) holds for named paths, too. Links inside a tree are never followed: what
    they lead to inside the tree is scanned in its own place, what lies outside is said.
    """

    whole = True

    def __init__(
        self,
        targets: Sequence[str],
        exclude: Sequence[str] = (),
        default_exclusions: bool = True,
        root: Path | None = None,
    ) -> None:
        self._targets = [os.fspath(target) for target in targets]
        self._exclusions = Exclusions(exclude, default_exclusions, None if root is None else os.fspath(root))
        self._repositories: list[tuple[str, str]] = []

    def items(self) -> Iterator[Item]:
        """See `Source.items`."""
        for target in self._targets:
            yield from self._target(target)

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """`findings` with those marked that lie in files that git ignores."""
        from modelguard.sources.git_ignored import ignored_files

        absolute = {finding.origin.path: os.path.abspath(finding.origin.path) for finding in findings}
        ignored = ignored_files(sorted(set(absolute.values())))
        return [
            replace(finding, origin=replace(finding.origin, ignored=True))
            if absolute[finding.origin.path] in ignored
            else finding
            for finding in findings
        ]

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`: those that were walked through so far."""
        return self._repositories

    def _target(self, target: str) -> Iterator[Item]:
        try:
            state = os.stat(target)
        except OSError as error:
            yield _missing(target, error)
            return
        shown = self._shown(target)
        if stat.S_ISDIR(state.st_mode):
            yield from self._folder(target, "" if shown == "." else shown, os.path.realpath(target))
        elif stat.S_ISREG(state.st_mode):
            excluded = self._exclusions.excluded(shown)
            yield LeftOut(shown_path(shown), EXCLUDED, state.st_size) if excluded else FileBlob(target, shown, True)
        else:
            yield Gap(
                shown_path(shown),
                GapReason.SPECIAL,
                f"{kind_of(state.st_mode)}, not a regular file; pipe it: modelguard scan --stdin < FILE",
            )

    def _shown(self, target: str) -> str:
        """As a person would write it from here: relative where it lies below the current folder."""
        here = os.getcwd()
        absolute = os.path.normpath(os.path.join(here, target))
        if absolute == here:
            return "."
        prefix = here if here.endswith(os.sep) else here + os.sep
        return absolute[len(prefix) :] if absolute.startswith(prefix) else absolute

    def _folder(self, path: str, shown: str, tree: str) -> Iterator[Item]:
        pending = [(path, shown)]
        while pending:
            folder, name = pending.pop()
            inside: list[tuple[str, str]] = []
            try:
                with os.scandir(folder) as listing:
                    entries = sorted(listing, key=_name)
                if name != shown and os.path.islink(folder):
                    raise OSError(errno.ELOOP, "")
            except OSError as error:
                yield Gap(shown_path(name or folder), *reason_for(error))
                continue
            below = name + os.sep if name and not name.endswith(os.sep) else name
            names = {entry.name for entry in entries}
            bare = names >= BARE and os.path.basename(folder) != ".git"
            if bare or (".git" in names and is_repository(folder)):
                self._repositories.append((folder, name or folder))
            if bare and self._exclusions.default:
                yield LeftOut(shown_path(name or folder) + "/", GIT_FOLDER)
                continue
            for entry in entries:
                child = below + entry.name
                try:
                    if entry.is_file(follow_symlinks=False):
                        yield self._file(entry, child)
                    elif entry.is_dir(follow_symlinks=False):
                        reason = self._left_out(entry, child)
                        if reason is None:
                            inside.append((entry.path, child))
                        else:
                            yield LeftOut(shown_path(child) + "/", reason)
                    else:
                        yield from self._other(entry, child, tree)
                except OSError as error:
                    yield Gap(shown_path(child), *reason_for(error))
            pending.extend(reversed(inside))

    def _file(self, entry: os.DirEntry[str], shown: str) -> Item:
        if self._exclusions.excluded(shown):
            return LeftOut(shown_path(shown), EXCLUDED, entry.stat(follow_symlinks=False).st_size)
        return FileBlob(entry.path, shown)

    def _other(self, entry: os.DirEntry[str], shown: str, tree: str) -> Iterator[Item]:
        """A link, or a file that holds no bytes of its own."""
        if not entry.is_symlink():
            mode = entry.stat(follow_symlinks=False).st_mode
            yield LeftOut(shown_path(shown), f"{kind_of(mode)}, which holds nothing to publish")
            return
        target = os.path.realpath(entry.path)
        if not os.path.exists(entry.path):  # a loop leads nowhere, too
            yield LeftOut(shown_path(shown), "a symbolic link that leads nowhere")
        elif target != tree and not target.startswith(tree.rstrip(os.sep) + os.sep):
            yield LeftOut(shown_path(shown), "a symbolic link that leads out of the tree")

    def _left_out(self, entry: os.DirEntry[str], shown: str) -> str | None:
        if self._exclusions.excluded(shown + "/"):
            return EXCLUDED
        if not self._exclusions.default:
            return None
        if entry.name in LEFT_OUT_FOLDERS:
            return LEFT_OUT_FOLDERS[entry.name]
        if any(os.path.lexists(os.path.join(entry.path, name)) for name in ENVIRONMENT_FILES):
            return THIRD_PARTY
        return None


def _missing(target: str, error: OSError) -> Gap:
    reason, detail = reason_for(error)
    if reason is GapReason.VANISHED:
        reason, detail = GapReason.MISSING, "there is no such file or folder; check the path"
    elif error.errno == errno.ELOOP:
        reason, detail = GapReason.UNREADABLE, "a symbolic link that leads in a circle; name what it should lead to"
    return Gap(shown_path(target), reason, detail)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name
