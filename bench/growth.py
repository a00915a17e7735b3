"""How time, CPU time and memory grow with a history: per gigabyte, on histories that are made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from measure import Run
from pseudo import commits
from repository import Contents, git, imported
from table import exits, grid, peak
from trees import made

SIZES = (0.1, 1.0, 4.0)
_HEAD = ("history", "blobs", "GB", "scanner", "s / GB", "CPU s / GB", "peak MiB (own)", "exit")


def grown(work: Path, gigabytes: float) -> Path:
    """A bare repository with about so many GB of blobs, packed as git packs them; kept in `work`."""

    def fill(part: Path) -> None:
        imported(part, commits(int(gigabytes * 1e9)))
        git(part, "repack", "-q", "-adf", "--depth=50", "--window=10")

    return made(work / f"history-{gigabytes:g}", fill)


def per_gigabyte(runs: Sequence[Run], held: Mapping[str, Contents]) -> str:
    """The table; `held` is what each case's history holds."""
    rows = []
    for case, name in dict.fromkeys((run.case, run.name) for run in runs if run.case in held):
        of = [run for run in runs if (run.case, run.name) == (case, name)]
        size = held[case].blob_bytes / 1e9
        counted = [run for run in of if run.round >= 0]
        cpu = [run.cpu for run in counted if run.cpu is not None]
        rows.append(
            [
                case,
                f"{held[case].blobs:,}",
                f"{size:.2f}",
                name,
                f"{median(run.seconds for run in counted) / size:.2f}",
                f"{median(cpu) / size:.2f}" if cpu else "",
                peak(of),
                exits(of),
            ]
        )
    return grid(_HEAD, rows)
