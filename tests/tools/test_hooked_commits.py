"""Commits with the hooks of `modelguard install-hooks`: one with a leak does not come about, however it is made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.tools.hooked import commits, head, hook, with_hooks
from tests.tools.repo import Repo, Tool, planted


def staged(repo: Repo, name: str | bytes, content: str) -> None:
    repo.write(name, content)
    repo.git("add", "--", os.fsdecode(name))


def past(repo: Repo, name: str, content: str) -> None:
    """A commit that our hooks do not see."""
    staged(repo, name, content)
    repo.git("commit", "--quiet", "--no-verify", "-m", "past")


def test_first_commit(repo: Repo, tool: Tool) -> None:
    with_hooks(repo, tool)
    staged(repo, "a.txt", planted())
    assert not commits(repo, "commit", "-m", "x")
    staged(repo, "a.txt", "clean\n")
    assert commits(repo, "commit", "-m", "x")


def test_part_of_what_is_there(guarded: Repo) -> None:
    """`git commit FILE` takes that file from the work tree, and nothing of what is staged besides."""
    staged(guarded, "a.txt", planted())
    guarded.write("b.txt", "2\n")
    assert commits(guarded, "commit", "-m", "x", "b.txt")
    assert not commits(guarded, "commit", "-m", "x", "a.txt")
    guarded.git("reset", "--quiet")
    assert not commits(guarded, "commit", "-m", "x", "a.txt")
    assert not commits(guarded, "commit", "-a", "-m", "x")
    guarded.write("a.txt", "2\n")
    assert commits(guarded, "commit", "-a", "-m", "x")


def test_what_is_staged_counts_and_not_what_lies_there(guarded: Repo) -> None:
    staged(guarded, "a.txt", planted())
    guarded.write("a.txt", "clean\n")
    assert not commits(guarded, "commit", "-m", "x")
    guarded.git("add", "a.txt")
    guarded.write("a.txt", planted())
    assert commits(guarded, "commit", "-m", "x")


def test_amend_and_no_change(guarded: Repo) -> None:
    staged(guarded, "b.txt", planted())
    assert not commits(guarded, "commit", "--amend", "-m", "y")
    guarded.git("rm", "--quiet", "-f", "b.txt")
    assert commits(guarded, "commit", "--amend", "-m", "y")
    assert commits(guarded, "commit", "--allow-empty", "-m", "empty")


def test_renamed_deleted_and_of_another_mode(guarded: Repo) -> None:
    past(guarded, "old.txt", planted() + "\n" + "a line like any other\n" * 50)
    guarded.git("mv", "a.txt", "moved.txt")
    assert commits(guarded, "commit", "-m", "moved")
    guarded.git("update-index", "--chmod=+x", "b.txt")
    assert commits(guarded, "commit", "-m", "mode")
    guarded.git("mv", "old.txt", "new.txt")
    staged(guarded, "new.txt", planted(1) + "\n" + "a line like any other\n" * 50)
    assert not commits(guarded, "commit", "-m", "moved and changed")
    guarded.git("rm", "--quiet", "-f", "new.txt")
    assert commits(guarded, "commit", "-m", "gone")


def test_intent_to_add(guarded: Repo) -> None:
    """`git add -N` stages that there will be a file, and nothing of it."""
    guarded.write("later.txt", planted())
    guarded.git("add", "-N", "later.txt")
    staged(guarded, "a.txt", "2\n")
    assert commits(guarded, "commit", "-m", "x")
    assert not commits(guarded, "commit", "-a", "-m", "x")


@pytest.mark.parametrize(
    "name", [b"with blanks .txt", b"line\nbreak.txt", b"\xff\xfe\x81.txt", b"-n", b"\xc3\xa4 $(x) '.txt"]
)
def test_names(guarded: Repo, name: bytes) -> None:
    staged(guarded, name, planted())
    assert not commits(guarded, "commit", "-m", "x")
    assert not commits(guarded, "commit", "-m", "x", "--", os.fsdecode(name))
    staged(guarded, name, "clean\n")
    assert commits(guarded, "commit", "-m", "x", "--", os.fsdecode(name))


def test_merge(guarded: Repo) -> None:
    """Which git has another hook for; `git commit` ends what that has stopped, and is stopped as well."""
    guarded.git("checkout", "--quiet", "-b", "side")
    past(guarded, "d.txt", planted())
    guarded.git("checkout", "--quiet", "main")
    past(guarded, "e.txt", "e\n")
    assert not commits(guarded, "merge", "--no-ff", "-m", "x", "side")
    assert not commits(guarded, "commit", "--no-edit")
    staged(guarded, "d.txt", "clean\n")
    assert commits(guarded, "commit", "--no-edit")
    assert guarded.git("rev-list", "--parents", "-1", "HEAD").count(" ") == 2


def conflicting(repo: Repo) -> None:
    """Two branches that change one line; we are on `main`."""
    repo.git("checkout", "--quiet", "-b", "side")
    past(repo, "a.txt", "side\n")
    repo.git("checkout", "--quiet", "main")
    past(repo, "a.txt", "main\n")


@pytest.mark.parametrize("ended_by", [("commit", "--no-edit"), ("merge", "--continue")])
def test_conflict_in_a_merge(guarded: Repo, ended_by: tuple[str, ...]) -> None:
    conflicting(guarded)
    assert guarded.tried("merge", "side").returncode == 1
    staged(guarded, "a.txt", planted())
    assert not commits(guarded, *ended_by)
    staged(guarded, "a.txt", "clean\n")
    assert commits(guarded, *ended_by)


@pytest.mark.parametrize("ended_by", [("commit", "--no-edit"), ("cherry-pick", "--continue")])
def test_conflict_in_a_cherry_pick(guarded: Repo, ended_by: tuple[str, ...]) -> None:
    conflicting(guarded)
    assert guarded.tried("cherry-pick", "side").returncode == 1
    staged(guarded, "a.txt", planted())
    assert not commits(guarded, *ended_by)
    staged(guarded, "a.txt", "clean\n")
    assert commits(guarded, *ended_by)


def test_conflict_in_a_revert(guarded: Repo) -> None:
    past(guarded, "a.txt", "2\n")
    bad = head(guarded)
    past(guarded, "a.txt", "3\n")
    assert guarded.tried("revert", "--no-edit", bad).returncode == 1
    staged(guarded, "a.txt", planted())
    assert not commits(guarded, "revert", "--continue")
    staged(guarded, "a.txt", "clean\n")
    assert commits(guarded, "revert", "--continue")


def test_rebase(guarded: Repo) -> None:
    """git runs no hook before the commits of a rebase, unless it asks for a message; then ours does not stand in the way
    of clean ones. What is brought in so is stopped when it is pushed (test_hooked_pushes.py)."""
    conflicting(guarded)
    guarded.git("checkout", "--quiet", "side")
    past(guarded, "f.txt", "f\n")
    assert guarded.tried("rebase", "main").returncode == 1
    staged(guarded, "a.txt", "both\n")
    assert commits(guarded, "rebase", "--continue")
    sequence = {"GIT_SEQUENCE_EDITOR": "sed -i s/^pick/reword/"}
    assert commits(guarded, "rebase", "--interactive", "HEAD~1", **sequence, GIT_EDITOR="echo y >")
    assert guarded.git("log", "-1", "--format=%s") == "y"
    guarded.git("rebase", "--interactive", "HEAD~1", GIT_SEQUENCE_EDITOR="sed -i s/^pick/edit/")
    staged(guarded, "f.txt", planted())
    assert not commits(guarded, "commit", "--amend", "--no-edit")
    guarded.git("rebase", "--abort")


def test_what_git_does_not_ask_about(guarded: Repo) -> None:
    """So that the page on hooks stays true: no hook runs when commits are copied, or undone."""
    guarded.git("checkout", "--quiet", "-b", "side")
    past(guarded, "d.txt", planted())
    patch = guarded.git("format-patch", "-1", "--stdout")
    guarded.git("checkout", "--quiet", "main")
    for attempt in (("cherry-pick", "side"), ("merge", "--ff-only", "side")):
        assert guarded.tried(*attempt).returncode == 0
        guarded.git("reset", "--quiet", "--hard", "HEAD~1")
    assert guarded.tried("am", stdin=patch.encode() + b"\n").returncode == 0
    guarded.git("reset", "--quiet", "--hard", "HEAD~1")
    past(guarded, "d.txt", planted())
    past(guarded, "d.txt", "clean\n")
    assert guarded.tried("revert", "--no-edit", "HEAD").returncode == 0


def test_detached_head(guarded: Repo) -> None:
    guarded.git("checkout", "--quiet", "--detach")
    staged(guarded, "a.txt", planted())
    assert not commits(guarded, "commit", "-m", "x")
    staged(guarded, "a.txt", "2\n")
    assert commits(guarded, "commit", "-m", "x")


def test_from_below_and_in_a_linked_work_tree(guarded: Repo) -> None:
    linked = guarded.other("linked")
    guarded.git("worktree", "add", "--quiet", linked.path)
    for repo in (guarded, linked):
        below = Repo(repo.path / "sub", repo.home, repo.seconds, repo.more)
        repo.write("sub/c.txt", planted())
        assert not commits(below, "commit", "-m", "x", "c.txt")
        assert not commits(below, "commit", "-a", "-m", "x")
        repo.write("sub/c.txt", "2\n")
        assert commits(below, "commit", "-m", "x", "c.txt")


def test_installed_from_a_linked_work_tree_and_from_below(repo: Repo, tool: Tool) -> None:
    """The hooks of all work trees are the same."""
    repo.commit({"sub/c.txt": "1\n"})
    linked = repo.other("linked")
    repo.git("worktree", "add", "--quiet", linked.path)
    with_hooks(Repo(linked.path / "sub", repo.home, repo.seconds, repo.more), tool)
    for each in (repo, linked):
        staged(each, "sub/c.txt", planted())
        assert not commits(each, "commit", "-m", "x")


def test_submodule(guarded: Repo, tool: Tool) -> None:
    """A repository of its own: the outer one's hooks do not run in it, and its own do."""
    inner = guarded.other("inner").init()
    inner.commit({"i.txt": "1\n"})
    guarded.git("submodule", "--quiet", "add", f"file://{inner.path}", "inner")
    assert commits(guarded, "commit", "-m", "with a submodule")
    inside = Repo(guarded.path / "inner", guarded.home, guarded.seconds, guarded.more)
    staged(inside, "i.txt", planted())
    assert inside.tried("commit", "-m", "x").returncode == 0
    with_hooks(inside, tool)
    assert (guarded.path / ".git/modules/inner/hooks/pre-commit").exists()
    staged(inside, "i.txt", planted(1))
    assert not commits(inside, "commit", "-m", "x")
    guarded.git("add", "inner")
    assert commits(guarded, "commit", "-m", "a commit of the submodule is its own repository's")


