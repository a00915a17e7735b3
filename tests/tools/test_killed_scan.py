"""A scan that is killed leaves no process and no damage behind, and the next one says what it would have said."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Told, Tool, planted

_FILES, _LARGE, _TOKENS = 2400, 10, 6
_MOMENTS = 10
_PATIENCE = 10.0
"""Longer than any process that ends by itself takes, however busy the machine."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A history of several megabytes and more objects than one piece of work holds, with values that are gone."""
    home = tmp_path_factory.mktemp("killed")
    repo = Repo(home / "repo", home).init()
    source = random.Random(7)
    files: dict[str, str | bytes | None] = {f"{number % 40}/{number}.txt": f"{number}\n" for number in range(_FILES)}
    files |= {f"large/{number}.txt": source.randbytes(400_000).hex() for number in range(_LARGE)}
    repo.commit(files | {f"{number}.txt": planted(number) for number in range(_TOKENS)})
    repo.commit({f"{number}.txt": None for number in range(_TOKENS)} | {"large/0.txt": f"{planted(_TOKENS)}\n"})
    repo.commit({"large/0.txt": "clean\n"})
    return repo


@pytest.fixture
def whole(made: Repo, scan: Scan) -> Told:
    """What an undisturbed scan says that remembers nothing."""
    scan(made, "--no-cache", "--jobs", "2")  # leaves the compiled patterns
    told = scan(made, "--no-cache", "--jobs", "2")
    assert (told.status, len(told.findings), told.gaps) == (1, _TOKENS + 1, [])
    return told


def start(tool: Tool, repo: Repo) -> subprocess.Popen[bytes]:
    """A scan in a session of its own."""
    return subprocess.Popen(
        tool.command("scan", "--jobs", "2", "--format", "json"),
        cwd=repo.path,
        env=tool.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def processes(session: int) -> Iterator[tuple[int, int, bytes]]:
    """Those that run in a session: their ids, their parents' ids and their names (proc_pid_stat(5))."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            before, _, after = (folder / "stat").read_bytes().rpartition(b") ")
        except OSError:
            continue
        state, parent, _, of, *_ = after.split()
        if int(of) == session and state != b"Z":
            yield int(folder.name), int(parent), before.partition(b"(")[2]


def all_end(session: int) -> bool:
    """Whether every process of a session ends by itself."""
    deadline = time.monotonic() + _PATIENCE
    while left := list(processes(session)):
        if time.monotonic() > deadline:
            for number, _, _ in left:
                os.kill(number, signal.SIGKILL)
            return False
        time.sleep(0.01)
    return True


def forget(tool: Tool) -> None:
    for file in tool.cache.iterdir():
        if file.suffix != ".hsdb":
            file.unlink()


def sound(tool: Tool) -> None:
    """Every store that there is can be read from end to end."""
    for file in tool.cache.glob("*.sqlite3"):
        with sqlite3.connect(file) as opened:
            assert opened.execute("pragma integrity_check").fetchall() == [("ok",)]
        opened.close()


def test_killed_at_any_moment(made: Repo, tool: Tool, scan: Scan, whole: Told) -> None:
    """With all that it has started, or alone, as by a supervisor that knows only the one process."""
    source = random.Random(1)
    took = float(whole.document["stats"]["seconds"])
    killed = 0
    for moment in range(_MOMENTS):
        forget(tool)
        scanning = start(tool, made)
        time.sleep(0.1 + took * source.uniform(moment, moment + 1) / _MOMENTS)
        killed += scanning.poll() is None
        if moment % 2:
            scanning.kill()
        else:
            os.killpg(scanning.pid, signal.SIGKILL)
        assert all_end(scanning.pid)
        scanning.communicate()
        sound(tool)
        told = scan(made, "--jobs", "2")
        assert told.same() == whole.same()
        assert [each for each in told.document["notices"] if each["kind"] == "cache"] == []
    assert killed > _MOMENTS // 2


@pytest.mark.parametrize("name", [b"git", b"python"])
def test_one_of_its_processes_is_killed(made: Repo, tool: Tool, whole: Told, name: bytes) -> None:
    """A worker's work is done again by another; a git that ends is started anew, or what it should have said is a gap."""
    scanning = start(tool, made)
    killed = False
    while not killed and scanning.poll() is None:
        for number, parent, called in processes(scanning.pid):
            worker = called.startswith(name) and number != scanning.pid
            if worker and (name != b"git" or parent != scanning.pid):
                os.kill(number, signal.SIGKILL)
                killed = True
                break
    answer, _ = scanning.communicate(timeout=60)
    assert killed
    assert all_end(scanning.pid)
    told = Told(scanning.returncode, json.loads(answer), "")
    if name == b"python":
        assert told.same() == whole.same()
    else:
        assert {gap["reason"] for gap in told.gaps} <= {"unreadable", "malformed"}
        assert len(told.findings) + len(told.gaps) >= len(whole.findings)
        assert told.status == 1


_HANGS = """
import re
from modelguard.pool import Pool

class Worker:
    def do(self, work):
        print("began", flush=True)
        re.match(r"(a|a)*b", "a" * 60)
    split = failed = do

list(Pool(Worker(), 2, 600.0, 1).run(iter(range(2)), lambda: None))
"""


def test_a_worker_that_hangs_ends_with_who_waits_for_it(tool: Tool) -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-c", _HANGS], env=tool.environment(), stdout=subprocess.PIPE, start_new_session=True
    )
    assert waiting.stdout is not None
    assert [waiting.stdout.readline() for _ in range(2)] == [b"began\n"] * 2
    waiting.kill()
    assert all_end(waiting.pid)
    waiting.communicate()
