"""Wall time, CPU time and peak memory of whole commands, run in turn: a noisy machine is equally unfair to each."""

from __future__ import annotations

import json
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

_SAMPLE_SECONDS = 0.02
_BACKGROUND_SECONDS = 60.0  # what a command leaves running may go on for so long, and is killed then
_REAPER = Path(__file__).resolve().parent / "reaper.py"
_SAID = (
    re.compile(r'"stats": \{\s*"blobs": \d+,\s*"bytes": (\d+)'),  # modelguard
    re.compile(r"scanned ~(\d+) bytes"),  # gitleaks, betterleaks
    re.compile(r"Bytes Scanned\.*: ([\d.]+ \w+)"),  # kingfisher
)
_CUT_SHORT = re.compile(r"incomplete scan|stderr is not empty")  # betterleaks, gitleaks: an exit status says nothing


@dataclass(frozen=True)
class Command:
    """A command line, the exit statuses that are no failure, and what to set in its environment.

    `folder` is where it runs (None: an empty one, so that no settings lie about). `prepare` gives more of the
    environment before each run; `settle` is called after each, outside the time taken. The output of one that is
    `mute` is no report, and goes nowhere.
    """

    arguments: list[str]
    accepts: frozenset[int] = frozenset({0, 1})
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    prepare: Callable[[], Mapping[str, str]] = dict
    settle: Callable[[], None] = lambda: None
    mute: bool = False


@dataclass(frozen=True)
class Memory:
    """MiB that processes hold together: `all` of them, and `own`, what is mapped from no file."""

    all: float = 0.0
    own: float = 0.0


@dataclass(frozen=True)
class Run:
    """One run of one command. `round` is -1 for a warm-up, whose seconds do not count.

    `seconds` end with the command; `cpu` are the CPU seconds (user and system) of all its processes, those it left in
    the background, too. `memory` is the peak of them all, and `said` the bytes that the scanner says it read, where
    they were looked at: in warm-ups, and in runs that have none, so that looking costs the others nothing.
    """

    case: str
    name: str
    round: int
    seconds: float
    status: int
    failed: bool = False
    cpu: float | None = None
    memory: Memory | None = None
    said: str = ""


def interleaved(case: str, commands: Mapping[str, Command], runs: int, warm_up: bool = True) -> list[Run]:
    """Each command `runs` times, in turn (A B A B), after one run of each that only looks at memory."""
    found: list[Run] = []
    for number in range(-1 if warm_up else 0, runs):
        for name, command in commands.items():
            found.append(_measured(case, name, number, command, watched=number < 0 or not warm_up))
            print(f"{case}: {name} {number + 1}/{runs}: {found[-1].seconds:.2f} s", file=sys.stderr)
    return found


def output(command: Command) -> str:
    """What a command says on standard output, through a pipe; one that fails or is cut short ends the bench."""
    with tempfile.TemporaryDirectory() as empty:
        ended = subprocess.run(
            command.arguments,
            cwd=command.folder or empty,
            env={**os.environ, **command.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    if ended.returncode not in command.accepts or _CUT_SHORT.search(ended.stderr.decode("utf-8", "replace")):
        raise SystemExit(f"{command.arguments[0]}: failed with exit status {ended.returncode}")
    return ended.stdout.decode("utf-8", "replace")


def _measured(case: str, name: str, number: int, command: Command, watched: bool) -> Run:
    environment = {**os.environ, **command.environment, **command.prepare()}
    peak = [Memory()]
    with (
        tempfile.TemporaryDirectory() as empty,
        tempfile.TemporaryDirectory() as aside,
        tempfile.TemporaryFile() as out,
    ):
        report = Path(aside) / "report"
        output = out if watched and not command.mute else subprocess.DEVNULL
        child = subprocess.Popen(
            [sys.executable, "-IS", str(_REAPER), str(report), str(_BACKGROUND_SECONDS), *command.arguments],
            cwd=command.folder or empty,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        watcher = threading.Thread(target=_watch, args=(child, peak), daemon=True)
        if watched:
            watcher.start()
        child.wait()
        if watched:
            watcher.join()
        if child.returncode:
            raise SystemExit(f"{command.arguments[0]}: could not be run")
        told = json.loads(report.read_text())
        command.settle()
        out.seek(0)
        text = out.read().decode("utf-8", "replace")
    memory = peak[0] if peak[0].all else None
    failed = told["status"] not in command.accepts or bool(_CUT_SHORT.search(text))
    return Run(case, name, number, told["seconds"], told["status"], failed, told["cpu"], memory, _said(text))


def _said(text: str) -> str:
    """What a scanner says it read; empty where it says nothing."""
    found = next((found[-1] for found in (pattern.findall(text) for pattern in _SAID) if found), "")
    if found.isdigit():
        return f"{int(found) / 1e6:.1f} MB" if int(found) >= 100_000 else f"{found} B"
    return found


def _watch(reaper: subprocess.Popen[bytes], peak: list[Memory]) -> None:
    """Sample the memory of all below the reaper; pages that they share count once. Linux only."""
    while reaper.returncode is None:
        held = [_proportional(pid) for pid in _family(reaper.pid)[1:]]
        sums = Memory(sum(each.all for each in held), sum(each.own for each in held))
        peak[0] = Memory(max(peak[0].all, sums.all), max(peak[0].own, sums.own))
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


def _proportional(pid: int) -> Memory:
    """A process's memory, each page divided by the number of processes that share it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return Memory()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith("Pss")}
    return Memory(kib.get("Pss", 0) / 1024, (kib.get("Pss_Anon", 0) + kib.get("Pss_Shmem", 0)) / 1024)
