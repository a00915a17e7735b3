"""A repository that git refuses, and a machine without git: said, with what to do, and never taken for clean."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Tool, planted

TOKEN, IN_FILE = planted(0), planted(1)


@pytest.fixture
def removed(repo: Repo) -> Repo:
    """A repository with a value in its history alone."""
    repo.commit({"a.txt": TOKEN})
    repo.commit({"a.txt": "clean\n"})
    return repo


def somebody_elses(repo: Repo, tmp_path: Path) -> dict[str, str]:
    """Make it so, where we may; else a git that takes it for so. What to add to the environment."""
    if os.geteuid() == 0:
        for folder, _, names in os.walk(repo.path):
            for name in (".", *names):
                os.chown(os.path.join(folder, name), 12345, 12345, follow_symlinks=False)
        return {}
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n')
    wrapper.chmod(0o755)
    return {"PATH": f"{wrapper.parent}:{os.environ['PATH']}"}


def test_somebody_else_s(removed: Repo, scan: Scan, tool: Tool, tmp_path: Path) -> None:
    env = somebody_elses(removed, tmp_path)
    for arguments in ([], ["--history-only"]):
        told = scan(removed, *arguments, env=env)
        assert (told.findings, told.status) == ([], 2)
        assert f"git config --global --add safe.directory {removed.path}" in told.gaps[0]["detail"]
    for arguments in (["--staged"], ["--diff", "HEAD~..HEAD"]):
        ran = tool("scan", *arguments, cwd=removed.path, env=env)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert f"safe.directory {removed.path}" in ran.stderr
    assert scan(removed, "--no-history", env=env).status == 0
    (tool.home / ".gitconfig").write_text(f"[safe]\n\tdirectory = {removed.path}\n")
    told = scan(removed, env=env)
    assert (told.one(TOKEN)["path"], told.gaps) == ("a.txt", [])


def test_no_git(removed: Repo, scan: Scan, tool: Tool, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    env = {"PATH": str(empty)}
    told = scan(removed, env=env)
    assert (told.findings, told.status) == ([], 2)
    assert "git is not installed" in told.gaps[0]["detail"]
    assert "--no-history" in told.gaps[0]["detail"]
    ran = tool("scan", "--staged", cwd=removed.path, env=env)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "git is not installed" in ran.stderr
    assert scan(removed, "--no-history", env=env).status == 0
    removed.write("b.txt", IN_FILE)
    told = scan(removed, env=env)
    assert (told.one(IN_FILE)["path"], told.status, len(told.gaps)) == ("b.txt", 1, 1)
    assert scan(removed, "--allow-gaps", "--history-only", env=env).status == 0


def test_a_git_folder_that_is_none(removed: Repo, scan: Scan) -> None:
    """Half of a repository, as an interrupted copy leaves it, is not taken for one without history."""
    (removed.path / ".git/refs").rename(removed.path / ".git/elsewhere")
    told = scan(removed)
    assert (told.findings, told.status) == ([], 2)
    assert "its history was not looked at" in told.gaps[0]["detail"]
