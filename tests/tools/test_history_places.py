"""Wherever git may keep a value, it is found there, once, and said to be held by what holds it."""

from __future__ import annotations

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, planted

TOKEN = planted()
LINE = f"first\ntoken = '{TOKEN}'\n"


def test_commit_message(repo: Repo, scan: Scan) -> None:
    sha = repo.commit({"a.txt": "nothing\n"}, f"Subject\n\nuse {TOKEN} for now")
    told = scan(repo)
    found = told.one(TOKEN)
    assert (found["path"], found["inner"], found["line"]) == (".git", f"commit {sha} message", 3)
    assert found["commits"] == [repo.commit_of(sha, ".git", 3, "introduced")]
    assert found["refs"] == ["refs/heads/main"]
    assert (found["reachable"], found["in_tree"], found["object"]) == (True, False, sha)
    assert told.status == 1


def test_author_name(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "nothing\n"})
    repo.git("commit", "--quiet", "--allow-empty", "-m", "x", f"--author={TOKEN} <who@example.test>")
    found = scan(repo).one(TOKEN)
    assert found["inner"] == f"commit {repo.head()} author"


def test_annotated_tag(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "nothing\n"})
    repo.git("tag", "-a", "v1", "-m", f"release\n\nwith {TOKEN}")
    found = scan(repo).one(TOKEN)
    tag = repo.head("v1")
    assert (found["inner"], found["line"], found["object"]) == (f"tag {tag} message", 3, tag)
    assert (found["refs"], found["reachable"], found["in_tree"]) == (["refs/tags/v1"], True, False)


def test_tag_of_a_tag(repo: Repo, scan: Scan) -> None:
    sha = repo.commit({"a.txt": LINE})
    repo.git("tag", "-a", "inner", "-m", f"with {planted(1)}")
    repo.git("tag", "-a", "outer", "-m", "outer", "inner")
    repo.git("tag", "-d", "inner")
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.git("branch", "-D", "main")
    repo.commit({"a.txt": "nothing\n"})
    told = scan(repo)
    found, message = told.one(TOKEN), told.one(planted(1))
    assert found["commits"] == [repo.commit_of(sha, "a.txt", 2, "introduced")]
    assert (found["refs"], found["reachable"]) == (["refs/tags/outer"], True)
    assert (message["refs"], message["reachable"]) == (["refs/tags/outer"], True)


def test_tag_in_a_merge(repo: Repo, scan: Scan) -> None:
    """A merged tag is written into the merge commit, where it outlives the tag."""
    repo.commit({"a.txt": "nothing\n"})
    tag = b"object %s\ntype commit\ntag v1\ntagger A <a@b.test> 1700000000 +0000\n\nsecret\nis %s\n"
    folded = (tag % (repo.head().encode(), TOKEN.encode())).rstrip(b"\n").replace(b"\n", b"\n ")
    head, _, message = repo.git("cat-file", "commit", "HEAD").partition("\n\n")
    commit = head.encode() + b"\nmergetag " + folded + b"\n\n" + message.encode() + b"\n"
    sha = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=commit)
    repo.git("update-ref", "refs/heads/main", sha)
    found = scan(repo).one(TOKEN)
    assert found["object"] == sha
    assert found["inner"].startswith(f"commit {sha} ")


def test_note(repo: Repo, scan: Scan) -> None:
    sha = repo.commit({"a.txt": "nothing\n"})
    repo.git("notes", "add", "-m", f"note\n{TOKEN}")
    found = scan(repo).one(TOKEN)
    note = repo.head("refs/notes/commits")
    assert (found["path"], found["line"]) == (sha, 2)
    assert found["commits"] == [repo.commit_of(note, sha, 2, "introduced")]
    assert (found["refs"], found["reachable"]) == (["refs/notes/commits"], True)


def test_stashes(repo: Repo, scan: Scan) -> None:
    """The newest one, an older one that only the stash's own log names, and files that git did not track."""
    repo.commit({"a.txt": "nothing\n"})
    for number in range(3):
        repo.write(f"untracked{number}.txt" if number == 1 else "a.txt", f"{planted(number)}\n")
        repo.git("stash", "push", "-u")
    told = scan(repo)
    for number in range(3):
        found = told.one(planted(number))
        assert (found["refs"], found["reachable"], found["in_tree"]) == (["refs/stash"], True, False)
        assert found["path"] == ("untracked1.txt" if number == 1 else "a.txt")
    untracked = repo.head("stash@{1}^3")
    assert told.one(planted(1))["commits"] == [repo.commit_of(untracked, "untracked1.txt", 1, "introduced")]


def test_amended_away(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "nothing\n"})
    sha = repo.commit({"b.txt": LINE})
    repo.commit({"b.txt": "clean\n"}, "better", "--amend")
    found = scan(repo).one(TOKEN)
    assert found["commits"] == [repo.commit_of(sha, "b.txt", 2, "introduced")]
    assert (found["path"], found["refs"], found["reachable"]) == ("b.txt", ["reflog"], False)
    assert "gc --prune=now" in found["remedy"]


