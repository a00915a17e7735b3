"""Whole histories: modelguard and the peers that read every object, those that read added lines, and git alone."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import Command, Run, interleaved
from peers import Peer
from repository import whole
from subject import ours_in_history
from table import OURS

FLOOR = "git cat-file"


def histories(name: str, repository: Path, peers: Sequence[Peer], work: Path, compiled: Path, runs: int) -> list[Run]:
    """Every object, with git's own reading of it as the floor; and, where such peers are there, added lines.

    All of them read a copy in `work` that is a whole clone: the latter peers give up where an object is missing.
    """
    with tempfile.TemporaryDirectory(dir=work) as folder:
        copy = whole(repository, Path(folder) / "repository.git")
        found = interleaved(f"{name}, every object", every_object(copy, peers, compiled), runs)
        readers = [peer for peer in peers if peer.history and not peer.every_object]
        if readers:
            commands = {OURS: ours_in_history(copy, compiled), **{peer.name: peer.on_history(copy) for peer in readers}}
            found += interleaved(f"{name}, added lines only, as they work", commands, runs)
        return found


def every_object(repository: Path, peers: Sequence[Peer], compiled: Path) -> dict[str, Command]:
    """The commands that read all there is in a repository; `compiled` is a cache with the compiled patterns."""
    readers = {peer.name: peer.on_history(repository) for peer in peers if peer.history and peer.every_object}
    return {OURS: ours_in_history(repository, compiled), **readers, FLOOR: floor(repository)}


def floor(repository: Path) -> Command:
    """What it takes git to unpack every object, as fast as it can, for nobody."""
    options = ("--batch-all-objects", "--batch", "--unordered", "--buffer")
    return Command(["git", "-C", str(repository), "cat-file", *options], frozenset({0}), mute=True)
