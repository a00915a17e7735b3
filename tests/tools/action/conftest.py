from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from modelguard.version import VERSION
from tests.cli.conftest import shared_cache
from tests.tools.action.definition import ACTION
from tests.tools.action.hosted import Hosted
from tests.tools.action.workflow import Workflow
from tests.tools.repo import Repo

__all__ = ["shared_cache"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python that install.sh makes of a wheel of this project; what it depends on is this environment's."""
    temp = tmp_path_factory.mktemp("runner")
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check", "--wheel-dir", str(temp)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", str(ACTION.parent), *options], check=True)
    output = temp / "output"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(temp),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(temp),
        "GITHUB_ACTION_PATH": str(ACTION),
        "GITHUB_OUTPUT": str(output),
        "RUNNER_TEMP": str(temp),
        "MODELGUARD_PYTHON": sys.executable,
        "MODELGUARD_VERSION": VERSION,
    }
    subprocess.run(["bash", str(ACTION / "install.sh")], env=environment, cwd=temp, check=True)
    told = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert Path(told["cache-folder"]).stat().st_mode & 0o777 == 0o700
    python = Path(told["python"])
    (packages,) = python.parent.parent.glob("lib/*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    return python


@pytest.fixture
def hosted(tmp_path: Path) -> Hosted:
    """A repository with one commit on `main`."""
    home = tmp_path / "home"
    home.mkdir()
    repo = Repo(tmp_path / "server", home).init()
    repo.commit({"README.md": "hello\n"}, "first")
    return Hosted(repo, tmp_path / "workspace")


@pytest.fixture
def workflow(tmp_path: Path, hosted: Hosted, installed: Path, shared_cache: Path) -> Workflow:
    temp = tmp_path / "temp"
    temp.mkdir()
    hosted.workspace.mkdir(exist_ok=True)
    return Workflow(hosted.workspace, temp, hosted.repo.home, installed, shared_cache)
