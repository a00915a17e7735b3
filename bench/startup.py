"""The start-up cases: one small file, as the hundredth run feels it and as the first one does."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from measure import Command, Run, interleaved
from peers import Peer
from subject import compiled_in, ours
from table import OURS

from modelguard.rules.templates import expand


def startup(folder: Path, peers: Sequence[Peer], runs: int) -> list[Run]:
    """All cases for modelguard and the peers, which keep caches as well. `folder` is empty and stays ours."""
    clean, leak = folder / "small.py", folder / "leak.py"
    clean.write_text("print('hello')\n" * 50)
    leak.write_text("print('hello')\n" * 50 + expand('login("hf_<alnum:34>")\n'))
    warm = _commands(clean, peers)
    cold = {name: without_cache(folder / name, command) for name, command in warm.items()}
    return [
        *interleaved("one small file, warm", warm, runs),
        *interleaved("one small file with a leak, warm", _commands(leak, peers), runs),
        *interleaved("one small file, empty cache", cold, runs, warm_up=False),
    ]


def _commands(file: Path, peers: Sequence[Peer]) -> dict[str, Command]:
    return {OURS: ours(file), **{peer.name: peer.on(file) for peer in peers}}


def without_cache(folder: Path, command: Command) -> Command:
    """`command` with an empty cache each time it runs; what it leaves running in the background may finish."""
    numbers = itertools.count()
    current = [folder]

    def prepare() -> Mapping[str, str]:
        current[0] = folder / str(next(numbers))
        current[0].mkdir(parents=True)
        names = {"XDG_CACHE_HOME": "xdg", "MODELGUARD_CACHE_DIR": "modelguard", "KF_RULE_CACHE_DIR": "kingfisher"}
        return {name: str(current[0] / below) for name, below in names.items()}

    def settle() -> None:
        if folder.name == OURS:
            compiled_in(current[0] / "modelguard")

    return replace(command, prepare=prepare, settle=settle)
