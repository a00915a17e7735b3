from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import shared_cache
from tests.cli.program import Program
from tests.tools.hooked import with_hooks
from tests.tools.hub import Hub, serving
from tests.tools.hub.scanning import HubTool
from tests.tools.repo import Repo, Told, Tool

__all__ = ["shared_cache"]

Scan = Callable[..., Told]


@pytest.fixture
def tool(tmp_path: Path, shared_cache: Path) -> Tool:
    """The program with a store of its own, and the compiled rules that all tests share."""
    home, cache = tmp_path / "home", tmp_path / "cache"
    home.mkdir()
    cache.mkdir(mode=0o700)
    for database in shared_cache.glob("*.hsdb"):
        os.link(database, cache / database.name)
    return Tool(home, cache)


@pytest.fixture
def repo(tmp_path: Path, tool: Tool) -> Repo:
    """A new repository without a commit."""
    return Repo(tmp_path / "repo", tool.home).init()


@pytest.fixture
def guarded(repo: Repo, tool: Tool) -> Repo:
    """A repository with a commit and our hooks, which run for it alone."""
    repo.commit({"a.txt": "1\n", "b.txt": "1\n", "sub/c.txt": "1\n"})
    return with_hooks(repo, tool)


@pytest.fixture
def scan(tool: Tool) -> Scan:
    """Scans a repository from inside of it, so that paths are relative to it."""

    def scan(repo: Repo, *arguments: str | Path, **options: Any) -> Told:
        return tool.told(*arguments, **{"cwd": repo.path, **options})

    return scan


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A Hub on the loopback without a repository."""
    with serving() as hub:
        yield hub


@pytest.fixture
def hub_tool(tmp_path: Path, shared_cache: Path, hub: Hub) -> HubTool:
    """`modelguard scan-hub`, which asks that Hub."""
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    return HubTool(Program(home, shared_cache), hub)
