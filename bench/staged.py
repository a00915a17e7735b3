"""The pre-commit case: five small files are staged in a repository of a few hundred."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from measure import Command, Run, interleaved
from peers import Peer
from pseudo import text
from repository import commit, git, imported
from startup import without_cache
from subject import compile_into, ours_staged
from table import OURS

_FILES = 300
_LINES = 120
_SECOND = 1_700_000_000
STAGED = tuple(f"package/part_{number}.py" for number in range(0, _FILES, _FILES // 5))


def staged(folder: Path, peers: Sequence[Peer], runs: int) -> list[Run]:
    """All scanners as hooks, with warm caches and with none. `folder` is empty and stays ours."""
    original = made_ready(folder / "original")
    able = {peer.name: peer for peer in peers if peer.staged}
    homes = {name: folder / "repositories" / name for name in (OURS, *able)}  # one of them writes into it
    for home in homes.values():
        shutil.copytree(original, home)
    compile_into(folder / "compiled")
    warm: dict[str, Command] = {OURS: replace(ours_staged(folder / "compiled"), folder=homes[OURS])}
    warm.update({name: peer.on_staged(homes[name], STAGED) for name, peer in able.items()})
    cold = {name: without_cache(folder / "caches" / name, command) for name, command in warm.items()}
    return [
        *interleaved("five staged files, warm", warm, runs),
        *interleaved("five staged files, empty cache", cold, runs, warm_up=False),
    ]


def made_ready(repository: Path) -> Path:
    """A repository with a commit and five changed files in the index, and nothing else changed."""
    texts = [(f"package/part_{number}.py".encode(), text(number, _LINES).encode()) for number in range(_FILES)]
    imported(repository, commit(b"refs/heads/main", _SECOND, texts), bare=False)
    git(repository, "reset", "--quiet", "--hard")
    for name in STAGED:
        with open(repository / name, "a") as file:
            file.write(text(_FILES, 3))
    git(repository, "add", *STAGED)
    return repository
