"""Wall time and peak memory of whole commands, run in turn."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One run of one command: wall seconds, and the peak of its processes' proportional memory in MiB."""

    case: str
    name: str
    seconds: float
    mib: float


def interleaved(case: str, commands: dict[str, list[str]], runs: int, warm_up: bool = True) -> list[Run]:
    """Each command `runs` times, in turn, after one run of each that does not count."""
    found: list[Run] = []
    for number in range(-1 if warm_up else 0, runs):
        for name, command in commands.items():
            seconds, mib = _measured(command)
            if number >= 0:
                found.append(Run(case, name, seconds, mib))
    return found


def _measured(command: list[str]) -> tuple[float, float]:
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(child.pid, peak), daemon=True)
    watcher.start()
    child.wait()
    seconds = time.perf_counter() - began
    watcher.join(1)
    return seconds, peak[0]


def _watch(pid: int, peak: list[float]) -> None:
    """Sample the memory of a process and its children, shared pages counted once between them."""
    while Path(f"/proc/{pid}/smaps_rollup").exists():
        total = sum(_proportional(each) for each in [pid, *_children(pid)])
        if not total:
            return
        peak[0] = max(peak[0], total / 1024)
        time.sleep(0.02)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
