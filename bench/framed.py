"""What our hook adds to a framework: a commit of five small files without it, with an empty hook of it, and with ours.

pre-commit and prek are installed from PyPI into environments of their own, as the peers are, and build that of our hook
as they do for users, from this checkout. What an empty hook costs is the framework's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from hooked import IDENTITY, NONE, PEOPLE, staging
from measure import Command, Run, interleaved
from peers import Peer, installed
from repository import NOBODY, git
from staged import made_ready
from subject import committed_into, compiled_in
from table import OURS, grid

EMPTY = "empty hook"
SETTINGS = ".pre-commit-config.yaml"

_EMPTY = """\
repos:
  - repo: local
    hooks:
      - {id: empty, name: empty, entry: 'true', language: system, pass_filenames: false, always_run: true}
"""
_OURS = "repos:\n  - repo: {source}\n    rev: {revision}\n    hooks:\n      - id: modelguard\n"


@dataclass(frozen=True)
class Framework:
    """One framework: the package and program of this name, and its command that makes the environments of hooks."""

    name: str
    makes: str


FRAMEWORKS = (Framework("pre-commit", "install-hooks"), Framework("prek", "prepare-hooks"))


def framed(folder: Path, work: Path, runs: int) -> tuple[list[Run], dict[str, str]]:
    """The same commits in copies of one repository under each framework, and the versions of these.

    `folder` is empty and stays ours; programs are kept in `work`.
    """
    original = made_ready(folder / "original")
    git(original, *IDENTITY, "commit", "--quiet", "-m", "first")
    revision = committed_into(folder / "source")
    configs = {NONE: "", EMPTY: _EMPTY, OURS: _OURS.format(source=folder / "source", revision=revision)}
    found: list[Run] = []
    versions: dict[str, str] = {}
    for framework in FRAMEWORKS:
        program = installed(work, Peer(framework.name, framework.name, ()))
        versions[framework.name] = program.version
        environment = _environment(folder / framework.name)
        commands: dict[str, Command] = {}
        for name, config in configs.items():
            home = folder / framework.name / name.replace(" ", "-")
            shutil.copytree(original, home)
            if config:
                _set_up(home, config, program.program, framework.makes, environment)
            commands[name] = _commit(home, environment)
        found += interleaved(framework.name, commands, runs)
        if not compiled_in(Path(environment["MODELGUARD_CACHE_DIR"])):
            raise SystemExit(f"{framework.name}: our hook has not compiled its patterns, so it has never run warm")
    return found, versions


def over(runs: Sequence[Run]) -> str:
    """What each framework adds to a commit, and ours to its empty hook, round by round; empty where nothing ran."""
    rows = []
    for case in dict.fromkeys(run.case for run in runs):
        taken = {(run.name, run.round): run.seconds for run in runs if run.case == case and run.round >= 0}
        rounds = sorted({number for _, number in taken})
        for label, more, less in ((EMPTY, EMPTY, NONE), (f"{OURS}, beyond that", OURS, EMPTY)):
            added = [taken[more, number] - taken[less, number] for number in rounds]
            told = (f"{1000 * each:.0f}" for each in (median(added), min(added), max(added)))
            rows.append([case, label, str(len(added)), *told])
    return grid(("framework", "adds to a commit", "runs", "median ms", "min ms", "max ms"), rows)


def _environment(home: Path) -> dict[str, str]:
    """What a framework and its hooks keep goes below `home`."""
    kept = {name: str(home / "kept") for name in ("PRE_COMMIT_HOME", "PREK_HOME")}
    return {**PEOPLE, **NOBODY, **kept, "MODELGUARD_CACHE_DIR": str(home / "modelguard-cache")}


def _set_up(home: Path, config: str, program: Path, makes: str, environment: Mapping[str, str]) -> None:
    """Have git run the framework in a repository, with these settings, and all made that they ask for."""
    (home / SETTINGS).write_text(config)
    git(home, "add", SETTINGS)
    git(home, *IDENTITY, "commit", "--quiet", "-m", "settings")
    for command in ("install", makes):
        subprocess.run(
            [program, command], cwd=home, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=True
        )


def _commit(home: Path, environment: Mapping[str, str]) -> Command:
    return Command(
        ["git", "commit", "--quiet", "-m", "one more"],
        accepts=frozenset({0}),
        environment=environment,
        folder=home,
        prepare=staging(home),
    )
