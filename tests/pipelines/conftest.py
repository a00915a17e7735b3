from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import shared_cache
from tests.cli.program import ROOT
from tests.tools.repo import Repo

__all__ = ["shared_cache"]


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a build machine: `modelguard` and git on its PATH, an empty home, and nothing else."""
    for name in ("home", "bin", "tmp"):
        (tmp_path / name).mkdir()
    command = tmp_path / "bin/modelguard"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m modelguard "$@"\n')
    command.chmod(0o755)
    return {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MODELGUARD_NO_BACKGROUND": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@pytest.fixture
def repo(tmp_path: Path, machine: dict[str, str]) -> Repo:
    """A new repository without a commit."""
    return Repo(tmp_path / "repo", Path(machine["HOME"])).init()
