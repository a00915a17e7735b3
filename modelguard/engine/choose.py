"""Which engine serves a scan: fast wherever it pays, plain where a database would cost more than it saves."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modelguard.engine.interface import Engine, Pattern
from modelguard.engine.plain import PlainEngine

if TYPE_CHECKING:
    from modelguard.engine.compiled import Hunt

SMALL_SCAN_BYTES = 128 * 1024
"""Up to this many bytes the plain engine is done before a database would be compiled."""

_BUILD = (
    "import sys; sys.path.insert(0, sys.argv[1]);"
    "from modelguard.engine.choose import build_from_input; build_from_input()"
)


def choose(patterns: Sequence[Pattern], expected_bytes: int | None) -> Engine:
    """An engine for about `expected_bytes` of text (None: not known, so much).

    Where no database is cached yet, a small scan is served by the plain engine and a process of its own compiles
    the database for the next scan; a large scan compiles it now.
    """
    if importlib.util.find_spec("hyperscan") is None:
        return PlainEngine(patterns)
    from modelguard.engine import compiled
    from modelguard.engine.fast import FastEngine, hunts

    wanted = hunts(patterns)
    path = compiled.cache_file(wanted)
    database = compiled.load(path)
    if database is None and expected_bytes is not None and expected_bytes <= SMALL_SCAN_BYTES:
        _build_for_next_time(wanted)
        return PlainEngine(patterns)
    if database is None:
        database = compiled.compile_database(wanted)
        compiled.store(database, path)
    return FastEngine(patterns, database)


def build_from_input() -> None:
    """The other process: reads what to hunt for from standard input and leaves a database in the cache."""
    from modelguard.engine import compiled

    hunts = [compiled.Hunt(*hunt) for hunt in json.load(sys.stdin)]
    path = compiled.cache_file(hunts)
    if compiled.load(path) is None:
        compiled.store(compiled.compile_database(hunts), path)


def _build_for_next_time(hunts: Sequence[Hunt]) -> None:
    """Start the other process and leave it alone. `-I` and an explicit path: nothing in the current folder is run."""
    if os.environ.get("MODELGUARD_NO_BACKGROUND"):
        return
    root = str(Path(__file__).resolve().parent.parent.parent)
    try:
        child = subprocess.Popen(
            [sys.executable, "-I", "-c", _BUILD, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=root,
        )
        assert child.stdin is not None
        child.stdin.write(json.dumps(hunts).encode())
        child.stdin.close()
        child.returncode = 0  # not waited for: it outlives this process
    except OSError:
        pass  # no process to be had; the next large scan compiles
