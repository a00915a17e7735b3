"""A real pre-commit hook that runs `scan --staged`: a commit with a leak does not come about, however it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import ROOT
from tests.tools.repo import Repo, Tool, planted


@pytest.fixture
def guarded(repo: Repo, tool: Tool) -> Repo:
    """A repository with a commit and the hook, which writes down each time that it ran."""
    repo.commit({"a.txt": "1\n", "b.txt": "1\n", "sub/c.txt": "1\n"})
    put_hook(repo, tool)
    return repo


def put_hook(repo: Repo, tool: Tool) -> None:
    hook = repo.path / ".git/hooks/pre-commit"
    hook.write_text(
        f"#!/bin/sh\necho x >> {tool.home}/ran\n"
        f"export PYTHONPATH={ROOT} MODELGUARD_CACHE_DIR={tool.cache} MODELGUARD_NO_BACKGROUND=1\n"
        f"exec {' '.join(tool.command('scan', '--staged'))}\n"
    )
    hook.chmod(0o755)
    (repo.path / ".git/hooks/pre-merge-commit").write_bytes(hook.read_bytes())
    (repo.path / ".git/hooks/pre-merge-commit").chmod(0o755)


def commits(repo: Repo, tool: Tool, *arguments: str | Path) -> bool:
    """Whether a commit came about; the hook must have run for it."""
    before, times = repo.git("rev-parse", "--quiet", "--verify", "HEAD", check=False), ran(tool)
    repo.git(*arguments, check=False)
    assert ran(tool) == times + 1
    return repo.git("rev-parse", "--quiet", "--verify", "HEAD", check=False) != before


def ran(tool: Tool) -> int:
    log = tool.home / "ran"
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_part_of_what_is_there(guarded: Repo, tool: Tool) -> None:
    """`git commit FILE` takes that file from the work tree, and nothing of what is staged besides."""
    guarded.write("a.txt", planted())
    guarded.write("b.txt", "2\n")
    guarded.git("add", "a.txt")
    assert commits(guarded, tool, "commit", "-m", "x", "b.txt")
    assert not commits(guarded, tool, "commit", "-m", "x", "a.txt")
    guarded.git("reset", "--quiet")
    assert not commits(guarded, tool, "commit", "-m", "x", "a.txt")
    assert not commits(guarded, tool, "commit", "-a", "-m", "x")
    guarded.write("a.txt", "2\n")
    assert commits(guarded, tool, "commit", "-a", "-m", "x")


def test_from_below_and_in_a_linked_work_tree(guarded: Repo, tool: Tool) -> None:
    linked = guarded.other("linked")
    guarded.git("worktree", "add", "--quiet", linked.path)
    for repo in (guarded, linked):
        below = Repo(repo.path / "sub", repo.home, repo.seconds)
        repo.write("sub/c.txt", planted())
        assert not commits(below, tool, "commit", "-m", "x", "c.txt")
        assert not commits(below, tool, "commit", "-a", "-m", "x")
        repo.write("sub/c.txt", "2\n")
        assert commits(below, tool, "commit", "-m", "x", "c.txt")


def test_first_commit_amend_and_removal(tool: Tool, guarded: Repo) -> None:
    new = guarded.other("new").init()
    put_hook(new, tool)
    new.write("a.txt", planted())
    new.git("add", "a.txt")
    assert not commits(new, tool, "commit", "-m", "x")
    new.write("a.txt", "clean\n")
    assert commits(new, tool, "commit", "-a", "-m", "x")
    new.write("b.txt", planted())
    new.git("add", "b.txt")
    assert not commits(new, tool, "commit", "--amend", "-m", "y")
    new.git("rm", "--quiet", "-f", "b.txt")
    assert commits(new, tool, "commit", "--amend", "-m", "y")
    new.git("rm", "--quiet", "a.txt")
    assert commits(new, tool, "commit", "-m", "gone")
    assert commits(new, tool, "commit", "--allow-empty", "-m", "empty")


def test_merge(guarded: Repo, tool: Tool) -> None:
    guarded.git("checkout", "--quiet", "-b", "side")
    guarded.write("d.txt", planted())
    guarded.git("add", "d.txt")
    guarded.git("commit", "--quiet", "--no-verify", "-m", "x")
    guarded.git("checkout", "--quiet", "main")
    assert not commits(guarded, tool, "merge", "--no-ff", "-m", "x", "side")
