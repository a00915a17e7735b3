"""A history scanned again: when nothing is new, and after one more commit."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from measure import Run, interleaved
from repository import commit_once_more, whole
from subject import ours_in_history

FIRST = "first scan"


def again(name: str, repository: Path, work: Path, compiled: Path, runs: int) -> list[Run]:
    """Each round: the first scan of a copy, a second, a commit of five small files, and a third.

    The cache is a copy of `compiled`, the compiled patterns and nothing else, before the first scan: it is the history
    that is new.
    """
    with tempfile.TemporaryDirectory(dir=work) as folder:
        copy = whole(repository, Path(folder) / "repository.git")
        cache = Path(folder) / "cache"
        scan = ours_in_history(copy, cache, remembers=True)
        scans = {
            FIRST: replace(scan, prepare=_doing(lambda: _refill(cache, compiled))),
            "nothing new": scan,
            "one new commit": replace(scan, prepare=_doing(lambda: commit_once_more(copy))),
        }
        return interleaved(name, scans, runs)


def _refill(cache: Path, compiled: Path) -> None:
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(compiled, cache)


def _doing(work: Callable[[], None]) -> Callable[[], Mapping[str, str]]:
    def prepare() -> Mapping[str, str]:
        work()
        return {}

    return prepare
