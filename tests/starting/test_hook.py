"""Where there is no configuration of pre-commit, git's own hooks are offered, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from modelguard.errors import GitError, OutputError
from modelguard.sources.git import Git
from modelguard.starting import hook
from modelguard.starting.course import Course, Doors
from modelguard.starting.interface import Asked, Hook, Step
from modelguard.starting.tree import Tree


def asked(missing: Callable[[], bool]) -> Asked:
    def never() -> None:
        raise AssertionError("no scan is needed")

    skip = frozenset({"settings", "gitignore", "baseline"})
    return Asked(skip, Hook("https://example.test/x", "v1"), never, lambda result: None, missing)  # type: ignore[arg-type,return-value]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(str(tmp_path), Git(str(tmp_path)))


def ran(
    tree: Tree, missing: Callable[[], bool], answer: bool = True, dry: bool = False
) -> tuple[int, list[tuple[str, ...]], str]:
    """Exit status, what modelguard was run with, and all that was said."""
    commands: list[tuple[str, ...]] = []
    said: list[str] = []

    def write(name: str, data: bytes) -> None:
        raise AssertionError(name)

    def agreed(step: Step) -> bool:
        said.append(step.question)
        return answer

    doors = Doors(said.append, agreed, write, commands.append)
    return Course(tree, asked(missing), doors, dry).run(), commands, "\n".join(said)


def test_they_are_installed_where_somebody_agrees(tree: Tree) -> None:
    status, commands, said = ran(tree, lambda: True)
    assert (status, commands) == (0, [("install-hooks",)])
    assert "Install git's own hooks?" in said
    assert "ran modelguard install-hooks  modelguard install-hooks --uninstall" in said
    assert ran(tree, lambda: True, answer=False)[:2] == (0, [])
    status, commands, said = ran(tree, lambda: True, dry=True)
    assert (status, commands) == (0, []) and "modelguard install-hooks" in said


def test_they_are_offered_once(tree: Tree) -> None:
    status, commands, said = ran(tree, lambda: False)
    assert (status, commands) == (0, []) and "in place already" in said and "Nothing was changed." in said


def test_where_they_cannot_be_installed_it_is_said(tree: Tree) -> None:
    def refuses() -> bool:
        raise OutputError("core.hooksPath is committed", "Use --in-tree.")

    status, commands, said = ran(tree, refuses)
    assert (status, commands) == (2, []) and "not done: core.hooksPath is committed\n  Use --in-tree." in said


def test_a_failure_is_an_error_after_the_sum(tree: Tree) -> None:
    said: list[str] = []

    def fails(arguments: tuple[str, ...]) -> None:
        raise GitError("git failed")

    doors = Doors(said.append, lambda step: True, lambda name, data: None, fails)
    with pytest.raises(GitError):
        Course(tree, asked(lambda: True), doors).run()
    assert said[-1] == "Nothing was changed."


def test_a_configuration_of_pre_commit_comes_first(tree: Tree) -> None:
    (Path(tree.top) / hook.FILE).write_text("repos: []\n")
    assert not hook.step(tree, asked(lambda: True)).command
    assert hook.step(Tree(tree.top), asked(lambda: True)).idle
