"""The figures as a Markdown table: medians, spread, ratios pair by pair, peak memory, what was covered."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from measure import Run

OURS = "modelguard"
_HEAD = ("case", "scanner", "runs", "median s", "min s", "max s", "modelguard / it", "peak MiB", "exit", "says it read")


def written(runs: Sequence[Run], trees: Mapping[str, Path], versions: Mapping[str, str], results: Path) -> str:
    """The table's text; a copy is left in `results`, with every single run."""
    text = table(runs, {name: size_of(tree) for name, tree in trees.items()}, versions)
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{datetime.datetime.now():%Y%m%d-%H%M%S}.md").write_text(f"{text}\n{_every_run(runs)}")
    return text


def table(runs: Sequence[Run], sizes: Mapping[str, tuple[int, int]], versions: Mapping[str, str]) -> str:
    """The table. `sizes` are files and bytes of each tree."""
    lines = [
        ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "",
        *(f"* {name}: {count} files, {size / 1e6:.0f} MB" for name, (count, size) in sizes.items()),
        "",
        f"| {' | '.join(_HEAD)} |",
        "| --- " * len(_HEAD) + "|",
    ]
    for case in dict.fromkeys(run.case for run in runs):
        here = [run for run in runs if run.case == case]
        for name in dict.fromkeys(run.name for run in here):
            cells = _cells([run for run in here if run.name == OURS], [run for run in here if run.name == name])
            lines.append(f"| {case} | {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def ratios(ours: Sequence[Run], theirs: Sequence[Run]) -> list[float]:
    """Our seconds by theirs, for each round in which both ran; what else the machine did then slowed both."""
    seconds = {run.round: run.seconds for run in theirs if run.round >= 0}
    return [run.seconds / seconds[run.round] for run in ours if run.round in seconds]


def size_of(tree: Path) -> tuple[int, int]:
    """How many files a tree holds, links left out, and their bytes."""
    sizes = [path.stat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(sizes), sum(sizes)


def _cells(ours: Sequence[Run], runs: Sequence[Run]) -> list[str]:
    seconds = [run.seconds for run in runs if run.round >= 0]
    pairs = ratios(ours, runs) if runs[0].name != ours[0].name else []
    memory = [run.mib for run in runs if run.mib is not None]
    statuses = " ".join(sorted({str(run.status) for run in runs}))
    return [
        str(len(seconds)),
        *(f"{value:.2f}" for value in (median(seconds), min(seconds), max(seconds))),
        f"{median(pairs):.2f} ({min(pairs):.2f} to {max(pairs):.2f})" if pairs else "",
        f"{max(memory):.0f}" if memory else "",
        f"**{statuses}: failed**" if any(run.failed for run in runs) else statuses,
        next((run.said for run in runs if run.said), ""),
    ]


def _every_run(runs: Sequence[Run]) -> str:
    lines = [f"{run.case}, {run.name}, {run.round + 1}: {run.seconds:.3f} s" for run in runs if run.round >= 0]
    return "```\n" + "\n".join(lines) + "\n```\n"
