"""Wall time and peak memory of whole commands, run in turn, so that a noisy machine is equally unfair to each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_SAMPLE_SECONDS = 0.02
_SAID = (
    re.compile(r'"stats": \{\s*"blobs": \d+,\s*"bytes": (\d+)'),  # modelguard
    re.compile(r"scanned ~(\d+) bytes"),  # gitleaks, betterleaks
    re.compile(r"Bytes Scanned\.*: ([\d.]+ \w+)"),  # kingfisher
)


@dataclass(frozen=True)
class Command:
    """A command line, the exit statuses that are no failure, and what to set in its environment.

    `folder` is where it runs (None: an empty one, so that no settings lie about). `prepare` gives more of the
    environment before each run; `settle` is called after each, outside the time taken.
    """

    arguments: list[str]
    accepts: frozenset[int] = frozenset({0, 1})
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    prepare: Callable[[], Mapping[str, str]] = dict
    settle: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Run:
    """One run of one command. `round` is -1 for a warm-up, whose seconds do not count.

    `mib` is the peak of all its processes' memory, and `said` the bytes that the scanner says it read, where they were
    looked at: in warm-ups, and in runs that have none, so that looking costs the others nothing.
    """

    case: str
    name: str
    round: int
    seconds: float
    status: int
    failed: bool = False
    mib: float | None = None
    said: str = ""


def interleaved(case: str, commands: Mapping[str, Command], runs: int, warm_up: bool = True) -> list[Run]:
    """Each command `runs` times, in turn (A B A B), after one run of each that only looks at memory."""
    found: list[Run] = []
    for number in range(-1 if warm_up else 0, runs):
        for name, command in commands.items():
            found.append(_measured(case, name, number, command, watched=number < 0 or not warm_up))
            print(f"{case}: {name} {number + 1}/{runs}: {found[-1].seconds:.2f} s", file=sys.stderr)
    return found


def _measured(case: str, name: str, number: int, command: Command, watched: bool) -> Run:
    environment = {**os.environ, **command.environment, **command.prepare()}
    peak = [0.0]
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        child = subprocess.Popen(
            command.arguments,
            cwd=command.folder or empty,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output if watched else subprocess.DEVNULL,
            stderr=output if watched else subprocess.DEVNULL,
        )
        watcher = threading.Thread(target=_watch, args=(child, peak), daemon=True)
        if watched:
            watcher.start()
        status = child.wait()
        seconds = time.perf_counter() - began
        if watched:
            watcher.join()
        command.settle()
        said = _said(output)
    return Run(case, name, number, seconds, status, status not in command.accepts, peak[0] or None, said)


def _said(output: IO[bytes]) -> str:
    """What a scanner says it read; empty where it says nothing."""
    output.seek(0)
    text = output.read().decode("utf-8", "replace")
    found = next((found[-1] for found in (pattern.findall(text) for pattern in _SAID) if found), "")
    if found.isdigit():
        return f"{int(found) / 1e6:.1f} MB" if int(found) >= 100_000 else f"{found} B"
    return found


def _watch(child: subprocess.Popen[bytes], peak: list[float]) -> None:
    """Sample the memory of a process and all below it; pages that they share count once. Linux only."""
    while child.returncode is None:
        total = sum(map(_proportional, _family(child.pid)))
        peak[0] = max(peak[0], total / 1024)
        time.sleep(_SAMPLE_SECONDS)


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        try:
            tasks = list(Path(f"/proc/{each}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:  # it has ended
            continue
    return found


def _proportional(pid: int) -> int:
    """KiB of a process's memory, each page divided by the number of processes that share it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
