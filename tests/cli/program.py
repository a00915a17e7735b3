"""Drives the program as a user would: a process of its own, with nothing of this one's environment but PATH."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Program:
    """`modelguard` with a home and a cache below `home`."""

    home: Path
    cache: Path

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "MODELGUARD_CACHE_DIR": str(self.cache),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def command(self, *arguments: str | Path) -> list[str]:
        return [sys.executable, "-m", "modelguard", *map(str, arguments)]

    def __call__(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        options.setdefault("cwd", self.home)
        environment = {**self.environment(), **options.pop("env", {})}
        return subprocess.run(
            self.command(*arguments),
            env=environment,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
            **options,
        )

    def result(self, *arguments: str | Path, **options: Any) -> dict[str, Any]:
        return json.loads(self("scan", *arguments, "--format", "json", **options).stdout)
