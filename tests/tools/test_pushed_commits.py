"""What `modelguard hook pre-push` looks at: what the other side does not have, whatever git or a framework tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.tools.repo import Repo, Told, Tool, planted

ZERO = "0" * 40


@pytest.fixture
def pushed(repo: Repo) -> Repo:
    """A repository whose first two commits, with value 0, are on the remote."""
    repo.commit({"a.txt": f"{planted(0)}\n"})
    repo.commit({"b.txt": "1\n"})
    repo.git("remote", "add", "origin", "file:///x")
    repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    return repo


def told(repo: Repo, tool: Tool, *lines: tuple[str, str], remote: str = "origin", **env: str) -> Told:
    """What the hook says of refs that are pushed, each given by its local and its remote id."""
    stdin = "".join(f"refs/heads/x {local} refs/heads/y {there}\n" for local, there in lines)
    ran = tool(
        "hook", "pre-push", remote, "file:///x" if remote == "origin" else remote, "--output", f"json={tool.home}/out.json", "--fail-on", "low",
        cwd=repo.path, input=stdin, env=env,
    )  # fmt: skip
    file = tool.home / "out.json"
    document: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    file.unlink(missing_ok=True)
    return Told(ran.returncode, document, ran.stderr + ran.stdout)


def values(found: Told) -> set[int]:
    return {number for number in range(6) if found.all(planted(number))}


def test_new_commits_alone(pushed: Repo, tool: Tool) -> None:
    old = pushed.head()
    assert (told(pushed, tool, (old, old)).status, told(pushed, tool, (old, ZERO)).status) == (0, 0)
    leak = pushed.commit({"a.txt": f"changed\n{planted(0)}\n", "sub/c.txt": planted(1)}, f"says {planted(2)}")
    pushed.commit({"sub/c.txt": None})
    found = told(pushed, tool, (pushed.head(), old))
    assert (found.status, values(found)) == (1, {1, 2})
    assert found.one(planted(1))["path"] == "sub/c.txt"
    assert found.one(planted(1))["commits"][0]["sha"] == leak
    assert not found.gaps


def test_a_new_branch_brings_what_no_branch_of_the_remote_has(pushed: Repo, tool: Tool) -> None:
    pushed.commit({"c.txt": planted(1)})
    assert values(told(pushed, tool, (pushed.head(), ZERO))) == {1}
    assert values(told(pushed, tool, (pushed.head(), ZERO), remote="elsewhere")) == {0, 1}
    assert values(told(pushed, tool, (pushed.head(), ZERO), remote="https://user:pass@host.test/x")) == {0, 1}


def test_what_the_remote_says_it_has_may_be_unknown_here(pushed: Repo, tool: Tool) -> None:
    pushed.commit({"c.txt": planted(1)})
    assert values(told(pushed, tool, (pushed.head(), "1" * 40))) == {1}


def test_after_an_amend_the_new_commit_counts(pushed: Repo, tool: Tool) -> None:
    pushed.commit({"c.txt": planted(1)})
    pushed.git("update-ref", "refs/remotes/origin/main", "HEAD")
    before = pushed.head()
    pushed.commit({"c.txt": f"{planted(1)}\n{planted(2)}\n"}, "again", "--amend")
    assert values(told(pushed, tool, (pushed.head(), before))) == {1, 2}


def test_several_refs_at_once(pushed: Repo, tool: Tool) -> None:
    old = pushed.head()
    one = pushed.commit({"c.txt": planted(1)})
    pushed.git("checkout", "--quiet", "-b", "side", old)
    two = pushed.commit({"d.txt": planted(2)})
    assert values(told(pushed, tool, (one, old), (two, ZERO), (ZERO, old))) == {1, 2}


def test_tags_with_their_texts_and_what_they_name(pushed: Repo, tool: Tool) -> None:
    pushed.git("tag", "-a", "v1", "-m", f"says {planted(1)}")
    assert values(told(pushed, tool, (pushed.head("v1"), ZERO))) == {1}
    pushed.git("tag", "-a", "v2", "-m", "a tag of a tag", "v1")
    assert values(told(pushed, tool, (pushed.head("v2"), ZERO))) == {1}
    blob = pushed.git("hash-object", "-w", "--stdin", stdin=planted(2).encode())
    pushed.git("tag", "blob", blob)
    assert values(told(pushed, tool, (blob, ZERO))) == {2}
    listing = f"100644 blob {blob}\tinside.txt\n"
    tree = pushed.git("mktree", stdin=listing.encode())
    pushed.git("tag", "tree", tree)
    found = told(pushed, tool, (tree, ZERO))
    assert values(found) == {2} and found.one(planted(2))["path"] == "inside.txt"


def test_what_a_merge_alone_brings(pushed: Repo, tool: Tool) -> None:
    old = pushed.head()
    pushed.git("checkout", "--quiet", "-b", "side")
    pushed.commit({"c.txt": "side\n"})
    pushed.git("checkout", "--quiet", "main")
    pushed.commit({"d.txt": "main\n"})
    pushed.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
    pushed.commit({"evil.txt": planted(1)})
    assert values(told(pushed, tool, (pushed.head(), old))) == {1}


def test_a_value_that_moves_does_not_stop_a_push(pushed: Repo, tool: Tool) -> None:
    old = pushed.head()
    pushed.git("mv", "a.txt", "moved.txt")
    pushed.commit()
    found = told(pushed, tool, (pushed.head(), old))
    assert (found.status, values(found)) == (0, {0})
    assert not found.one(planted(0))["blocking"]


def test_nothing_to_push_says_nothing(pushed: Repo, tool: Tool) -> None:
    for lines in ((), ((ZERO, pushed.head()),)):
        found = told(pushed, tool, *lines)
        assert (found.status, found.stderr) == (0, "")


@pytest.mark.parametrize("line", [b"x\n", b"refs/heads/x 12 refs/heads/y 34\n", b"a b c d e\n", b"\xff\n"])
def test_what_is_not_as_git_tells_it_is_not_let_by(pushed: Repo, tool: Tool, line: bytes) -> None:
    ran = tool("hook", "pre-push", "origin", "x", cwd=pushed.path, input=line.decode("latin-1"))
    assert ran.returncode == 2 and "not as git tells it" in ran.stderr


def test_a_tip_that_is_not_here_is_not_let_by(pushed: Repo, tool: Tool) -> None:
    assert told(pushed, tool, ("1" * 40, ZERO)).status == 2


def test_a_framework_tells_by_its_environment(pushed: Repo, tool: Tool) -> None:
    old = pushed.head()
    pushed.commit({"c.txt": planted(1)})
    refs = {"PRE_COMMIT_TO_REF": pushed.head(), "PRE_COMMIT_FROM_REF": old, "PRE_COMMIT_REMOTE_NAME": "origin"}
    assert values(told(pushed, tool, **refs)) == {1}
    new = {"PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main", "PRE_COMMIT_REMOTE_NAME": "origin"}
    assert values(told(pushed, tool, **new)) == {1}
    assert values(told(pushed, tool, **{**new, "PRE_COMMIT_REMOTE_NAME": "other"})) == {0, 1}


def test_old_commits_of_the_remote_are_not_looked_at(pushed: Repo, tool: Tool) -> None:
    """However many a new branch has: one commit with one file is what is looked at."""
    for number in range(30):
        pushed.commit({"n.txt": f"{number}\n"})
    pushed.git("update-ref", "refs/remotes/origin/main", "HEAD")
    new = pushed.commit({"e.txt": planted(1)})
    found = told(pushed, tool, (new, ZERO))
    assert values(found) == {1}
    assert found.document["stats"]["blobs"] == 2  # the commit's text and the file


def test_settings_cannot_turn_the_history_off(pushed: Repo, tool: Tool) -> None:
    new = pushed.commit({"e.txt": planted(1), ".modelguard.yaml": "history: false\n"})
    assert values(told(pushed, tool, (new, ZERO))) == {1}


def test_from_a_shallow_clone(pushed: Repo, tool: Tool) -> None:
    clone = pushed.clone("shallow", "--depth=1")
    old = clone.head()
    clone.commit({"c.txt": planted(1)})
    found = told(clone, tool, (clone.head(), old))
    assert (found.status, values(found), found.gaps) == (1, {1}, [])


def test_where_git_tells_which_repository_it_is(pushed: Repo, tool: Tool, tmp_path: Path) -> None:
    """A repository whose folder lies apart from its work tree, as for files of a home."""
    new = pushed.commit({"c.txt": planted(1)})
    (tmp_path / "home tree").mkdir()
    apart = Repo(tmp_path / "home tree", pushed.home, pushed.seconds)
    found = told(apart, tool, (new, ZERO), GIT_DIR=str(pushed.path / ".git"), GIT_WORK_TREE=str(apart.path))
    assert (found.status, values(found)) == (1, {1})
