"""However a repository keeps its objects, what is there is found, and what is not there is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import ALLOW, Repo, planted

TOKEN = planted()
LINE = f"first\ntoken = '{TOKEN}'\n"


@pytest.fixture
def removed(repo: Repo) -> Repo:
    """A repository whose last commit but one brought the value in, and whose last one took it out."""
    repo.commit({"a.txt": "nothing\n", "b.txt": "clean\n"})
    repo.commit({"b.txt": LINE})
    repo.commit({"b.txt": "clean\n"})
    return repo


def check(repo: Repo, told_in: Scan, path: str = "b.txt", refs: tuple[str, ...] = ("refs/heads/main",)) -> None:
    """The value is found, and told as it is."""
    found = told_in(repo).one(TOKEN)
    assert (found["path"], found["line"], found["in_tree"], found["reachable"]) == (path, 2, False, True)
    assert found["refs"] == list(refs)
    assert found["commits"] == [
        repo.commit_of(repo.head("main~1"), path, 2, "introduced"),
        repo.commit_of(repo.head("main"), path, 2, "removed"),
    ]


def test_loose_then_packed_then_both(removed: Repo, scan: Scan) -> None:
    check(removed, lambda repo: scan(repo, "--no-cache"))
    removed.git("gc", "--quiet", "--prune=now")
    assert not list((removed.path / ".git/objects").glob("??/*"))
    check(removed, lambda repo: scan(repo, "--no-cache"))
    removed.git("repack", "-a", "-d", "--write-midx", "--quiet")
    removed.git("commit-graph", "write", "--reachable")
    check(removed, lambda repo: scan(repo, "--no-cache"))
    removed.commit({"c.txt": planted(1)})
    told = scan(removed, "--no-cache")
    assert told.one(TOKEN)
    assert told.one(planted(1))["path"] == "c.txt"


def test_sha256(tmp_path: Path, repo: Repo, scan: Scan) -> None:
    repo = repo.other("sha256").init("--object-format=sha256")
    repo.commit({"a.txt": "nothing\n", "b.txt": "clean\n"})
    repo.commit({"b.txt": LINE})
    repo.commit({"b.txt": "clean\n"})
    assert len(repo.head()) == 64
    check(repo, scan)
    repo.git("gc", "--quiet", "--prune=now")
    check(repo, scan)
    repo.commit({"c.txt": planted(1)})
    assert scan(repo).one(planted(1))["path"] == "c.txt"


def test_alternate(removed: Repo, scan: Scan) -> None:
    """A clone that borrows its objects, also those that only the other one's reflog has."""
    amended = removed.commit({"c.txt": planted(1)})
    removed.commit({"c.txt": "clean\n"}, "better", "--amend")
    removed.git("reset", "--hard", "HEAD~")
    removed.git("clone", "--quiet", "--shared", removed.path, removed.path.parent / "clone")
    clone = removed.other("clone")
    assert not list((clone.path / ".git/objects").glob("??/*"))
    check(clone, scan, refs=("refs/heads/main", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"))
    found = scan(clone).one(planted(1))
    assert (found["reachable"], found["refs"]) == (False, [])
    assert found["commits"] == [removed.commit_of(amended, "c.txt", 1, "introduced")]


def test_alternate_named_in_quotes(removed: Repo, scan: Scan) -> None:
    """git writes a path so that begins with a quote; a later scan must see new packs there, too."""
    clone = removed.other("clone").init()
    objects = removed.path / ".git/objects"
    clone.write(".git/objects/info/alternates", f'"{objects}"\n')
    clone.git("update-ref", "refs/heads/main", removed.head("main~2"))
    clone.git("reset", "--hard")
    assert scan(clone).one(TOKEN)["reachable"] is False
    removed.commit({"c.txt": planted(1)})
    assert scan(clone).one(planted(1))["reachable"] is False


def test_shallow_clone(removed: Repo, scan: Scan) -> None:
    removed.commit({"c.txt": planted(1)})
    tip = removed.commit({"c.txt": None})
    clone = removed.clone("shallow", "--depth=2")
    told = scan(clone)
    assert told.all(TOKEN) == []
    found = told.one(planted(1))
    assert [(each["sha"], each["deed"]) for each in found["commits"]] == [
        (removed.head("main~1"), "introduced"),
        (tip, "removed"),
    ]
    assert [(gap["path"], gap["reason"]) for gap in told.gaps] == [(".git", "missing")]
    assert "git fetch --unshallow" in told.gaps[0]["detail"]
    assert scan(clone).same() == told.same()
    clone.git("fetch", "--quiet", "--unshallow")
    told = scan(clone)
    assert (told.gaps, told.one(TOKEN)["path"]) == ([], "b.txt")


def test_shallow_clone_without_a_leak_is_not_clean(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "1\n"})
    repo.commit({"a.txt": "2\n"})
    assert scan(repo.clone("shallow", "--depth=1")).status == 2


@pytest.mark.parametrize("limit", ["blob:none", "tree:0"])
def test_partial_clone(removed: Repo, scan: Scan, limit: str) -> None:
    """Objects that were not fetched are said, and not fetched now."""
    removed.git("config", "uploadpack.allowFilter", "true")
    removed.commit({"c.txt": planted(1)})
    clone = removed.clone("partial", f"--filter={limit}")
    before = clone.git("cat-file", "--batch-all-objects", "--batch-check")
    told = scan(clone)
    assert clone.git("cat-file", "--batch-all-objects", "--batch-check") == before
    assert told.all(TOKEN) == []
    assert told.one(planted(1))["path"] == "c.txt"
    missing = [gap for gap in told.gaps if gap["reason"] == "missing"]
    assert [gap["path"] for gap in missing] == [".git"]
    assert "git fetch --refetch --no-filter" in missing[0]["detail"]
    assert scan(clone, "--no-history").status == 1
    assert scan(clone, "--history-only").status in (1, 2)


def test_bare(removed: Repo, scan: Scan) -> None:
    removed.commit({"c.txt": f"{planted(1)}  # {ALLOW}[hf-user-token] a test's own\n"})
    removed.git("notes", "add", "-m", f"{planted(2)}")
    removed.git("clone", "--quiet", "--mirror", removed.path, removed.path.parent / "bare.git")
    bare = removed.other("bare.git")
    told = scan(bare)
    found = told.one(TOKEN)
    assert (found["path"], found["line"], found["refs"]) == ("b.txt", 2, ["refs/heads/main"])
    assert [each["deed"] for each in found["commits"]] == ["introduced", "removed"]
    assert (told.one(planted(1))["status"], told.one(planted(1))["in_tree"]) == ("allowed", True)
    assert told.one(planted(2))["refs"] == ["refs/notes/commits"]
    elsewhere = scan(bare, bare.path, cwd=bare.home).one(TOKEN)
    assert elsewhere["path"] == f"{bare.path}/b.txt"


def test_bare_repository_in_a_folder(removed: Repo, scan: Scan, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    removed.git("clone", "--quiet", "--bare", removed.path, folder / "x.git")
    found = scan(removed, ".", cwd=folder).one(TOKEN)
    assert found["path"] == "x.git/b.txt"


def test_linked_work_tree(removed: Repo, scan: Scan) -> None:
    """It shares all objects, and its index is its own; both are told from either side, and once from both."""
    linked = removed.path.parent / "linked"
    removed.git("worktree", "add", "--quiet", "-b", "side", linked)
    other = removed.other("linked")
    other.write("staged.txt", planted(1))
    other.git("add", "staged.txt")
    (linked / "staged.txt").unlink()
    refs = ("refs/heads/main", "refs/heads/side")
    check(removed, scan, refs=refs)
    check(other, scan, refs=refs)
    for place in (removed, other):
        found = scan(place).one(planted(1))
        assert (found["path"], found["refs"], found["reachable"], found["commits"]) == (
            "staged.txt",
            ["index"],
            True,
            [],
        )
    both = scan(removed, removed.path, linked, cwd=removed.path.parent)
    assert both.one(TOKEN)["path"] == "repo/b.txt"


def test_index(repo: Repo, scan: Scan) -> None:
    """Staged and never committed, before there is any commit, and after."""
    for _ in range(2):
        repo.write("b.txt", LINE)
        repo.git("add", "b.txt")
        repo.write("b.txt", "clean\n")
        found = scan(repo).one(TOKEN)
        assert (found["path"], found["line"], found["refs"]) == ("b.txt", 2, ["index"])
        assert (found["reachable"], found["in_tree"], found["commits"]) == (True, False, [])
        repo.git("rm", "--cached", "--quiet", "-f", "b.txt")
        repo.git("commit", "--quiet", "--allow-empty", "-m", "first")


def test_replaced_commit(removed: Repo, scan: Scan) -> None:
    """`git replace` hides a commit from people, and what replaces it may hold a value of its own."""
    brought, took = removed.head("main~1"), removed.head("main")
    tree = removed.git("rev-parse", "main~2^{tree}")
    clean = removed.git("commit-tree", tree, "-p", "main~2", "-m", "replacement")
    blob = removed.git("hash-object", "-w", "--stdin", stdin=planted(1).encode())
    other = removed.git("mktree", stdin=f"100644 blob {blob}\tb.txt\n".encode())
    dirty = removed.git("commit-tree", other, "-p", "main~2", "-m", "replacement")
    removed.git("replace", brought, clean)
    removed.git("replace", took, dirty)
    assert TOKEN not in removed.git("log", "-p", "main")
    told = scan(removed)
    found = told.one(TOKEN)
    assert [(each["sha"], each["deed"]) for each in found["commits"]] == [(brought, "introduced"), (took, "removed")]
    assert (found["path"], found["refs"]) == ("b.txt", ["refs/heads/main"])
    assert told.one(planted(1))["refs"] == [f"refs/replace/{took}"]


def test_grafts(removed: Repo, scan: Scan) -> None:
    """A graft cuts history off where it shows; git still keeps and pushes what is behind it."""
    removed.write(".git/info/grafts", f"{removed.head('main')}\n")
    assert removed.git("rev-list", "--count", "main") == "1"
    told = scan(removed)
    found = told.one(TOKEN)
    assert (found["refs"], [each["deed"] for each in found["commits"]]) == (
        ["refs/heads/main"],
        ["introduced", "removed"],
    )


def test_damage_is_said_and_the_rest_is_found(removed: Repo, scan: Scan) -> None:
    """A ref that points at nothing, and a commit whose parent is gone."""
    told = scan(removed)
    middle = removed.head("main~1")
    (removed.path / ".git/objects" / middle[:2] / middle[2:]).unlink()
    told = scan(removed)
    assert told.one(TOKEN)["path"]
    assert [gap for gap in told.gaps if gap["reason"] == "malformed"]
    assert told.status == 1


def test_a_broken_ref_hides_nothing(removed: Repo, scan: Scan) -> None:
    removed.write(".git/refs/heads/broken", "1" * 40 + "\n")
    check(removed, scan)
