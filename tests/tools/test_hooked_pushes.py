"""Pushes with the hooks of `modelguard install-hooks`: exactly what the other side lacks is looked at."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.tools.hooked import head, hook, pushes, with_hooks
from tests.tools.repo import Repo, Tool, planted


def past(repo: Repo, files: dict[str, str | bytes | None] | None = None, *options: str) -> str:
    """A commit that our hooks do not see; its id."""
    return repo.commit(files, "work", "--no-verify", *options)


@pytest.fixture
def remote(guarded: Repo) -> Repo:
    """The other side, which has what `guarded` has."""
    remote = guarded.other("remote.git").init("--bare")
    guarded.git("remote", "add", "origin", f"file://{remote.path}")
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    return remote


def looked_at(repo: Repo, tool: Tool, *push: str | Path) -> dict[str, Any]:
    """The report of what our hook looks at in a push that git is about to make: it gets what git tells its hook."""
    told, report = tool.home / "told", tool.home / "report.json"
    path = hook(repo, "pre-push", f'echo "$1" > {told}; echo "$2" >> {told}; cat >> {told}')
    assert repo.tried("push", "--dry-run", *push).returncode == 0
    path.unlink()
    remote, address, lines = told.read_text().split("\n", 2)
    tool("hook", "pre-push", "--output", f"json={report}", "--", remote, address, cwd=repo.path, input=lines)
    return json.loads(report.read_text())


def test_new_branch_and_fast_forward(guarded: Repo, remote: Repo) -> None:
    guarded.git("checkout", "--quiet", "-b", "new")
    past(guarded, {"a.txt": "2\n"})
    assert pushes(guarded, "origin", "new")
    past(guarded, {"a.txt": planted()})
    assert not pushes(guarded, "origin", "new")
    assert not pushes(guarded, "origin", "new:other")
    past(guarded, {"a.txt": "3\n"}, "--amend")
    assert pushes(guarded, "origin", "new")
    assert remote.head("new") == head(guarded)


def test_nothing_to_push(guarded: Repo, remote: Repo) -> None:
    assert pushes(guarded, "origin", "main")
    assert pushes(guarded, "origin", "main:same")


def test_first_push_of_all(guarded: Repo) -> None:
    """Nothing is there yet, so everything is new."""
    empty = guarded.other("empty.git").init("--bare")
    past(guarded, {"old.txt": planted()})
    past(guarded, {"old.txt": None})
    guarded.git("remote", "add", "empty", f"file://{empty.path}")
    assert not pushes(guarded, "--all", "empty")
    assert empty.git("for-each-ref") == ""


def test_force_push(guarded: Repo, remote: Repo) -> None:
    past(guarded, {"a.txt": "2\n"})
    assert pushes(guarded, "origin", "main")
    past(guarded, {"a.txt": planted()}, "--amend")
    assert not pushes(guarded, "--force", "origin", "main")
    past(guarded, {"a.txt": "3\n"}, "--amend")
    assert pushes(guarded, "--force-with-lease", "origin", "main")


def test_force_push_over_what_is_not_here(guarded: Repo, remote: Repo) -> None:
    """Of what the other side has, git names a commit that this side has never had."""
    other = remote.clone("other")
    other.more.clear()
    other.commit({"theirs.txt": "1\n"})
    other.git("push", "--quiet", "origin", "HEAD:main")
    past(guarded, {"a.txt": planted()})
    assert not pushes(guarded, "--force", "origin", "main")
    past(guarded, {"a.txt": "2\n"}, "--amend")
    assert pushes(guarded, "--force", "origin", "main")


def test_several_refs_of_which_one_leaks(guarded: Repo, remote: Repo) -> None:
    for name in ("one", "two", "three"):
        guarded.git("checkout", "--quiet", "-b", name, "main")
        past(guarded, {"a.txt": planted() if name == "two" else name})
    assert not pushes(guarded, "origin", "one", "two", "three")
    assert not pushes(guarded, "--all", "origin")
    assert "two" not in remote.git("for-each-ref") and "one" not in remote.git("for-each-ref")
    assert pushes(guarded, "origin", "one", "three", "main:renamed")


def test_tags(guarded: Repo, remote: Repo) -> None:
    """What is pushed with a tag is its message, too."""
    guarded.git("tag", "light")
    guarded.git("tag", "-a", "clean", "-m", "a release")
    assert pushes(guarded, "origin", "light", "clean")
    guarded.git("tag", "-a", "leaking", "-m", f"with {planted()}")
    assert not pushes(guarded, "origin", "leaking")
    guarded.git("tag", "-a", "outer", "-m", "of a tag", "leaking")
    assert not pushes(guarded, "origin", "outer")
    guarded.git("tag", "--delete", "leaking", "outer")
    assert pushes(guarded, "--tags", "origin")


def test_deleted_branch(guarded: Repo, remote: Repo) -> None:
    """Also together with one that is new."""
    assert pushes(guarded, "origin", "main:gone", "main:gone-too")
    assert pushes(guarded, "--delete", "origin", "gone")
    guarded.git("checkout", "--quiet", "-b", "leaking")
    past(guarded, {"a.txt": planted()})
    assert not pushes(guarded, "origin", ":gone-too", "leaking")
    assert "gone-too" in remote.git("for-each-ref")


def test_leak_that_a_later_commit_takes_away(guarded: Repo, remote: Repo) -> None:
    past(guarded, {"b.txt": "2\n"})
    past(guarded, {"b.txt": planted()})
    past(guarded, {"b.txt": "3\n"})
    assert not pushes(guarded, "origin", "main")
    assert guarded.tried("push", "--no-verify", "origin", "main").returncode == 0
    past(guarded, {"b.txt": "4\n"})
    assert pushes(guarded, "origin", "main"), "what is there already does not come with this push"


def test_leak_that_a_rebase_or_a_cherry_pick_brought(guarded: Repo, remote: Repo) -> None:
    """git has no hook for these commits."""
    guarded.git("checkout", "--quiet", "-b", "side")
    past(guarded, {"d.txt": planted()})
    guarded.git("checkout", "--quiet", "main")
    guarded.git("cherry-pick", "side")
    assert not pushes(guarded, "origin", "main")
    guarded.git("reset", "--quiet", "--hard", "origin/main")
    past(guarded, {"b.txt": "2\n"})
    guarded.git("rebase", "--quiet", "main", "side")
    assert not pushes(guarded, "origin", "side")


def test_merge_that_leaks_by_itself(guarded: Repo, remote: Repo) -> None:
    """In no parent of it, only in how they were joined."""
    guarded.git("checkout", "--quiet", "-b", "side")
    past(guarded, {"d.txt": "d\n"})
    guarded.git("checkout", "--quiet", "main")
    past(guarded, {"e.txt": "e\n"})
    guarded.git("merge", "--quiet", "--no-commit", "side")
    past(guarded, {"f.txt": planted()})
    assert guarded.git("rev-list", "--parents", "-1", "HEAD").count(" ") == 2
    assert not pushes(guarded, "origin", "main")


def test_commit_message(guarded: Repo, remote: Repo) -> None:
    guarded.commit({"a.txt": "2\n"}, f"deploy with {planted()}", "--no-verify")
    assert not pushes(guarded, "origin", "main")


def test_paths_of_any_bytes(guarded: Repo, remote: Repo) -> None:
    for number, name in enumerate((b"with blanks .txt", b"line\nbreak.txt", b"\xff\xfe\x81.txt")):
        guarded.write(name, planted(number))
        past(guarded)
        assert not pushes(guarded, "origin", "main")
        guarded.git("reset", "--quiet", "--hard", "origin/main")


def test_names_of_branches(guarded: Repo, remote: Repo) -> None:
    """What a shell holds in a variable comes out as it went in: dash marks quotes with bytes of these."""
    for name in (b"\xc3\xa4\xc2\x81\xc2\x88", b"it's-$HOME-`x`;&|", b"\x81\x82\xff"):
        guarded.git("checkout", "--quiet", "-b", os.fsdecode(name), "main")
        past(guarded, {"a.txt": planted()})
        assert not pushes(guarded, "origin", os.fsdecode(name))
        past(guarded, {"a.txt": "2\n"}, "--amend")
        assert pushes(guarded, "origin", os.fsdecode(name))


def test_the_last_of_a_thousand_commits(guarded: Repo, remote: Repo) -> None:
    guarded.imported(999, with_files=True)
    past(guarded, {"last.txt": planted()})
    assert guarded.git("rev-list", "--count", "origin/main..main") == "1000"
    assert not pushes(guarded, "origin", "main")
    past(guarded, {"last.txt": "clean\n"}, "--amend")
    assert pushes(guarded, "origin", "main")


def test_old_commits_that_the_other_side_has_are_not_looked_at(guarded: Repo, remote: Repo, tool: Tool) -> None:
    """Whatever the branch is called there, and however the remote is called here."""
    guarded.imported(10_000, with_files=True)
    guarded.git("push", "--quiet", "--no-verify", "origin", "main:elsewhere")
    past(guarded, {"new.txt": "new\n"})
    new = 3  # a commit, its tree (looked at for names only, and not counted) and its blob
    for push in (("origin", "main"), ("origin", "HEAD:refs/heads/third"), (f"file://{remote.path}", "main:fourth")):
        assert looked_at(guarded, tool, *push)["stats"]["blobs"] < new, push
    far = guarded.other("far.git").init("--bare")
    assert looked_at(guarded, tool, f"file://{far.path}", "main")["stats"]["blobs"] > 10_000


def test_from_a_shallow_clone(guarded: Repo, remote: Repo, tool: Tool) -> None:
    past(guarded, {"a.txt": planted()})
    past(guarded, {"a.txt": "2\n"})
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    shallow = with_hooks(remote.clone("shallow", "--depth", "1"), tool)
    past(shallow, {"b.txt": "2\n"})
    assert pushes(shallow, "origin", "main")
    past(shallow, {"b.txt": planted(1)})
    assert not pushes(shallow, "origin", "main:other")


def test_to_an_address(guarded: Repo, remote: Repo, tool: Tool) -> None:
    """That of a remote under another spelling is known; that of nobody is not, so everything is new to it."""
    past(guarded, {"a.txt": planted()})
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    past(guarded, {"a.txt": "2\n"})
    assert pushes(guarded, f"file://{remote.path}", "main:one")
    assert pushes(guarded, remote.path, "main:two")
    unknown = guarded.other("unknown.git").init("--bare")
    assert not pushes(guarded, unknown.path, "main")


def test_a_remote_that_is_pushed_to_elsewhere(guarded: Repo, remote: Repo) -> None:
    """What was fetched from one repository is not in the other one."""
    past(guarded, {"a.txt": planted()})
    guarded.git("push", "--quiet", "--no-verify", "origin", "main")
    past(guarded, {"a.txt": "2\n"})
    public = guarded.other("public.git").init("--bare")
    guarded.git("config", "remote.origin.pushurl", f"file://{public.path}")
    assert not pushes(guarded, "origin", "main")
    guarded.git("config", "remote.origin.pushurl", remote.path)
    assert pushes(guarded, "origin", "main")


def test_from_below_a_linked_work_tree_and_a_git_folder_apart(guarded: Repo, remote: Repo) -> None:
    linked = guarded.other("linked")
    guarded.git("worktree", "add", "--quiet", "-b", "linked", linked.path)
    past(linked, {"sub/c.txt": planted()})
    below = Repo(linked.path / "sub", guarded.home, guarded.seconds, guarded.more)
    apart = Repo(guarded.home, guarded.home, guarded.seconds, guarded.more)
    told = {"GIT_DIR": str(guarded.path / ".git"), "GIT_WORK_TREE": str(guarded.path)}
    assert not pushes(below, "origin", "linked")
    assert not pushes(apart, "origin", "linked", **told)
    past(linked, {"sub/c.txt": "2\n"}, "--amend")
    assert pushes(below, "origin", "linked")
    assert pushes(apart, "origin", "linked:again", **told)


@pytest.mark.parametrize("reads", ["cat > $0.told", "exit 0", "sed q > $0.told"])
def test_what_was_there_runs_afterwards(guarded: Repo, remote: Repo, tool: Tool, reads: str) -> None:
    """With the same arguments and the same standard input, whether or not it reads that."""
    beside = hook(guarded, "pre-push.before-modelguard", f'echo "$@" > $0.arguments\n{reads}')
    past(guarded, {"a.txt": planted()})
    assert not pushes(guarded, "origin", "main")
    assert not Path(f"{beside}.arguments").exists()
    new = past(guarded, {"a.txt": "2\n"}, "--amend")
    old = remote.head("main")
    assert pushes(guarded, "origin", "main", f"main:{'b' * 200}")
    assert Path(f"{beside}.arguments").read_text() == f"origin file://{remote.path}\n"
    if "told" in reads:
        told = Path(f"{beside}.told").read_text().splitlines()
        assert told[0] == f"refs/heads/main {new} refs/heads/main {old}"
        assert len(told) == (2 if "cat" in reads else 1)


def test_what_was_there_may_stop_it(guarded: Repo, remote: Repo) -> None:
    hook(guarded, "pre-push.before-modelguard", "cat > /dev/null\necho no >&2\nexit 5")
    past(guarded, {"a.txt": "2\n"})
    ran = guarded.tried("push", "origin", "main")
    assert ran.returncode == 1 and ran.stderr.startswith(b"no\n") and b"modelguard" not in ran.stderr
    assert remote.head("main") != head(guarded)


def test_thousands_of_refs(guarded: Repo, remote: Repo) -> None:
    """More than a pipe or a command line holds."""
    beside = hook(guarded, "pre-push.before-modelguard", "cat > $0.told")
    new = past(guarded, {"a.txt": "2\n"})
    made = "".join(f"create refs/heads/{number:05}/{'x' * 60} {new}\n" for number in range(3000))
    guarded.git("update-ref", "--stdin", stdin=made.encode())
    assert guarded.tried("push", "--dry-run", "--all", "origin").returncode == 0
    assert len(Path(f"{beside}.told").read_text().splitlines()) == 3001
