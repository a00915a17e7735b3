"""The figures as Markdown tables: medians, spread, ratios pair by pair, CPU time, peak memory, what was covered."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from measure import Memory, Run

OURS = "modelguard"
_MEMORY = "peak MiB (own)"
_Pair = Callable[[Mapping[str, Sequence[Run]], Sequence[Run]], tuple[Sequence[Run], Sequence[Run]]]


def page(versions: Mapping[str, str], subjects: Sequence[str], tables: Sequence[str]) -> str:
    """What was compared on which machine, what was scanned, and the tables."""
    lines = [
        ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "",
        *(f"* {subject}" for subject in subjects),
    ]
    return "\n".join(lines) + "\n\n" + "\n".join(text for text in tables if text)


def kept(text: str, runs: Sequence[Run], results: Path) -> None:
    """Leave a copy of `text` in `results`, with every single run."""
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{datetime.datetime.now():%Y%m%d-%H%M%S}.md").write_text(f"{text}\n{_every_run(runs)}")


def compared(runs: Sequence[Run]) -> str:
    """Each case's scanners, with the ratio of ours to each; empty where nothing ran."""
    ratio = f"{OURS} / it"
    return _table(runs, ("scanner", ratio, f"CPU {ratio}"), lambda here, it: (here.get(OURS, ()), it))


def repeated(runs: Sequence[Run], first: str) -> str:
    """Each case's scans by one scanner, with the ratio of each to the `first`; empty where nothing ran."""
    return _table(runs, ("scan", f"it / {first}", f"CPU it / {first}"), lambda here, it: (it, here[first]))


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; empty where it has no rows."""
    if not rows:
        return ""
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def ratios(over: Sequence[Run], under: Sequence[Run], cpu: bool = False) -> list[float]:
    """Seconds by seconds, for each round in which both ran; what else the machine did then slowed both."""
    below = {run.round: _taken(run, cpu) for run in under if run.round >= 0}
    pairs = [(_taken(run, cpu), below.get(run.round)) for run in over]
    return [above / beneath for above, beneath in pairs if above is not None and beneath]


def peak(runs: Sequence[Run]) -> str:
    """The most MiB that were seen, and how much of it was mapped from no file: a pack is memory only on paper."""
    seen = [run.memory for run in runs if run.memory is not None]
    most = Memory(max((each.all for each in seen), default=0), max((each.own for each in seen), default=0))
    return f"{most.all:.0f} ({most.own:.0f})" if seen else ""


def exits(runs: Sequence[Run]) -> str:
    """The exit statuses, marked where one is a failure."""
    statuses = " ".join(sorted({str(run.status) for run in runs}))
    return f"**{statuses}: failed**" if any(run.failed for run in runs) else statuses


def size_of(tree: Path) -> tuple[int, int]:
    """How many files a tree holds, links left out, and their bytes."""
    sizes = [path.stat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(sizes), sum(sizes)


def _table(runs: Sequence[Run], labels: tuple[str, str, str], pair: _Pair) -> str:
    who, wall, cpu = labels
    head = ("case", who, "runs", "median s", "min s", "max s", wall, "CPU s", cpu, _MEMORY, "exit", "says it read")
    rows: list[list[str]] = []
    for case in dict.fromkeys(run.case for run in runs):
        here: dict[str, list[Run]] = {}
        for run in runs:
            if run.case == case:
                here.setdefault(run.name, []).append(run)
        rows += [[case, name, *_cells(of, *pair(here, of))] for name, of in here.items()]
    return grid(head, rows)


def _cells(runs: Sequence[Run], over: Sequence[Run], under: Sequence[Run]) -> list[str]:
    seconds = [run.seconds for run in runs if run.round >= 0]
    cpu = [run.cpu for run in runs if run.round >= 0 and run.cpu is not None]
    return [
        str(len(seconds)),
        *(f"{value:.2f}" for value in (median(seconds), min(seconds), max(seconds))),
        _spread([] if over is under else ratios(over, under)),
        f"{median(cpu):.2f}" if cpu else "",
        _spread([] if over is under else ratios(over, under, cpu=True)),
        peak(runs),
        exits(runs),
        next((run.said for run in runs if run.said), ""),
    ]


def _spread(pairs: Sequence[float]) -> str:
    return f"{median(pairs):.2f} ({min(pairs):.2f} to {max(pairs):.2f})" if pairs else ""


def _taken(run: Run, cpu: bool) -> float | None:
    return run.cpu if cpu else run.seconds


def _every_run(runs: Sequence[Run]) -> str:
    counted = [run for run in runs if run.round >= 0]
    lines = [f"{run.case}, {run.name}, {run.round + 1}: {run.seconds:.3f} s{_cpu(run)}" for run in counted]
    return "```\n" + "\n".join(lines) + "\n```\n"


def _cpu(run: Run) -> str:
    return "" if run.cpu is None else f", CPU {run.cpu:.3f} s"
