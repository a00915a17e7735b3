"""What stands between git and the program: shell that any sh runs, which finds the program or stops."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modelguard.hook_files.shim import TEXTS, Kind, kind_of, text
from tests.cli.program import ROOT
from tests.tools.hooked import commits, hook, pushes, with_hooks
from tests.tools.repo import Repo, Tool, planted

SHELLS = ["sh", *(shell for shell in ("dash", "bash --posix", "busybox sh", "mksh") if shutil.which(shell.split()[0]))]


def found(name: str) -> str:
    """A program beside this interpreter, or on PATH."""
    path = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    assert path is not None, f"{name} is needed: see requirements-dev.txt"
    return path


def test_shellcheck_finds_nothing() -> None:
    files = sorted((ROOT / "hooks").iterdir())
    assert [path.name for path in files] == sorted(set(TEXTS.values()))
    ran = subprocess.run([found("shellcheck"), "--shell=sh", *files], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_both_are_the_same_where_they_can_be() -> None:
    def lines(name: str) -> list[str]:
        content = (
            (ROOT / "hooks" / name).read_text().replace('pre-push -- "$@"', "pre-commit").replace("push", "commit")
        )
        return content[: content.index("\n}\n")].splitlines()

    assert lines("pre-commit") == lines("pre-push")


def test_they_can_be_run_and_stay_as_they_are_on_windows() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--stage", "hooks"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["100755", "100755"]
    assert "/hooks/* text eol=lf" in (ROOT / ".gitattributes").read_text()


def test_what_is_ours() -> None:
    for name in TEXTS:
        for portable in (False, True):
            content = text(name, portable)
            assert kind_of(content) is Kind.OURS
            assert kind_of(content.replace(b"exit", b"true", 1)) is Kind.EDITED
            assert kind_of(content + b"\n") is Kind.EDITED
    assert kind_of(b"#!/bin/sh\nexec modelguard hook pre-commit\n") is Kind.FOREIGN
    assert kind_of(b"") is Kind.FOREIGN


def installed(repo: Repo, python: str, program: str, shell: str = "") -> None:
    """Our hooks, with another interpreter and program written in, and run by another shell."""
    for name in TEXTS:
        path = repo.path / ".git/hooks" / name
        lines = path.read_bytes().splitlines(keepends=True)
        for number, line in enumerate(lines):
            if line.startswith(b"python="):
                lines[number] = b"python='" + python.encode() + b"'\n"
            if line.startswith(b"program="):
                lines[number] = b"program='" + program.encode() + b"'\n"
        if shell:
            lines[0] = f"#!/usr/bin/env -S {shell}\n".encode()
        path.write_bytes(b"".join(lines))


@pytest.mark.parametrize("shell", SHELLS)
def test_in_every_shell(guarded: Repo, shell: str) -> None:
    installed(guarded, sys.executable, str(ROOT / "modelguard/__main__.py"), shell)
    hook(guarded, "pre-push.before-modelguard", "cat > $0.told")
    remote = guarded.other("remote.git").init("--bare")
    guarded.git("branch", "clean")
    guarded.write("a.txt", planted())
    assert not commits(guarded, "commit", "-a", "-m", "x")
    guarded.git("commit", "--quiet", "--no-verify", "-a", "-m", "x")
    assert not pushes(guarded, remote.path, "main")
    name = os.fsdecode(b"x\x81\x88'`$")  # dash marks quotes in its variables with bytes of these
    assert pushes(guarded, remote.path, f"clean:{name}")
    told = (guarded.path / ".git/hooks/pre-push.before-modelguard.told").read_bytes()
    assert told.startswith(b"refs/heads/clean ") and b" refs/heads/x\x81\x88'`$ " in told


@pytest.mark.parametrize("broken", ["gone", "no interpreter", "other packages", "no program"])
def test_without_the_program_nothing_passes(guarded: Repo, broken: str) -> None:
    """And what is said is one sentence, and how to go on."""
    remote = guarded.other("remote.git").init("--bare")
    python, program = sys.executable, str(ROOT / "modelguard/__main__.py")
    if broken == "gone":
        python = str(guarded.home / "gone")
    elif broken == "no program":
        program = str(guarded.home / "gone.py")
    elif broken == "no interpreter":
        python = str(guarded.home / "python")
        Path(python).write_text("#!/nowhere/at/all\n")
        Path(python).chmod(0o755)
    else:  # as where a Python was replaced by another one, without our packages
        python = str(guarded.home / "python")
        Path(python).write_text(f'#!/bin/sh\nshift\nexec {sys.executable} -I -S "$@"\n')
        Path(python).chmod(0o755)
    installed(guarded, python, program)
    path = {"PATH": os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep) if not holds(folder))}
    guarded.write("a.txt", "2\n")
    for what, arguments in (("commit", ("commit", "-a", "-m", "x")), ("push", ("push", remote.path, "main"))):
        ran = guarded.tried(*arguments, **path)
        said = ran.stderr.decode().splitlines()
        assert ran.returncode == 1
        assert f"modelguard: it cannot be started, so nothing was checked and the {what} is stopped." in said
        assert any("pip install modelguard-scanner" in line and f"/pre-{what}" in line for line in said)
        assert not any("Traceback" in line for line in said)
    assert remote.git("for-each-ref") == ""


def holds(folder: str) -> bool:
    return (Path(folder) / "modelguard").exists()


def test_the_one_on_the_path_serves_when_the_other_is_gone(guarded: Repo, tool: Tool) -> None:
    folder = guarded.home / "bin"
    folder.mkdir()
    program = folder / "modelguard"
    arguments = " ".join(tool.command())
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {arguments} "$@"\n')
    program.chmod(0o755)
    installed(guarded, "/nowhere/python", "/nowhere/modelguard.py")
    path = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    guarded.write("a.txt", planted())
    assert not commits(guarded, "commit", "-a", "-m", "x", **path)
    guarded.write("a.txt", "2\n")
    assert commits(guarded, "commit", "-a", "-m", "x", **path)


@pytest.mark.parametrize("entry", [".", ""])
def test_one_in_the_tree_is_not_run(guarded: Repo, entry: str) -> None:
    """Whatever PATH says: a program in the tree that is checked would say that all is well."""
    program = guarded.path / "modelguard"
    program.write_text("#!/bin/sh\ntouch was-run\nexit 0\n")
    program.chmod(0o755)
    installed(guarded, "/nowhere/python", "/nowhere/modelguard.py")
    rest = [folder for folder in os.environ["PATH"].split(os.pathsep) if not holds(folder)]
    guarded.git("add", "--all")
    ran = guarded.tried("commit", "-m", "x", PATH=os.pathsep.join([entry, *rest]))
    assert ran.returncode == 1 and b"it cannot be started" in ran.stderr
    assert not (guarded.path / "was-run").exists()


def test_paths_of_any_kind(tool: Tool, tmp_path: Path) -> None:
    """The interpreter, the package and the repository may lie anywhere."""
    odd = tmp_path / os.fsdecode(b'it\'s "odd" $HOME `x` \\n\xff')
    odd.mkdir()
    repo = Repo(odd / "repo", tool.home).init()
    python = odd / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (odd / "modelguard").symlink_to(ROOT / "modelguard")
    (odd / "hooks").symlink_to(ROOT / "hooks")
    environment = {**tool.environment(), "PYTHONPATH": str(odd)}
    code = f"import sys; sys.executable = {os.fspath(python)!r}; from modelguard.commands.edge import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, "install-hooks"], cwd=repo.path, env=environment, capture_output=True
    )
    assert ran.returncode == 0, ran.stderr
    assert os.fsencode(str(odd)).replace(b"'", b"'\\''") in (repo.path / ".git/hooks/pre-commit").read_bytes()
    with_hooks(repo, tool, "--dry-run")
    repo.write("a.txt", planted())
    repo.git("add", "a.txt")
    assert not commits(repo, "commit", "-m", "x", PATH="/usr/bin:/bin")
    repo.write("a.txt", "1\n")
    assert commits(repo, "commit", "-a", "-m", "x", PATH="/usr/bin:/bin")


def test_interrupted_is_stopped(guarded: Repo) -> None:
    python = guarded.home / "python"
    python.write_text("#!/bin/sh\nkill -INT $$\nsleep 10\n")
    python.chmod(0o755)
    installed(guarded, str(python), str(ROOT / "modelguard/__main__.py"))
    guarded.write("a.txt", "2\n")
    before = guarded.head()
    assert guarded.tried("commit", "-a", "-m", "x").returncode != 0
    assert guarded.head() == before
