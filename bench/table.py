"""The figures as a Markdown table: medians, spread, ratio to each peer, peak memory."""

from __future__ import annotations

import datetime
import platform
from pathlib import Path
from statistics import median

from measure import Run

from modelguard.version import VERSION


def written(runs: list[Run], trees: dict[str, Path], versions: dict[str, str], results: Path) -> str:
    """The table's text; a copy is left in `results`."""
    lines = [
        f"modelguard {VERSION}; " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"{platform.platform()}, Python {platform.python_version()}",
        "",
        *(f"* {name}: {count} files, {size / 1e6:.0f} MB" for name, (count, size) in _sizes(trees).items()),
        "",
        "| case | scanner | runs | median s | min s | max s | modelguard / it | peak MiB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for case in dict.fromkeys(run.case for run in runs):
        ours = median(run.seconds for run in runs if run.case == case and run.name == "modelguard")
        for name in dict.fromkeys(run.name for run in runs if run.case == case):
            lines.append(_row([run for run in runs if run.case == case and run.name == name], ours))
    text = "\n".join(lines) + "\n"
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{datetime.datetime.now():%Y%m%d-%H%M%S}.md").write_text(text)
    return text


def _row(runs: list[Run], ours: float) -> str:
    seconds = [run.seconds for run in runs]
    middle = median(seconds)
    memory = max(run.mib for run in runs)
    return (
        f"| {runs[0].case} | {runs[0].name} | {len(runs)} | {middle:.2f} | {min(seconds):.2f} | {max(seconds):.2f} "
        f"| {ours / middle:.2f} | {memory:.0f} |"
    )


def _sizes(trees: dict[str, Path]) -> dict[str, tuple[int, int]]:
    found = {}
    for name, tree in trees.items():
        sizes = [path.stat().st_size for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]
        found[name] = (len(sizes), sum(sizes))
    return found
