"""The settings that a commit itself holds, with the baseline and the rules that they name: read out of its tree.

They are written into a folder of our own as files, never as links, and read from there as any project's are. So
neither the checkout nor what a pull request has put into it says what counts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import ModelguardError, SettingsError
from modelguard.guards.action.inputs import Inputs
from modelguard.settings import PROJECT_FILE, PYPROJECT, Settings, load_settings
from modelguard.sources.history.repository import Repository
from modelguard.sources.history.tree import content, files_at, has
from modelguard.verdict.baseline import Baseline, load

_MAX_FILES = 2000


class Asked(Struct, frozen=True):
    """What one commit's settings ask for, read into `folder`. `rules` are the contents of rule files, by path.

    `lacking` are files that the workflow names and this commit does not hold.
    """

    settings: Settings
    baseline: Baseline | None
    rules: dict[str, str]
    lacking: tuple[str, ...]
    folder: str
    commit: str

    def same_as(self, other: Asked) -> bool:
        """Whether both ask for the same."""
        return self._all() == other._all()

    def _all(self) -> tuple[object, ...]:
        entries = self.baseline.entries if self.baseline else None
        return replace(self.settings, rules=(), origins={}), self.rules, entries


def asked_by(
    repository: Repository, commit: str, inputs: Inputs, folder: Path, checked_out: Sequence[str] = ()
) -> Asked:
    """What `commit` asks for, with the inputs of the workflow on top; `folder` is a new one, empty and private.

    `checked_out` are commits whose files may lie in the work tree.

    Raises:
        ModelguardError: settings, a baseline or rules cannot be used.
    """
    reading = _Reading(repository, commit, folder, checked_out)
    (folder / ".git").touch()  # nobody's settings further up are meant
    with named_after(folder, commit):
        for name in (PROJECT_FILE, PYPROJECT):
            reading.copy(name)
        config = reading.named(inputs.config) if inputs.config else None
        settings = load_settings(inputs.flags(), config, folder)
        baseline = reading.named(inputs.baseline) if inputs.baseline else reading.located(settings.baseline)
        own = [reading.located(name) for name in settings.rules]
        rules = [reading.named(name) for name in inputs.rules] if inputs.rules else own
        names = tuple(str(path) for path in rules if path is not None)
        return Asked(
            replace(settings, baseline=None, rules=names),
            _baseline(baseline, folder) if baseline else None,
            {name: found for path in rules if path for name, found in reading.below(path).items()},
            tuple(reading.lacking),
            str(folder),
            commit,
        )


def _baseline(path: Path, folder: Path) -> Baseline:
    found = load(path)
    return Baseline.of(found.source.removeprefix(f"{folder}{os.sep}"), found.entries)


@contextmanager
def named_after(folder: Path | str, commit: str) -> Iterator[None]:
    """Errors that name a file in our folder name it in the commit."""
    try:
        yield
    except ModelguardError as error:
        error.message = error.message.replace(f"{folder}{os.sep}", f"{commit[:9]}:")
        raise


class _Reading:
    """Copies files of one commit into a folder."""

    def __init__(self, repository: Repository, commit: str, folder: Path, checked_out: Sequence[str]) -> None:
        self._repository = repository
        self._commit = commit
        self._folder = folder
        self._commits = tuple(dict.fromkeys((commit, *checked_out)))
        self._objects: dict[str, str] = {}
        self.lacking: list[str] = []

    def copy(self, path: str) -> None:
        """Bring the file at a path of the commit, or all below it, into our folder."""
        found = files_at(self._repository, self._commit, path)
        if len(found) > _MAX_FILES:
            raise SettingsError(f"{path}: holds more than {_MAX_FILES} files", "Name a folder that holds rules alone.")
        for file in found:
            target = self._folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content(self._repository, file))
            self._objects[file.path] = file.object

    def located(self, name: str | None) -> Path | None:
        """Where the file or folder of this name is to be read: in our folder, unless it is none of the repository.

        A path that a commit could hold is this commit's, whatever lies in the work tree. What a workflow puts beside
        the checkout (a path outside of it, or below a top folder that no tree holds) is the workflow's own.
        """
        inside = self._inside(name) if name else None
        if name is None or inside is None:
            return None if name is None else Path(name)
        self.copy(inside)
        top = inside.split("/")[0]
        if any(has(self._repository, commit, top) for commit in self._commits):
            return self._folder / inside
        return Path(self._repository.folder) / inside

    def named(self, name: str) -> Path | None:
        """The same for a name in the workflow, which may be newer than this commit: None where it lacks the file."""
        path = self.located(name)
        if path is not None and path.is_relative_to(self._folder) and not path.exists():
            self.lacking.append(name)
            return None
        return path

    def below(self, path: Path) -> dict[str, str]:
        """The contents of this commit at a path or below it, by their own paths."""
        if not path.is_relative_to(self._folder):
            return {}
        top = path.relative_to(self._folder).as_posix()
        return {name: found for name, found in self._objects.items() if f"{name}/".startswith(f"{top}/")}

    def _inside(self, name: str) -> str | None:
        """The path from the top of the repository; None where it leads elsewhere."""
        for top in (str(self._folder), self._repository.folder, os.path.realpath(self._repository.folder)):
            joined = os.path.normpath(os.path.join(top, name))
            if joined.startswith(top + os.sep):
                return os.path.relpath(joined, top).replace(os.sep, "/")
        if not os.path.isabs(name):
            raise SettingsError(f"{name}: leads out of the repository", "Name a file of the repository.")
        return None
