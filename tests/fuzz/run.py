"""All targets, some at once, each for some seconds: `python -m tests.fuzz.run [--seconds N] [--jobs N] [TARGET]...`.

An input that breaks a law is kept in `.fuzz/`, and the command that repeats it is printed. The exit status is 1 then.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from tests.fuzz.targets import SEED_BYTES, TARGETS, Target, dictionary, write_seeds

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / ".fuzz"

_SLOW = 5
"""Seconds of one input that are told; it is kept, too. No defect, since on a busy machine others may have taken them."""

OPTIONS = (f"-max_len={SEED_BYTES}", "-timeout=60", "-rss_limit_mb=3072", "-print_final_stats=1", "-verbosity=1")
OPTIONS += (f"-report_slow_units={_SLOW}",)
"""Memory: 1.5 GiB are what a library in C may take (`readers/native.py`), and coverage needs some of its own."""

_RUNS = re.compile(r"number_of_executed_units: *(\d+)")
_SLOWEST = re.compile(r"slowest_unit_time_sec: *(\d+)")
_COVERED = re.compile(r" cov: (\d+)")
_MOST_COUNTED = re.compile(r"^#(\d+)\t", re.MULTILINE)
_LEAST_SECONDS = 2
_SHOWN = 6000


class Ran(NamedTuple):
    """What became of a target: its runs, how many branches they took, and what it printed of each defect.

    `ended` counts how often a library in C ended the process: that is what its worker is for.
    """

    target: Target
    runs: int
    seconds: float
    branches: int
    defects: Sequence[str]
    ended: int
    slowest: int

    def __str__(self) -> str:
        told = f"{self.target.name:28} {self.runs:8} runs, {self.runs / self.seconds:6.0f} a second, {self.branches:5} branches"
        ended = f", its library ended the process {self.ended} times" if self.ended else ""
        slow = f", {self.slowest} seconds for one input" if self.slowest >= _SLOW else ""
        return told + ended + slow + (f", {len(self.defects)} DEFECTS" if self.defects else "")


class Server:
    """A process that has imported all readers and fuzzes in forks, one after the other (`target.serve`)."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / f"said-{id(self)}"
        command = [sys.executable, "-m", "tests.fuzz.target", "--serve"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, name: str, options: Sequence[str]) -> tuple[int, str]:
        """The exit status of one run, and everything it said."""
        assert self._process.stdin and self._process.stdout
        print(json.dumps([name, options, str(self._said)]), file=self._process.stdin, flush=True)
        status = self._process.stdout.readline()
        if not status:
            raise RuntimeError("the process that fuzzes has ended")
        return int(status), self._said.read_bytes().decode("utf-8", "replace")

    def close(self) -> None:
        """End it."""
        self._process.communicate()


def fuzz(target: Target, seconds: int, folder: Path, server: Server, seed: int = 0, most: int = -1) -> Ran:
    """Run a target for so long, or `most` inputs, again where a library in C ended it; seed 0 is another each time."""
    seeds = folder / target.name
    write_seeds(target, seeds)
    words = folder / f"{target.name}.dict"
    words.write_text(dictionary(target))
    runs = branches = ended = slowest = 0
    began = time.monotonic()
    defects: list[str] = []
    while not defects and (left := seconds - (time.monotonic() - began)) > (_LEAST_SECONDS if ended else 0):
        options = [f"-dict={words}", f"-max_total_time={max(1, int(left))}", f"-artifact_prefix={KEPT}/{target.name}-"]
        options += [f"-seed={seed + ended if seed else 0}", f"-runs={most}"]
        status, said = server.run(target.name, [str(seeds), *OPTIONS, *options])
        counted = _RUNS.findall(said) or _MOST_COUNTED.findall(said) or ["0"]
        runs += int(counted[-1])
        branches = max([branches, *map(int, _COVERED.findall(said))])
        slowest = max([slowest, *map(int, _SLOWEST.findall(said))])
        if status == 0:
            break
        if target.is_native and "deadly signal" in said and "Uncaught Python exception" not in said:
            ended += 1
            for each in _kept(said):
                each.unlink(missing_ok=True)  # no defect of ours, and what it holds would be found by the next scan
        else:
            defects.append(_told(said, target))
    return Ran(target, runs, time.monotonic() - began, branches, defects, ended, slowest)


def _told(said: str, target: Target) -> str:
    """What was printed of a defect, and how to repeat it."""
    begins = said.find("=== Uncaught Python exception")
    inputs = " ".join(str(each.relative_to(ROOT)) for each in _kept(said)) or "(no input was kept)"
    python = Path(sys.executable)
    program = python.relative_to(ROOT) if ROOT in python.parents else python
    shown = said[begins if begins >= 0 else -_SHOWN :][:_SHOWN].rstrip()
    return f"== {target.name}\n{shown}\nrepeat it: {program} -m tests.fuzz.target {target.name} {inputs}\n"


def _kept(said: str) -> list[Path]:
    """The inputs that libFuzzer says it has written."""
    return [Path(each) for each in re.findall(r"Test unit written to (.+)", said)]


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="a reader, such as weights.gguf (default: all)")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=0, help="of chance: where inputs should be the same each time")
    parser.add_argument("--runs", type=int, default=-1, help="inputs at the most, for each target (-1: any number)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    asked = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        return _refused("atheris is not installed: it has wheels for CPython on Linux (x86-64, glibc) only")
    unknown = [name for name in asked.targets if name not in TARGETS]
    if unknown:
        return _refused(f"no target is called {', '.join(unknown)}; there are {' '.join(TARGETS)}")
    KEPT.mkdir(exist_ok=True)
    chosen = [TARGETS[name] for name in asked.targets or TARGETS]
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        free: SimpleQueue[Server] = SimpleQueue()
        for _ in range(min(asked.jobs, len(chosen))):
            server = Server(folder)
            closing.callback(server.close)
            free.put(server)
        pool = closing.enter_context(ThreadPoolExecutor(asked.jobs))

        def one(target: Target) -> Ran:
            server = free.get()
            try:
                return fuzz(target, asked.seconds, folder, server, asked.seed, asked.runs)
            finally:
                free.put(server)

        work = [pool.submit(one, target) for target in chosen]
        ran = []
        for each in work:
            ran.append(each.result())
            print(ran[-1], flush=True)
            print(*ran[-1].defects, sep="\n", end="\n" if ran[-1].defects else "", flush=True)
    return 1 if any(each.defects for each in ran) else 0


def _refused(why: str) -> int:
    print(f"fuzz: {why}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
