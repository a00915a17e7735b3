"""Real pre-commit and real prek, with this project as the source of their hooks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cli.program import ROOT
from tests.tools.repo import Repo

_MINUTES = 10 * 60  # the first run builds an environment from a package index


@dataclass(frozen=True)
class Framework:
    """One of them, with the folder in which it keeps what it has built."""

    name: str
    home: Path
    source: Path
    revision: str

    def environment(self) -> dict[str, str]:
        """What it and the hooks that it runs need; the environment of pip is the developer's own."""
        own = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_"))}
        return own | {
            "PRE_COMMIT_HOME": str(self.home),
            "PREK_HOME": str(self.home),
            "MODELGUARD_CACHE_DIR": str(self.home / "modelguard"),
            "MODELGUARD_NO_BACKGROUND": "1",
        }

    def config(self, *hooks: str, more: str = "") -> str:
        """A settings file that takes these hooks from this project."""
        listed = "".join(f"      - id: {hook}\n{more}" for hook in hooks)
        return f"repos:\n  - repo: {self.source}\n    rev: {self.revision}\n    hooks:\n{listed}"

    def run(self, repo: Repo, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run its own program in a repository."""
        program = Path(sys.executable).parent / self.name
        return subprocess.run(
            [str(program), *arguments],
            cwd=repo.path,
            env={**repo.environment(), **self.environment()},
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            capture_output=True,
            timeout=_MINUTES,
            check=False,
        )

    def build(self, repo: Repo) -> None:
        """Make the environment of the hooks, which all repositories share; `repo` is an empty one."""
        repo.write(".pre-commit-config.yaml", self.config("modelguard"))
        repo.git("add", "--all")
        done = self.run(repo, "install-hooks" if self.name == "pre-commit" else "prepare-hooks")
        assert done.returncode == 0, done.stdout + done.stderr

    def install(self, repo: Repo, *stages: str) -> None:
        """Have git run it in a repository."""
        done = self.run(repo, "install", *(word for stage in stages for word in ("--hook-type", stage)))
        assert done.returncode == 0, done.stderr


def source_in(folder: Path) -> str:
    """This project as it lies here, committed to a new repository, and the id of the commit."""
    names = _git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split(b"\0")[:-1]
    for name in map(os.fsdecode, names):
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    _git(folder, "-c", "user.name=x", "-c", "user.email=x@example.test", "commit", "--quiet", "-m", "as it is")
    return _git(folder, "rev-parse", "HEAD").decode().strip()


def _git(folder: Path, *arguments: str) -> bytes:
    environment: dict[str, str] = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    return subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, check=True).stdout


STAGES: Sequence[str] = ("pre-commit", "pre-merge-commit", "pre-push")
