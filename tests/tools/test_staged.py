"""`scan --staged`: what the next commit would hold, whatever lies in the work tree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Told, Tool, planted

TOKEN, OTHER = planted(0), planted(1)


def places(told: Told) -> list[str]:
    return [each["path"] for each in told.findings]


def test_the_index_and_not_the_work_tree(repo: Repo, scan: Scan) -> None:
    for _ in range(2):  # before there is a commit, and after
        repo.write("a.txt", f"1\n{TOKEN}\n")
        repo.write("b.txt", "clean\n")
        repo.git("add", "--all")
        repo.write("a.txt", "clean\n")
        repo.write("b.txt", OTHER)
        repo.write("c.txt", OTHER)
        told = scan(repo, "--staged")
        assert (places(told), told.one(TOKEN)["line"], told.status) == (["a.txt"], 2, 1)
        assert (told.one(TOKEN)["commits"], told.document["stats"]["blobs"]) == ([], 2)
        (repo.path / "c.txt").unlink()
        repo.git("rm", "--cached", "-rqf", ".")
        repo.git("commit", "--quiet", "--allow-empty", "-m", "first")


def test_what_is_committed_already_is_not_looked_at(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": TOKEN})
    told = scan(repo, "--staged")
    assert (told.findings, told.gaps, told.status) == ([], [], 0)
    repo.git("checkout", "--quiet", "--detach")
    repo.write("b.txt", OTHER)
    repo.git("add", "b.txt")
    assert places(scan(repo, "--staged")) == ["b.txt"]


def test_renamed_removed_and_changed_modes(repo: Repo, scan: Scan) -> None:
    repo.commit({"from.txt": f"{TOKEN}\n" * 5, "gone.txt": OTHER, "mode.sh": planted(2), "kind": "x"})
    repo.git("mv", "from.txt", "to.txt")
    repo.git("rm", "--quiet", "gone.txt")
    repo.git("update-index", "--chmod=+x", "mode.sh")
    (repo.path / "kind").unlink()
    (repo.path / "kind").symlink_to(planted(3))
    repo.git("add", "kind")
    told = scan(repo, "--staged")
    assert set(places(told)) == {"to.txt", "mode.sh", "kind"}
    repo.git("reset", "--quiet", "--hard")
    repo.git("rm", "--quiet", "gone.txt")
    told = scan(repo, "--staged")
    assert (told.findings, told.gaps, told.status) == ([], [], 0)


def test_odd_names_and_kinds(repo: Repo, scan: Scan) -> None:
    """For a first commit and a later one, which git tells in different ways."""
    names = [b"a b\nc.txt", b"caf\xe9.txt", b"\t:x", b"-o"]
    for _ in range(2):
        for number, name in enumerate(names):
            repo.write(name, planted(number))
        (repo.path / "link").symlink_to(planted(5))
        repo.git("add", "--all")
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
        repo.write("later.txt", planted(6))
        repo.git("add", "--intent-to-add", "later.txt")
        told = scan(repo, "--staged", "--exclude", "-o")
        expected = {name.decode("utf-8", "backslashreplace") for name in names} - {"-o"}
        assert set(places(told)) == expected | {"link"}
        assert (told.left_out("-o"), told.gaps) == ("excluded by settings", [])
        assert "submodule" in told.left_out("sub")
        repo.git("rm", "--cached", "-rqf", ".")
        repo.git("commit", "--quiet", "--allow-empty", "-m", "first")
        for name in ("link", "later.txt"):
            (repo.path / name).unlink()


def test_merge(repo: Repo, scan: Scan) -> None:
    """A conflict cannot be looked at before it is resolved; afterwards what the merge brings is."""
    repo.commit({"a.txt": "1\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"a.txt": "2\n", "b.txt": OTHER})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"a.txt": "3\n"})
    repo.git("merge", "--quiet", "side", check=False)
    told = scan(repo, "--staged")
    assert [(gap["path"], gap["reason"]) for gap in told.gaps] == [("a.txt", "malformed")]
    assert places(told) == ["b.txt"]
    repo.write("a.txt", TOKEN)
    repo.git("add", "a.txt")
    told = scan(repo, "--staged")
    assert (sorted(places(told)), told.gaps) == (["a.txt", "b.txt"], [])


def test_rebase(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "1\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"a.txt": TOKEN})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"a.txt": "3\n"})
    repo.git("rebase", "--quiet", "main", "side", check=False)
    assert scan(repo, "--staged").status == 2
    repo.write("a.txt", f"1\n{TOKEN}")
    repo.git("add", "a.txt")
    assert scan(repo, "--staged").one(TOKEN)["line"] == 2


def test_from_below_and_from_outside(repo: Repo, scan: Scan, tool: Tool, tmp_path: Path) -> None:
    repo.commit({"sub/a.txt": "1\n"})
    repo.write("top.txt", TOKEN)
    repo.write("sub/node_modules/x.js", OTHER)
    repo.git("add", "--all")
    below = scan(repo, "--staged", cwd=repo.path / "sub")
    assert places(below) == ["../top.txt"]
    assert "third-party" in below.left_out("../sub/node_modules/x.js")
    assert places(scan(repo, "--staged", repo.path, cwd=tmp_path)) == ["repo/top.txt"]
    assert places(scan(repo, "--staged", "sub", cwd=repo.path)) == ["top.txt"]
    linked = repo.other("linked")
    repo.git("worktree", "add", "--quiet", linked.path)
    linked.write("mine.txt", planted(2))
    linked.git("add", "mine.txt")
    assert places(scan(linked, "--staged")) == ["mine.txt"]
    assert places(scan(repo, "--staged")) == ["top.txt"]


def test_no_repository(repo: Repo, tool: Tool) -> None:
    bare = repo.other("bare.git").init("--bare")
    for folder, words in ((bare.path, "bare"), (tool.home, "not a git repository")):
        ran = tool("scan", "--staged", cwd=folder)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert words in ran.stderr


@pytest.mark.parametrize("relative", [False, True])
def test_told_which_repository(repo: Repo, scan: Scan, tmp_path: Path, relative: bool) -> None:
    """As git tells its hooks and as people set it themselves, from here."""
    repo.commit({"a.txt": "1\n"})
    repo.write("b.txt", TOKEN)
    repo.git("add", "b.txt")
    (tmp_path / "elsewhere").mkdir()

    def named(path: Path) -> str:
        return os.path.relpath(path, tmp_path) if relative else str(path)

    env = {"GIT_DIR": named(repo.path / ".git"), "GIT_WORK_TREE": named(repo.path)}
    assert places(scan(repo, "--staged", cwd=tmp_path, env=env)) == ["repo/b.txt"]
    del env["GIT_WORK_TREE"]
    assert places(scan(repo, "--staged", cwd=tmp_path, env=env)) == ["b.txt"]


def test_an_index_of_one_repository_is_not_another_s(repo: Repo, scan: Scan) -> None:
    """A hook may look at a second repository: what git said of the first does not hold there."""
    other = repo.other("other").init()
    for each, token in ((repo, TOKEN), (other, OTHER)):
        each.write("a.txt", token)
        each.git("add", "a.txt")
    told = scan(repo, "--staged", other.path, env={"GIT_INDEX_FILE": str(repo.path / ".git/index")})
    assert [each["fingerprint"] for each in told.findings] == [told.one(OTHER)["fingerprint"]]