def test_dangling_commits(repo: Repo, scan: Scan) -> None:
    """Not even the reflog has them; what they did to the value is still told in their order."""
    repo.commit({"a.txt": "nothing\n"})
    brought = repo.commit({"b.txt": LINE})
    moved = repo.commit({"b.txt": None, "c.txt": LINE})
    removed = repo.commit({"c.txt": "clean\n"})
    again = [repo.commit({"c.txt": LINE if number % 2 == 0 else "clean\n"}) for number in range(6)]
    repo.git("reset", "--hard", "HEAD~9")
    repo.git("reflog", "expire", "--expire=now", "--all")
    found = scan(repo).one(TOKEN)
    assert found["commits"] == [
        repo.commit_of(brought, "b.txt", 2, "introduced"),
        repo.commit_of(moved, "c.txt", 2, "moved"),
        repo.commit_of(removed, "c.txt", 2, "removed"),
        *(
            repo.commit_of(sha, "c.txt", 2, "introduced" if number % 2 == 0 else "removed")
            for number, sha in enumerate(again)
        ),
    ]
    assert (found["path"], found["refs"], found["reachable"]) == ("c.txt", [], False)


def test_deleted_branch(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "nothing\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    sha = repo.commit({"b.txt": LINE})
    repo.git("checkout", "--quiet", "main")
    repo.git("branch", "-D", "side")
    found = scan(repo).one(TOKEN)
    assert found["commits"] == [repo.commit_of(sha, "b.txt", 2, "introduced")]
    assert (found["refs"], found["reachable"]) == (["reflog"], False)


def test_dangling_blob(repo: Repo, scan: Scan) -> None:
    """Staged once and never committed: no path is known, so every rule speaks."""
    repo.commit({"a.txt": "nothing\n"})
    repo.write("b.txt", LINE)
    repo.git("add", "b.txt")
    blob = repo.head(":b.txt")
    repo.git("reset", "--hard")
    (repo.path / "b.txt").unlink(missing_ok=True)
    found = scan(repo).one(TOKEN)
    assert (found["path"], found["line"], found["object"]) == (".git", 2, blob)
    assert (found["commits"], found["refs"], found["reachable"], found["in_tree"]) == ([], [], False, False)


def test_merge_that_adds_what_no_side_had(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "1\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"b.txt": "2\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"c.txt": "3\n"})
    repo.git("merge", "--quiet", "--no-commit", "side")
    merge = repo.commit({"b.txt": LINE}, "merge")
    removed = repo.commit({"b.txt": "2\n"})
    found = scan(repo).one(TOKEN)
    assert repo.git("show", "-s", "--format=%p", merge).count(" ") == 1
    assert found["commits"] == [
        repo.commit_of(merge, "b.txt", 2, "introduced"),
        repo.commit_of(removed, "b.txt", 2, "removed"),
    ]
    assert found["refs"] == ["refs/heads/main"]


@pytest.mark.parametrize("ref", ["refs/pull/1/head", "refs/remotes/origin/side", "refs/odd"])
def test_refs_of_any_kind(repo: Repo, scan: Scan, ref: str) -> None:
    repo.commit({"a.txt": "nothing\n"})
    sha = repo.commit({"b.txt": LINE})
    repo.git("update-ref", ref, sha)
    repo.git("reset", "--hard", "HEAD~")
    found = scan(repo).one(TOKEN)
    assert (found["refs"], found["reachable"]) == ([ref], True)


def test_detached_heads(repo: Repo, scan: Scan) -> None:
    """Of the repository itself and of a work tree that is linked to it."""
    repo.commit({"a.txt": "nothing\n"})
    repo.git("worktree", "add", "--quiet", "--detach", repo.path.parent / "linked")
    linked = repo.other("linked")
    linked.commit({"c.txt": planted(1)})
    linked.commit({"c.txt": "clean\n"})
    repo.git("checkout", "--quiet", "--detach")
    repo.commit({"b.txt": LINE})
    repo.commit({"b.txt": "clean\n"})
    told = scan(repo)
    assert told.one(TOKEN)["refs"] == ["HEAD"]
    found = told.one(planted(1))
    assert (found["refs"], found["reachable"]) == (["worktrees/linked/HEAD"], True)


def test_tags_of_trees_and_blobs(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "nothing\n"})
    blob = repo.git("hash-object", "-w", "--stdin", stdin=LINE.encode())
    repo.git("tag", "blob", blob)
    inner = repo.git("hash-object", "-w", "--stdin", stdin=planted(1).encode())
    tree = repo.git("mktree", stdin=f"100644 blob {inner}\tx.txt\n".encode())
    repo.git("tag", "-a", "tree", "-m", "tree", tree)
    told = scan(repo)
    assert (told.one(TOKEN)["refs"], told.one(TOKEN)["reachable"]) == (["refs/tags/blob"], True)
    assert (told.one(planted(1))["refs"], told.one(planted(1))["reachable"]) == (["refs/tags/tree"], True)
    assert told.one(planted(1))["path"] == "x.txt"
