"""The package as people install it: built from what the repository holds, run by the command that it brings."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest

from modelguard.rules.prepared import builtin_rules
from modelguard.rules.templates import expand
from modelguard.version import VERSION

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that git tracks, without what this checkout has made besides."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = [
        "--no-deps",
        "--no-build-isolation",
        "--quiet",
        "--disable-pip-version-check",
        "--wheel-dir",
        str(folder),
    ]
    subprocess.run([sys.executable, "-m", "pip", "wheel", str(checkout), *options], check=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`modelguard` from the wheel; its dependencies are this environment's."""
    home = tmp_path_factory.mktemp("environment")
    options = ["--no-deps", "--quiet", "--disable-pip-version-check", "--prefix", str(home)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, "--ignore-installed", str(wheel)], check=True)
    (program,) = home.glob("*/modelguard*")
    return program


def run(command: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (packages,) = command.parent.parent.glob("lib*/**/site-packages")
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(packages)}
    return subprocess.run(
        [str(command), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_what_is_in_it(wheel: Path) -> None:
    assert wheel.name == f"modelguard_scanner-{VERSION}-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert {"modelguard/rules/prepared.jsonl", "modelguard/py.typed"} <= set(names)
    assert not [name for name in names if not name.startswith(("modelguard/", "modelguard_scanner-"))]
    assert not [name for name in names if "/packs/" in name or name.endswith(".pyc")]
    assert {name for name in names if "/hooks/" in name} == {
        f"modelguard/hooks/pre-{name}" for name in ("commit", "push")
    }


def test_it_is_the_one_that_runs(command: Path, tmp_path: Path) -> None:
    assert run(command, tmp_path, "--version").stdout.split()[-1] == VERSION
    code = "import modelguard; print(modelguard.__file__)"
    (packages,) = command.parent.parent.glob("lib*/**/site-packages")
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(packages)}, capture_output=True
    )
    assert str(packages) in said.stdout.decode()


def test_this_repository_is_clean(command: Path, checkout: Path) -> None:
    done = run(command, checkout, "scan", ".", "--no-progress")
    assert done.returncode == 0, done.stdout
    assert "exit 0" in done.stdout


def test_a_leak_exits_1_and_what_cannot_be_read_2(command: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "a.py").write_text("x = 1\n")
    assert run(command, tmp_path, "scan", "loop", "a.py").returncode == 2
    token = expand("hf_<alnum:34>")
    (tmp_path / "a.py").write_text(f'login("{token}")\n')
    done = run(command, tmp_path, "scan", "loop", "a.py")
    assert done.returncode == 1
    assert "hf-user-token" in done.stdout and token not in done.stdout + done.stderr


def test_its_rules_are_those_that_prove_themselves(wheel: Path) -> None:
    """`modelguard rules check` proves those of the checkout, which says of each what is in the wheel, to the letter."""
    with zipfile.ZipFile(wheel) as archive:
        _, *lines = archive.read("modelguard/rules/prepared.jsonl").splitlines()
    assert lines == [msgspec.json.encode(rule) for rule in builtin_rules()]


def test_its_hooks_run(command: Path, tmp_path: Path) -> None:
    """With what is installed and nothing else: no variable says where the package is."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PATH": os.environ["PATH"]}
    people = {f"GIT_{who}_{what}": "a@b.test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        env = {**settings, **people, "HOME": str(tmp_path)}
        return subprocess.run(["git", *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    git("init", "--quiet")
    assert run(command, tmp_path, "install-hooks").returncode == 0
    token = expand("hf_<alnum:34>")
    (tmp_path / "a.py").write_text(f'login("{token}")\n')
    git("add", "a.py")
    stopped = git("commit", "-m", "x")
    assert stopped.returncode == 1 and "hf-user-token" in stopped.stderr and token not in stopped.stderr
    (tmp_path / "a.py").write_text("x = 1\n")
    assert git("commit", "-a", "-m", "x").returncode == 0
