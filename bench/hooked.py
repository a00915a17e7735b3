"""What a hook adds to a commit: five small files are committed with our hook, with a peer's, and with none."""

from __future__ import annotations

import itertools
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from measure import Command, Run, interleaved
from peers import Peer
from pseudo import text
from repository import git
from staged import STAGED, made_ready
from subject import compile_into, install_hooks
from table import OURS, grid

NONE = "no hook"
IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@modelguard.invalid")
_CASE = "commit of five small files"
_LINES = 3
PEOPLE = {
    f"GIT_{who}_{what}": "bench@modelguard.invalid" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}


def hooked(folder: Path, peers: Sequence[Peer], runs: int) -> list[Run]:
    """The same commits in copies of one repository, each with another hook. `folder` is empty and stays ours."""
    original = made_ready(folder / "original")
    git(original, *IDENTITY, "commit", "--quiet", "-m", "first")
    compile_into(folder / "compiled")
    able = {peer.name: peer for peer in peers if peer.staged and not peer.hook}
    commands = {}
    for name in (NONE, OURS, *able):
        home = folder / "repositories" / name.replace(" ", "-")
        shutil.copytree(original, home)
        commands[name] = Command(
            ["git", "commit", "--quiet", "-m", "one more"],
            accepts=frozenset({0}),
            environment={**PEOPLE, "MODELGUARD_CACHE_DIR": str(folder / "compiled")},
            folder=home,
            prepare=staging(home),
        )
        if name == OURS:
            install_hooks(home)
        elif name in able:
            _put(home, able[name].on_staged(home, STAGED))
    return interleaved(_CASE, commands, runs)


def alone(runs: Sequence[Run]) -> str:
    """What each hook adds to the commit of the same round that has none; empty where nothing ran."""
    bare = {run.round: run.seconds for run in runs if run.name == NONE and run.round >= 0}
    added = {
        name: [run.seconds - bare[run.round] for run in runs if run.name == name and run.round >= 0]
        for name in dict.fromkeys(run.name for run in runs if run.name != NONE)
    }
    rows = []
    for name, seconds in added.items():
        pairs = [ours / theirs for ours, theirs in zip(added[OURS], seconds, strict=True)]
        ratio = "" if name == OURS else f"{median(pairs):.2f}"
        rows.append(
            [name, str(len(seconds)), *(f"{1000 * each:.0f}" for each in (median(seconds), min(seconds))), ratio]
        )
    return grid(("hook alone", "runs", "median ms", "min ms", f"{OURS} / it"), rows)


def _put(home: Path, command: Command) -> None:
    """A hook that runs a peer as its own documentation has it: on what is staged."""
    hook = home / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {shlex.join(command.arguments)}\n")
    hook.chmod(0o755)


def staging(home: Path) -> Callable[[], Mapping[str, str]]:
    """Before each commit: five files get some more lines, and are staged."""
    numbers = itertools.count(1000)

    def prepare() -> Mapping[str, str]:
        added = text(next(numbers), _LINES)
        for name in STAGED:
            with open(home / name, "a") as file:
                file.write(added)
        git(home, "add", *STAGED)
        return {}

    return prepare