def test_git_folder_and_work_tree_apart(repo: Repo, tool: Tool) -> None:
    apart = {"GIT_DIR": str(repo.path / ".git"), "GIT_WORK_TREE": str(repo.home / "tree")}
    tree = Repo(repo.home / "tree", repo.home, repo.seconds, {**repo.more, **apart})
    tree.path.mkdir()
    tree.more.update(with_hooks(repo, tool).more)
    for where in (tree, Repo(tree.path.parent, repo.home, repo.seconds, tree.more)):
        tree.write("a.txt", planted())
        where.git("add", tree.path / "a.txt")
        assert not commits(where, "commit", "-m", "x")
    tree.write("a.txt", "clean\n")
    assert commits(tree, "commit", "-a", "-m", "x")


def test_installed_with_the_git_folder_apart(repo: Repo, tool: Tool, tmp_path: Path) -> None:
    """As people keep the files of their home: `git --git-dir=~/.dotfiles --work-tree=~`."""
    tree = tmp_path / "tree"
    tree.mkdir()
    apart = {"GIT_DIR": str(repo.path / ".git"), "GIT_WORK_TREE": str(tree)}
    assert tool("install-hooks", cwd=tree, env=apart).returncode == 0
    assert (repo.path / ".git/hooks/pre-commit").exists()


