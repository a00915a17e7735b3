"""Repositories in which `modelguard install-hooks` has put its hooks, and what git makes of them."""

from __future__ import annotations

import os
from pathlib import Path

from tests.tools.repo import RULE, Repo, Tool, planted

LOG = "ran"


def with_hooks(repo: Repo, tool: Tool, *options: str) -> Repo:
    """Install our hooks as a user would. Behind each stands another one that writes down that it ran."""
    repo.more.update(MODELGUARD_CACHE_DIR=str(tool.cache), MODELGUARD_NO_BACKGROUND="1", PYTHONDONTWRITEBYTECODE="1")
    ran = tool("install-hooks", *options, cwd=repo.path)
    assert ran.returncode == 0, ran.stderr
    return repo


def hook(repo: Repo, name: str, text: str, interpreter: str = "/bin/sh") -> Path:
    """Write a hook by hand."""
    path = repo.path / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{interpreter}\n{text}\n")
    path.chmod(0o755)
    return path


def commits(repo: Repo, *arguments: str | Path, **env: str) -> bool:
    """Whether a commit comes about. Where it does nothing of ours is said, and where not, what stops it."""
    return _passes(repo, head(repo), arguments, env)


def pushes(repo: Repo, *arguments: str | Path, **env: str) -> bool:
    """Whether a push comes about; what is said is as for commits."""
    return _passes(repo, None, ("push", *arguments), env)


def head(repo: Repo) -> str:
    """The newest commit; empty where there is none."""
    return repo.git("rev-parse", "--quiet", "--verify", "HEAD", check=False)


def _passes(repo: Repo, before: str | None, arguments: tuple[str | Path, ...], env: dict[str, str]) -> bool:
    ran = repo.tried(*arguments, **env)
    said = os.fsdecode(ran.stdout + ran.stderr)
    assert not any(planted(number) in said for number in range(10))
    passed = ran.returncode == 0
    if before is not None:
        assert (head(repo) != before) == passed
    if passed:
        assert "modelguard" not in said and RULE not in said, said
    else:
        assert f"[{RULE}]" in said and "1 finding blocks" in said, said
    return passed
