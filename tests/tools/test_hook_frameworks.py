"""Commits and pushes that real pre-commit and real prek guard, with an environment that they build from this project."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.tools.frameworks import STAGES, Framework, source_in
from tests.tools.repo import Repo, Tool, planted

RAN = "modelguard (what is staged)"


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("source")
    return folder, source_in(folder)


@pytest.fixture(scope="session", params=["pre-commit", "prek"])
def framework(
    request: pytest.FixtureRequest, source: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Framework:
    home = tmp_path_factory.mktemp("framework")
    (home / "modelguard").mkdir(mode=0o700)
    made = Framework(request.param, home, *source)
    made.build(Repo(tmp_path_factory.mktemp("built"), home).init())
    return made


@pytest.fixture
def guarded(repo: Repo, framework: Framework) -> Repo:
    """A repository with one clean commit that the framework guards."""
    return guard(repo, framework, "modelguard", "modelguard-push")


def guard(repo: Repo, framework: Framework, *hooks: str) -> Repo:
    repo.write(".pre-commit-config.yaml", framework.config(*hooks))
    repo.commit({"a.txt": "1\n", "b.txt": "1\n", "sub/c.txt": "1\n"})
    framework.install(repo, *STAGES)
    return repo


def commits(repo: Repo, framework: Framework, *arguments: str, ran: str = RAN) -> bool:
    """Whether a commit came about; the hook must have run for it, and nothing of a value may be said."""
    before = repo.git("rev-parse", "--quiet", "--verify", "HEAD", check=False)
    said = said_of(repo, framework, *arguments)
    assert ran in said, said
    came_about = repo.git("rev-parse", "--quiet", "--verify", "HEAD", check=False) != before
    assert came_about == ("Failed" not in said), said
    assert planted()[8:] not in said
    return came_about


def said_of(repo: Repo, framework: Framework, *arguments: str) -> str:
    """All that git and its hooks say, errors too."""
    return repo.git("-c", 'alias.x=!git "$@" 2>&1 #', "x", *arguments, check=False, **framework.environment())


def test_a_leak_is_stopped_with_its_place_and_the_line_that_allows_it(guarded: Repo, framework: Framework) -> None:
    guarded.write("train.py", f"login('{planted()}')\n")
    guarded.git("add", "train.py")
    said = said_of(guarded, framework, "commit", "-m", "x")
    for told in ("train.py:1:8", "hf_****", "Invalidate it under", "write on its line:", "allow[hf-user-token] WHY"):
        assert told in said
    mark = ": allow[hf-user-token] made up".join(("modelguard", ""))
    guarded.write("train.py", f"login('{planted()}')  # {mark}\n")
    assert commits(guarded, framework, "commit", "-am", "x")


def test_part_of_what_is_there_and_all_of_it(guarded: Repo, framework: Framework) -> None:
    guarded.write("a.txt", planted())
    guarded.write("b.txt", "2\n")
    guarded.git("add", "a.txt")
    assert commits(guarded, framework, "commit", "-m", "x", "b.txt")
    assert not commits(guarded, framework, "commit", "-m", "x", "a.txt")
    guarded.git("reset", "--quiet")
    assert not commits(guarded, framework, "commit", "-a", "-m", "x")


def test_what_is_staged_counts_and_not_what_lies_there(guarded: Repo, framework: Framework) -> None:
    guarded.write("a.txt", planted())
    guarded.git("add", "a.txt")
    guarded.write("a.txt", "clean\n")
    assert not commits(guarded, framework, "commit", "-m", "x")
    guarded.git("add", "a.txt")
    guarded.write("a.txt", planted())
    assert commits(guarded, framework, "commit", "-m", "x")


def test_first_commit_and_amend(guarded: Repo, framework: Framework) -> None:
    new = guarded.other("new").init()
    new.write(".pre-commit-config.yaml", framework.config("modelguard"))
    framework.install(new, *STAGES)
    new.write("a.txt", planted())
    new.git("add", "--all")
    assert not commits(new, framework, "commit", "-m", "x")
    new.write("a.txt", "clean\n")
    assert commits(new, framework, "commit", "-a", "-m", "x")
    new.write("b.txt", planted())
    new.git("add", "b.txt")
    assert not commits(new, framework, "commit", "--amend", "-m", "y")


def test_merge_with_and_without_a_conflict(guarded: Repo, framework: Framework) -> None:
    guarded.git("checkout", "--quiet", "-b", "side")
    guarded.write("d.txt", planted())
    guarded.write("a.txt", "side\n")
    guarded.git("add", "--all")
    guarded.git("commit", "--quiet", "--no-verify", "-m", "x")
    guarded.git("checkout", "--quiet", "main")
    assert not commits(guarded, framework, "merge", "--no-ff", "-m", "x", "side")
    guarded.git("merge", "--abort", check=False)
    guarded.git("reset", "--quiet", "--hard")
    guarded.git("commit", "--quiet", "--no-verify", "--allow-empty", "-m", "else")
    guarded.write("a.txt", "main\n")
    guarded.git("commit", "--quiet", "--no-verify", "-am", "x")
    guarded.git("merge", "side", check=False)
    guarded.write("a.txt", "both\n")
    guarded.git("add", "a.txt")
    assert not commits(guarded, framework, "commit", "-m", "merged")


def test_cherry_pick_and_rebase_that_stop_are_ended_by_a_commit(guarded: Repo, framework: Framework) -> None:
    guarded.git("checkout", "--quiet", "-b", "side")
    guarded.write("a.txt", f"side {planted()}\n")
    guarded.git("commit", "--quiet", "--no-verify", "-am", "x")
    guarded.git("checkout", "--quiet", "main")
    guarded.write("a.txt", "main\n")
    guarded.git("commit", "--quiet", "--no-verify", "-am", "x")
    for begun, ended in (
        (("cherry-pick", "side"), ("commit", "-m", "picked")),
        (("rebase", "main", "side"), ("commit", "-m", "rebased")),
    ):
        guarded.git(*begun, check=False)
        guarded.write("a.txt", f"both {planted()}\n")
        guarded.git("add", "a.txt")
        assert not commits(guarded, framework, *ended)
        guarded.git(begun[0], "--abort")


def test_detached_head_and_linked_work_tree_and_below(guarded: Repo, framework: Framework) -> None:
    linked = guarded.other("linked")
    guarded.git("worktree", "add", "--quiet", "--detach", linked.path)
    for repo in (guarded, linked):
        below = Repo(repo.path / "sub", repo.home, repo.seconds)
        repo.write("sub/c.txt", planted())
        assert not commits(below, framework, "commit", "-am", "x")
        repo.write("sub/c.txt", "2\n")
        assert commits(below, framework, "commit", "-am", "x")


def test_submodule(guarded: Repo, framework: Framework) -> None:
    guarded.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{guarded.path}", "inner")
    assert commits(guarded, framework, "commit", "-m", "with a submodule")
    inner = Repo(guarded.path / "inner", guarded.home, guarded.seconds)
    framework.install(inner, *STAGES)
    inner.write("a.txt", planted())
    assert not commits(inner, framework, "commit", "-am", "x")


def test_renamed_deleted_and_changed_in_mode(guarded: Repo, framework: Framework) -> None:
    guarded.git("mv", "a.txt", "moved.txt")
    guarded.git("rm", "--quiet", "b.txt")
    guarded.git("update-index", "--chmod=+x", "sub/c.txt")
    assert commits(guarded, framework, "commit", "-m", "x")
    guarded.write("moved.txt", f"1\n{planted()}\n")
    guarded.git("mv", "moved.txt", "again.txt")
    assert not commits(guarded, framework, "commit", "-am", "x")


def test_intent_to_add_is_no_content_yet(guarded: Repo, framework: Framework) -> None:
    guarded.write("new.txt", planted())
    guarded.git("add", "--intent-to-add", "new.txt")
    guarded.write("a.txt", "2\n")
    guarded.git("add", "a.txt")
    assert commits(guarded, framework, "commit", "-m", "x")
    assert not commits(guarded, framework, "commit", "-a", "-m", "x")


@pytest.mark.parametrize("name", [b"with blank.txt", b"with\nline.txt", b"--help", b"-"])
def test_names(guarded: Repo, framework: Framework, name: bytes) -> None:
    guarded.write(name, planted())
    guarded.git("add", "--all")
    assert not commits(guarded, framework, "commit", "-m", "x")


def test_a_name_that_is_not_utf8(guarded: Repo, framework: Framework) -> None:
    """pre-commit itself ends with an error where it lists such a name, so the commit does not come about either."""
    guarded.write(b"caf\xe9.txt", planted())
    guarded.git("add", "--all")
    ran = "UnicodeDecodeError" if framework.name == "pre-commit" else "Failed"
    said = said_of(guarded, framework, "commit", "-m", "x")
    assert ran in said and guarded.git("rev-list", "--count", "HEAD") == "1"


def test_a_link_that_leads_to_a_value(guarded: Repo, framework: Framework) -> None:
    os.symlink(planted(), guarded.path / "link")
    guarded.git("add", "--all")
    assert not commits(guarded, framework, "commit", "-m", "x")


def test_outputs_of_notebooks_alone(repo: Repo, framework: Framework) -> None:
    guard(repo, framework, "modelguard-notebooks")
    output = {"output_type": "stream", "name": "stdout", "text": ["ok\n"]}
    cell = {"cell_type": "code", "source": [f"login('{planted()}')"], "metadata": {}, "outputs": [output]}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    ran = "modelguard (outputs of notebooks)"
    repo.write("x.ipynb", json.dumps(notebook))
    repo.git("add", "--all")
    assert commits(repo, framework, "commit", "-m", "x", ran=ran)
    output["text"] = [f"logged in with {planted(1)}\n"]
    repo.write("x.ipynb", json.dumps(notebook))
    said = said_of(repo, framework, "commit", "-am", "x")
    assert "cell[0].output[0]" in said and "cell[0].source" not in said and "1 finding blocks" in said


def test_all_files(repo: Repo, framework: Framework) -> None:
    """By hand and in CI nothing is staged: what the index holds is looked at, never nothing."""
    guard(repo, framework, "modelguard")
    assert framework.run(repo, "run", "--all-files").returncode == 0
    repo.write("a.txt", planted())
    repo.git("commit", "--quiet", "--no-verify", "-am", "x")
    ran = framework.run(repo, "run", "--all-files")
    assert ran.returncode == 1 and "a.txt:1:1" in ran.stdout


def test_files_by_name(repo: Repo, framework: Framework) -> None:
    guard(repo, framework, "modelguard-files")
    assert framework.run(repo, "run", "--all-files").returncode == 0
    for name in ("--help", "with blank.txt"):
        repo.write(name, planted())
        repo.git("add", "--all")
        ran = framework.run(repo, "run", "--all-files")
        assert ran.returncode == 1 and f"{name}:1:1" in ran.stdout
        repo.git("rm", "-f", "--quiet", "--", name)


def test_between_two_commits(repo: Repo, framework: Framework) -> None:
    """`--from-ref` and `--to-ref`, as some pipelines run it: each commit between them counts."""
    guard(repo, framework, "modelguard-push")
    first = repo.head()
    repo.write("a.txt", planted())
    repo.git("commit", "--quiet", "--no-verify", "-am", "leak")
    repo.write("a.txt", "clean\n")
    repo.git("commit", "--quiet", "--no-verify", "-am", "gone")
    between = ("run", "--hook-stage", "pre-push", "--from-ref", first, "--to-ref", "HEAD")
    assert framework.run(repo, *between).returncode == 1
    assert framework.run(repo, *between[:-1], first).returncode == 0


def test_push(guarded: Repo, framework: Framework, tool: Tool) -> None:
    remote = guarded.other("remote.git").init("--bare")
    guarded.git("remote", "add", "origin", remote.path)
    assert pushes(guarded, framework, remote, "main")
    guarded.commit({"d.txt": "1\n"}, "clean", "--no-verify")
    assert pushes(guarded, framework, remote, "main")
    guarded.commit({"d.txt": planted()}, "leak", "--no-verify")
    guarded.commit({"d.txt": "2\n"}, "gone", "--no-verify")
    assert not pushes(guarded, framework, remote, "main")
    assert not pushes(guarded, framework, remote, "main:refs/heads/other")
    guarded.git("reset", "--quiet", "--hard", "HEAD~2")
    guarded.commit({"d.txt": "3\n"}, "clean", "--no-verify")
    assert pushes(guarded, framework, remote, "main:refs/heads/other")
    said_of(guarded, framework, "push", "--delete", "origin", "other")
    assert "refs/heads/other" not in remote.git("for-each-ref")


def pushes(repo: Repo, framework: Framework, remote: Repo, what: str) -> bool:
    """Whether a push arrives."""
    before = remote.git("for-each-ref")
    said = said_of(repo, framework, "push", "origin", what)
    assert planted()[8:] not in said
    arrived = remote.git("for-each-ref") != before
    assert arrived or "hf_****" in said, said
    return arrived
