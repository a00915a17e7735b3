"""What is compared with the peers: modelguard as it stands in this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from measure import Command

_ROOT = Path(__file__).resolve().parent.parent
_PATH = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
_SETTINGS = {"PYTHONPATH": _PATH, "XDG_CONFIG_HOME": os.devnull}  # this checkout, and nobody's own settings


def ours(target: Path) -> Command:
    """The command that scans `target`: its files, not a history, since peers are asked for files, too."""
    program = [sys.executable, "-m", "modelguard"]
    arguments = ["scan", str(target), "--format", "json", "--no-progress"]
    return Command([*program, *arguments, *_without_history(program)], frozenset({0, 1}), _SETTINGS)


def our_version() -> str:
    """The version of this checkout."""
    said = subprocess.run([sys.executable, "-m", "modelguard", "--version"], capture_output=True, text=True, env=_env())
    return said.stdout.split()[-1]


def _without_history(program: list[str]) -> list[str]:
    """The option is there once history is scanned."""
    said = subprocess.run([*program, "scan", "--help"], capture_output=True, text=True, env=_env())
    return ["--no-history"] if "--no-history" in said.stdout else []


def _env() -> dict[str, str]:
    return {**os.environ, **_SETTINGS}
