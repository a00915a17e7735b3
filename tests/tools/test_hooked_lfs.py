"""Pushes of LFS objects with real git-lfs: nothing is sent before our hook has looked into them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from tests.tools.hooked import commits, pushes, with_hooks
from tests.tools.lfs_server import LfsServer, lfs_server
from tests.tools.repo import Repo, Tool, planted

ATTRIBUTES = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n"


def model(author: str) -> bytes:
    """A safetensors file with one tensor and an author."""
    head = {"__metadata__": {"author": author}, "w": {"dtype": "F32", "shape": [256], "data_offsets": [0, 1024]}}
    text = json.dumps(head).encode()
    return len(text).to_bytes(8, "little") + text + bytes(range(256)) * 4


@pytest.fixture
def server() -> Iterator[LfsServer]:
    with lfs_server() as held:
        yield held


@pytest.fixture
def repo(repo: Repo, server: LfsServer) -> Repo:
    """A repository in which git-lfs keeps models; it has put its hooks where there were none."""
    settings = repo.home / "gitconfig"
    repo.more.update(GIT_CONFIG_GLOBAL=str(settings), GIT_ALLOW_PROTOCOL="file:http")
    repo.git("lfs", "install", "--skip-repo")
    remote = repo.other("remote.git").init("--bare")
    repo.git("remote", "add", "origin", f"file://{remote.path}")
    repo.git("config", "lfs.url", server.address)
    repo.git("config", "lfs.locksverify", "false")
    return repo


def stopped_and_then_sent(repo: Repo, server: LfsServer) -> None:
    repo.commit({"model.safetensors": model(planted())}, "work", "--no-verify")
    assert repo.git("show", "HEAD:model.safetensors").startswith("version https://git-lfs.github.com/spec/v1")
    assert not pushes(repo, "origin", "main")
    assert server.asked == [] and server.objects == {}
    clean = model("somebody")
    repo.commit({"model.safetensors": clean}, "work", "--no-verify", "--amend")
    assert repo.tried("push", "origin", "main").returncode == 0  # git-lfs says how much it sends
    assert server.objects == {hashlib.sha256(clean).hexdigest(): clean}
    assert "POST /objects/batch" in server.asked


def test_hook_of_git_lfs_that_was_there(repo: Repo, tool: Tool, server: LfsServer) -> None:
    repo.git("lfs", "install", "--local")
    repo.commit({".gitattributes": ATTRIBUTES})
    was = (repo.path / ".git/hooks/pre-push").read_bytes()
    assert b"git lfs pre-push" in was
    with_hooks(repo, tool)
    assert (repo.path / ".git/hooks/pre-push.before-modelguard").read_bytes() == was
    stopped_and_then_sent(repo, server)


def test_git_lfs_that_comes_later(repo: Repo, tool: Tool, server: LfsServer) -> None:
    """It puts no hook where one is, and says so or not; without one, a push would bring pointers to nothing."""
    repo.commit({"a.txt": "1\n"})
    with_hooks(repo, tool)
    assert repo.tried("lfs", "install", "--local").returncode == 2
    repo.commit({".gitattributes": ATTRIBUTES})
    assert b"modelguard" in (repo.path / ".git/hooks/pre-push").read_bytes()
    stopped_and_then_sent(repo, server)


def test_what_is_staged(repo: Repo, tool: Tool) -> None:
    """A commit holds a pointer; what it stands for lies beside the repository already."""
    repo.commit({".gitattributes": ATTRIBUTES})
    with_hooks(repo, tool)
    repo.write("model.safetensors", model(planted()))
    repo.git("add", "model.safetensors")
    assert not commits(repo, "commit", "-m", "x")
    repo.write("model.safetensors", model("somebody"))
    assert commits(repo, "commit", "-a", "-m", "x")


def test_what_lies_between_two_commits(repo: Repo, tool: Tool) -> None:
    """Of what a pointer stands for all is new: git knows no lines of it."""
    repo.commit({".gitattributes": ATTRIBUTES, "model.safetensors": model("somebody")})
    repo.commit({"model.safetensors": model(planted())})
    repo.commit({"a.txt": "1\n"})
    told = tool.told("--diff", "HEAD~2..HEAD", cwd=repo.path)
    assert told.status == 1 and told.one(planted())["path"] == "model.safetensors"
    assert tool.told("--diff", "HEAD~1..HEAD", cwd=repo.path).status == 0


def test_object_that_is_not_here(repo: Repo, tool: Tool, server: LfsServer) -> None:
    """It cannot be sent either: git-lfs, which runs after us, says so."""
    repo.commit({".gitattributes": ATTRIBUTES, "model.safetensors": model("somebody")})
    with_hooks(repo, tool)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 5\n"
    name = repo.git("hash-object", "-w", "--stdin", stdin=pointer.encode())
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{name},gone.safetensors")
    told = tool.told("--staged", cwd=repo.path)
    assert told.status == 0
    assert [each["reason"] for each in told.document["left_out"]] == [
        "a git LFS object that is not here (git lfs fetch --all)"
    ]
    assert commits(repo, "commit", "-m", "x")
    ran = repo.tried("push", "origin", "main")
    assert ran.returncode != 0 and b"0" * 64 in ran.stderr and b"modelguard" not in ran.stderr
    assert "0" * 64 not in server.objects
