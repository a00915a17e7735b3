"""Scans one file and tells how much memory that took; run as a program by `test_memory.py`.

`python -m tests.hostile.readers.peak FILE` writes a line of JSON to standard output: the peak in MiB of all that this
process had in memory, rules and engine counted in, which rules found something, and the reasons of gaps. The limit of
seconds is raised, so that what a reader takes is seen also on a slow machine.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from msgspec.structs import replace

from modelguard import pool
from modelguard.inspection import Inspection
from modelguard.pipeline import chosen_rules
from modelguard.settings import Settings
from modelguard.sources.file import FileBlob
from tests.readers.opened import RULES


def main(path: str) -> dict[str, object]:
    """See above."""
    settings = Settings()
    rules = [rule for rule in chosen_rules(settings) if rule.id in RULES]
    inspection = Inspection(rules, settings, None, frozenset())
    inspection._budget = replace(inspection._budget, opened_seconds=600.0)
    pool._Here.is_worker = True
    seen, parts = inspection.do(FileBlob(path, Path(path).name))
    found = [seen, *(inspection.do(part)[0] for part in parts)]
    return {
        "peak": _peak(),
        "found": sorted({finding.rule for each in found if each for finding in each.findings}),
        "gaps": [gap.reason.value for each in found if each for gap in each.gaps],
    }


def _peak() -> float:
    """The most that this process had in memory.

    `ru_maxrss` would count what its parent had, too, where a child begins by sharing that (vfork(2), getrusage(2)).
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout)
