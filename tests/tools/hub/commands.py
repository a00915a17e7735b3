"""The program and others, with no other Hub than the stand-in, and with the compiled rules that all tests share."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

from tests.tools.hub.client import surroundings
from tests.tools.hub.server import Hub


@dataclass(frozen=True)
class Commands:
    """Runs in `home`, which also holds the settings and the caches of its user."""

    hub: Hub
    home: Path
    xet: bool = True
    key: str | None = None

    @staticmethod
    def beside(hub: Hub, home: Path, rules: Path, xet: bool = True, key: str | None = None) -> Commands:
        """With the compiled rules in the folder `rules`."""
        cache = home / ".cache" / "modelguard"
        cache.mkdir(parents=True)
        cache.chmod(0o700)
        for database in rules.glob("*.hsdb"):
            os.link(database, cache / database.name)
        return Commands(hub, home, xet, key)

    def run(self, *words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Any program."""
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.home,
            env=surroundings(self.hub, self.home, xet=self.xet, key=self.key) | variables,
            capture_output=True,
            text=True,
            timeout=280,
        )

    def __call__(self, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """`modelguard` with these arguments."""
        return self.run(sys.executable, "-P", "-m", "modelguard", *arguments, **variables)

    def python(self, source: str, **variables: str) -> str:
        """What Python source prints; it must end well."""
        done = self.run(sys.executable, "-P", "-c", textwrap.dedent(source), **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout
