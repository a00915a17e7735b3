"""Refs, heads and alternates that lead nowhere, in a circle, or are very many; a repository without any commit."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, planted

TOKEN = planted()
NOWHERE = "1" * 40
_MANY = 100_000
_MOST_SHOWN = 100


@pytest.fixture
def removed(repo: Repo) -> Repo:
    repo.commit({"a.txt": TOKEN})
    repo.commit({"a.txt": "clean\n"})
    return repo


def gaps(repo: Repo, scan: Scan, status: int) -> list[tuple[str, str]]:
    """Where the gaps are, and their reasons; each time the value is found if the status says so."""
    for _ in range(2):
        told = scan(repo)
        assert told.status == status, told.document
        assert len(told.all(TOKEN)) == (status == 1)
        assert all("`git " in gap["detail"] for gap in told.gaps)
    return [(gap["inner"], gap["reason"]) for gap in told.gaps]


@pytest.mark.parametrize("packed", [True, False])
def test_refs_that_point_nowhere(removed: Repo, scan: Scan, packed: bool) -> None:
    if packed:
        removed.write(".git/packed-refs", f"{NOWHERE} refs/heads/lost\n{NOWHERE} refs/tags/v1\n")
    else:
        removed.write(".git/refs/heads/lost", f"{NOWHERE}\n")
    removed.write(".git/refs/remotes/origin/HEAD", "ref: refs/remotes/origin/gone\n")  # as when a branch is renamed
    assert gaps(removed, scan, 1) == [("refs/heads/lost", "missing")]
    assert scan(removed).one(TOKEN)["refs"] == ["refs/heads/main"]


def test_refs_that_point_nowhere_and_nothing_is_found(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "clean\n"})
    repo.write(".git/refs/heads/lost", f"{NOWHERE}\n")
    assert gaps(repo, scan, 2) == [("refs/heads/lost", "missing")]


def test_ref_without_content(removed: Repo, scan: Scan) -> None:
    """What a machine that loses power leaves."""
    removed.write(".git/refs/heads/empty", "")
    removed.write(".git/refs/heads/zeros", b"\0" * 41)
    told = scan(removed)
    assert (told.status, told.one(TOKEN)["refs"]) == (1, ["refs/heads/main"])


def test_names_that_are_no_text(removed: Repo, scan: Scan) -> None:
    removed.write(".git/packed-refs", f"{removed.head()} refs/heads/caf".encode() + b"\xe9\n")
    first = scan(removed)
    assert first.one(TOKEN)["refs"] == ["refs/heads/caf\\xe9", "refs/heads/main"]
    again = scan(removed)
    assert (again.same(), again.document["stats"]["remembered"] > 0) == (first.same(), True)


def test_tags_of_tags(removed: Repo, scan: Scan) -> None:
    """A ref may lead to a commit, or to a blob, over any number of tags."""
    removed.git("tag", "-a", "one", "-m", "1", "HEAD~")
    for number, inner in (("two", "one"), ("three", "two")):
        removed.git("tag", "-a", number, "-m", number, inner)
    removed.git("tag", "-a", "content", "-m", "4", "HEAD~:a.txt")
    removed.git("tag", "-a", "around", "-m", "5", "content")
    removed.git("tag", "folder", "HEAD~^{tree}")
    found = scan(removed).one(TOKEN)
    tags = ("around", "content", "folder", "one", "three", "two")
    assert found["refs"] == ["refs/heads/main", *(f"refs/tags/{name}" for name in tags)]


def test_head_that_points_nowhere(removed: Repo, scan: Scan) -> None:
    removed.write(".git/HEAD", "ref: refs/heads/unborn\n")
    assert gaps(removed, scan, 1) == []
    removed.write(".git/HEAD", f"{NOWHERE}\n")
    assert gaps(removed, scan, 1) == [("HEAD", "missing")]
    removed.write(".git/HEAD", "nonsense\n")
    told = scan(removed)
    assert (told.status, [gap["reason"] for gap in told.gaps]) == (2, ["unreadable"])
    assert "its history was not looked at" in told.gaps[0]["detail"]


def test_no_commit(repo: Repo, scan: Scan) -> None:
    repo.write("a.txt", "clean\n")
    assert gaps(repo, scan, 0) == []
    repo.write("a.txt", TOKEN)
    assert gaps(repo, scan, 1) == []
    (repo.path / "a.txt").unlink()
    assert [gap["reason"] for gap in scan(repo).gaps] == ["nothing-to-scan"]


def test_alternate_that_is_gone(removed: Repo, scan: Scan) -> None:
    removed.git("clone", "--quiet", "--shared", removed.path, removed.path.parent / "clone")
    clone = removed.other("clone")
    assert gaps(clone, scan, 1) == []
    lost = removed.path / ".git/objects"
    shutil.move(removed.path, removed.path.parent / "moved")
    told = scan(clone)
    assert told.status == 2
    assert (f"alternate {lost}", "missing") in [(gap["inner"], gap["reason"]) for gap in told.gaps]
    clone.write("b.txt", TOKEN)
    clone.git("hash-object", "-w", "b.txt")
    (clone.path / "b.txt").unlink()
    assert scan(clone).status == 1


def test_alternates_in_a_circle(removed: Repo, scan: Scan, tmp_path: Path) -> None:
    other = removed.other("other").init()
    other.commit({"b.txt": planted(1)})
    other.write(".git/objects/info/alternates", f"{removed.path}/.git/objects\n")
    removed.write(".git/objects/info/alternates", f"{other.path}/.git/objects\n{removed.path}/.git/objects\n")
    assert gaps(removed, scan, 1) == []
    assert scan(removed).one(planted(1))["reachable"] is False


def test_very_many_refs(removed: Repo, scan: Scan) -> None:
    """All of them are looked at, and so many are told that a report can be read."""
    holds, before = removed.head(), removed.git("commit-tree", "-m", "before", removed.head("HEAD^{tree}"))
    refs = "".join(f"{holds if number % 2 else before} refs/tags/v{number:06}\n" for number in range(_MANY))
    removed.write(".git/packed-refs", f"# pack-refs with: peeled fully-peeled sorted \n{refs}")
    told = scan(removed)
    found = told.one(TOKEN)
    assert found["refs"] == [
        "refs/heads/main",
        *(f"refs/tags/v{2 * number + 1:06}" for number in range(_MOST_SHOWN - 1)),
    ]
    assert (told.gaps, [each["deed"] for each in found["commits"]]) == ([], ["introduced", "removed"])