def test_a_folder_like_our_own_is_not_run(guarded: Repo) -> None:
    """Whatever stands in the tree: the hook runs the program that was installed."""
    for name in (
        "modelguard/__init__.py",
        "modelguard/__main__.py",
        "click.py",
        "msgspec/__init__.py",
        "modelguard.py",
    ):
        staged(guarded, name, "import pathlib\npathlib.Path('was-run').touch()\nraise SystemExit(0)\n")
    staged(guarded, "a.txt", planted())
    guarded.more.update(PYTHONPATH=":.", PYTHONSTARTUP="modelguard.py")
    assert not commits(guarded, "commit", "-m", "x")
    assert not (guarded.path / "was-run").exists()


def test_what_was_there_runs_afterwards(repo: Repo, tool: Tool) -> None:
    repo.commit({"a.txt": "1\n"})
    log = tool.home / "log"
    for name in ("pre-commit", "pre-merge-commit"):
        hook(repo, name, f'echo "$0 $# $GIT_INDEX_FILE" >> {log}\nexit $(cat {tool.home}/status)')
    with_hooks(repo, tool)
    (tool.home / "status").write_text("0")
    staged(repo, "a.txt", planted())
    assert not commits(repo, "commit", "-m", "x") and not log.exists()
    staged(repo, "a.txt", "2\n")
    assert commits(repo, "commit", "-m", "x")
    assert log.read_text().split()[:2] == [".git/hooks/pre-commit.before-modelguard", "0"]
    (tool.home / "status").write_text("3")
    staged(repo, "a.txt", "3\n")
    assert repo.tried("commit", "-m", "x").returncode == 1
    assert len(log.read_text().splitlines()) == 2
