"""What install.sh installs: the very ref of the action, with all that it depends on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from modelguard.version import VERSION
from tests.tools.action.definition import ACTION


def test_it_is_the_ref_that_was_pinned(tmp_path: Path) -> None:
    """From a copy of what git tracks, in a folder with blanks, while the current one holds modules of its own."""
    checkout, temp, tree = tmp_path / "the ref", tmp_path / "a temp", tmp_path / "tree"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ACTION.parent, capture_output=True, check=True).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        if name.startswith(("modelguard/", "action/", "hooks/")) or "/" not in name:
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            (checkout / name).write_bytes((ACTION.parent / name).read_bytes())
    temp.mkdir()
    tree.mkdir()
    for name in ("pip.py", "venv.py", "sitecustomize.py", "modelguard.py", "setup.py"):
        (tree / name).write_text("open('ran', 'w')\n")
    output = tmp_path / "output"
    passed = {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name == "PATH"}
    environment = {
        **passed,
        "HOME": str(temp),
        "GITHUB_ACTION_PATH": str(checkout / "action"),
        "GITHUB_OUTPUT": str(output),
        "RUNNER_TEMP": str(temp),
        "PYTHONPATH": str(tree),
    }
    script = str(checkout / "action" / "install.sh")
    ran = subprocess.run(["bash", script], env=environment, cwd=tree, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = dict(line.split("=", 1) for line in output.read_text().splitlines())
    asked = subprocess.run(
        [told["python"], "-I", "-m", "modelguard", "--version"], cwd=tree, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split()[-1] == VERSION
    assert not (tree / "ran").exists()


def test_a_version_that_is_not_there(tmp_path: Path) -> None:
    """It fails, and what comes after does not run."""
    output = tmp_path / "output"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PIP_NO_INDEX": "1",
        "GITHUB_ACTION_PATH": str(ACTION),
        "GITHUB_OUTPUT": str(output),
        "RUNNER_TEMP": str(tmp_path),
        "MODELGUARD_VERSION": "0.0.1; touch ran",
    }
    ran = subprocess.run(["bash", str(ACTION / "install.sh")], env=environment, cwd=tmp_path, check=False)
    assert ran.returncode != 0
    assert not output.exists()
    assert not (tmp_path / "ran").exists()
