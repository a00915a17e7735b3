"""What a commit hook loads for a clean commit: each module costs every commit of everybody."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.cli.program import ROOT
from tests.tools.repo import Repo, Tool, planted

COSTLY = {
    "argparse",
    "ast",
    "asyncio",
    "click",
    "dataclasses",
    "importlib.metadata",
    "inspect",
    "json",
    "logging",
    "multiprocessing",
    "pathlib",
    "pathspec",
    "rich",
    "shutil",
    "socket",
    "sqlite3",
    "tempfile",
    "typing_extensions",
    "urllib",
    "yaml",
}
"""Of others and of Python: what nothing on the way of a clean commit asks for."""

COSTLY_OWN = {
    "modelguard.commands.hook",
    "modelguard.commands.line",
    "modelguard.commands.options",
    "modelguard.engine.syntax",
    "modelguard.history",
    "modelguard.layers",
    "modelguard.opening",
    "modelguard.redact",
    "modelguard.rules.loader",
    "modelguard.verdict.baseline",
    "modelguard.verdict.inline",
}


PROGRAM = f"""
import atexit, sys
before = set(sys.modules)  # where packages are under development, Python itself starts with more
sys.path.insert(0, {str(ROOT)!r})
atexit.register(lambda: print(*(name for name in sys.modules if name not in before), file=sys.stderr))
from modelguard.commands.edge import main
main()
"""


def loaded(repo: Repo, tool: Tool, *arguments: str) -> set[str]:
    """The modules that the program has loaded when it ends, which is to be with 0."""
    ran = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM, *arguments],
        cwd=repo.path,
        env={**tool.environment(), "GIT_INDEX_FILE": ".git/index"},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return set(ran.stderr.split())


@pytest.fixture
def staged(repo: Repo) -> Repo:
    """A repository with a commit and a file that is staged for the next one."""
    repo.commit({"a.txt": "1\n"})
    repo.write("b.py", "print('hello')\n" * 20)
    repo.git("add", "b.py")
    return repo


def test_a_clean_commit_loads_little(staged: Repo, tool: Tool) -> None:
    new = loaded(staged, tool, "hook", "pre-commit")
    assert {"hyperscan", "msgspec", "modelguard.pipeline"} <= new  # it has scanned, and with the fast engine
    assert COSTLY & new == set()
    assert COSTLY_OWN & new == set()


def test_what_says_more_is_read_by_click(staged: Repo, tool: Tool) -> None:
    assert {"click", "modelguard.commands.hook"} <= loaded(staged, tool, "hook", "pre-commit", "--verbose")


def test_what_msgspec_did_without_is_there_for_others() -> None:
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import modelguard.commands.lean
assert "msgspec" in sys.modules and "typing_extensions" not in sys.modules
import typing_extensions, msgspec
class Point(msgspec.Struct):
    x: typing_extensions.Annotated[int, msgspec.Meta(ge=0)]
assert msgspec.json.decode(b'[{{"x": 1}}]', type=list[Point]) == [Point(1)]
try:
    msgspec.json.decode(b'{{"x": -1}}', type=Point)
except msgspec.ValidationError:
    print("as ever")
"""
    ran = subprocess.run([sys.executable, "-I", "-c", code], text=True, capture_output=True, check=False)
    assert ran.stdout == "as ever\n", ran.stderr


@pytest.mark.parametrize("hook", ["pre-commit", "notebooks"])
@pytest.mark.parametrize("content", ["x = 1\n", f"login({planted()!r})\n"], ids=["clean", "leak"])
def test_what_is_not_read_does_as_if_it_were(hook: str, content: str, staged: Repo, tool: Tool) -> None:
    """The same as with an option that changes nothing, which click reads."""
    cell = {"cell_type": "code", "source": [], "metadata": {}, "outputs": [printed(content)], "execution_count": 1}
    staged.write("x.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    staged.git("add", "--all")
    plain, read = (tool("hook", hook, *more, cwd=staged.path) for more in ((), ("--format", "hook")))
    assert plain.returncode == (1 if "login" in content else 0), plain.stderr
    assert (plain.returncode, *timeless(plain)) == (read.returncode, *timeless(read))
    assert ("x.ipynb" in plain.stdout) == ("login" in content)


@pytest.mark.parametrize("hook", ["pre-commit", "notebooks"])
def test_what_is_not_read_heeds_the_settings(hook: str, staged: Repo, tool: Tool) -> None:
    staged.write(".modelguard.yaml", "nonsense: 1\n")
    ran = tool("hook", hook, cwd=staged.path)
    assert ran.returncode == 2
    assert "the setting 'nonsense' is not known" in ran.stderr


def timeless(ran: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """What was said, but for how long it took."""
    return re.sub(r"\d+\.\d+ s\b", "", ran.stdout), ran.stderr


def printed(text: str) -> dict[str, object]:
    """What a cell of a notebook has printed."""
    return {"name": "stdout", "output_type": "stream", "text": [text]}
