"""What is compared with the peers: modelguard as it stands in this checkout, installed as users have it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from measure import Command
from repository import git
from table import OURS

_ROOT = Path(__file__).resolve().parent.parent
_SETTINGS = {"PYTHONPATH": str(_ROOT), "XDG_CONFIG_HOME": os.devnull}  # this checkout, and nobody's own settings
_PROGRAM = [sys.executable, "-m", "modelguard"]
_BUILDING_SECONDS = 180.0  # at the end of a busy machine


def install(work: Path) -> None:
    """From now on, run what pip makes of this checkout: with its bytecode, and without rules that may have changed.

    A checkout looks at a thousand rule files at every start, and writes no bytecode where the environment forbids it.
    """
    home = work / "modelguard"
    shutil.rmtree(home, ignore_errors=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(home), str(_ROOT)]
    subprocess.run(command, check=True)
    _SETTINGS["PYTHONPATH"] = str(home)
    _PROGRAM[:] = [str(home / "bin" / "modelguard")]


def ours(target: Path) -> Command:
    """The command that scans `target`: its files, not a history, since peers are asked for files, too."""
    return _scan(str(target), *(["--no-history"] if knows("--no-history") else []))


def ours_in_history(repository: Path, cache: Path, remembers: bool = False) -> Command:
    """The command that scans every object of a repository; whether it `remembers` what earlier scans saw.

    `cache` is a folder of the bench's own: the engine is a compiled one where `compile_into` was here before.
    """
    return _in_cache(_scan(str(repository), "--history-only", *([] if remembers else ["--no-cache"])), cache)


def ours_staged(cache: Path) -> Command:
    """The command that scans the index of the repository it runs in, with this cache."""
    return _in_cache(_scan("--staged"), cache)


def install_hooks(repository: Path) -> None:
    """Have git run our hooks there, as a user would."""
    subprocess.run([*_PROGRAM, "install-hooks"], cwd=repository, env=_env(), check=True, stdout=subprocess.DEVNULL)


def committed_into(folder: Path) -> str:
    """Commit this checkout as it lies here, but for its tests, to a new repository; the id of the commit."""
    listed = git(_ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", ".", ":!tests")
    for name in map(os.fsdecode, listed.split(b"\0")[:-1]):
        if (_ROOT / name).is_file():  # one that is deleted is listed as well
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "-c", f"user.name={OURS}", "-c", "user.email=bench@modelguard.invalid", "commit", "--quiet", "-m", "it")
    return git(folder, "rev-parse", "HEAD").decode().strip()


def our_version() -> str:
    """The version of this checkout."""
    return _asked("--version").split()[-1]


def knows(option: str) -> bool:
    """Whether `scan` has this option."""
    return option in _asked("scan", "--help")


def compile_into(cache: Path) -> None:
    """Scan next to nothing with an empty `cache`, so that the compiled patterns are in it, and nothing else."""
    command = [*_PROGRAM, "scan", "--quiet", str(Path(__file__).resolve())]
    subprocess.run(command, env={**_env(), "MODELGUARD_CACHE_DIR": str(cache)}, check=True)
    if not compiled_in(cache):
        raise SystemExit(f"nothing was compiled into {cache}")


def compiled_in(cache: Path) -> bool:
    """Wait until the compiled patterns, which are made in the background, are there; False where they never come."""
    until = time.monotonic() + _BUILDING_SECONDS
    while time.monotonic() < until:
        if any(cache.rglob("*.hsdb")):
            return True
        time.sleep(0.1)
    return False


def _scan(*arguments: str) -> Command:
    return Command([*_PROGRAM, "scan", *arguments, "--format", "json", "--no-progress"], environment=_SETTINGS)


def _in_cache(command: Command, cache: Path) -> Command:
    return replace(command, environment={**command.environment, "MODELGUARD_CACHE_DIR": str(cache)})


def _asked(*arguments: str) -> str:
    return subprocess.run([*_PROGRAM, *arguments], capture_output=True, text=True, env=_env()).stdout


def _env() -> dict[str, str]:
    return {**os.environ, **_SETTINGS}
