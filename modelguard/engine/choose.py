"""Which engine serves a scan: fast wherever it pays, plain where a database would cost more than it saves."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

from modelguard.engine.interface import Engine, Pattern

SMALL_SCAN_BYTES = 256 * 1024
"""Up to this many bytes the plain engine is done before a database would be compiled."""

_BUILD_SECONDS = 60
_BUILD = (  # it stands back behind the scan that started it
    "import os, sys; getattr(os, 'nice', int)(10); sys.path.insert(0, sys.argv[1]);"
    "from modelguard.engine.choose import build_from_input; build_from_input()"
)


def choose(patterns: Sequence[Pattern], expected_bytes: int | None) -> Engine:
    """An engine for about `expected_bytes` of text (None: not known, so much).

    Where no database is cached yet, a small scan is served by the plain engine and a process of its own compiles
    the database for the next scan; a large scan compiles it now.
    """
    try:
        from modelguard.engine import compiled
        from modelguard.engine.fast import FastEngine, build
    except ImportError:  # no wheel of hyperscan for this platform, or none that loads on this machine
        return _plain(patterns)
    path = compiled.cache_file(patterns)
    database = compiled.load(path)
    if database is None and expected_bytes is not None and expected_bytes <= SMALL_SCAN_BYTES:
        _build_for_next_time(patterns, path)
        return _plain(patterns)
    if database is None:
        database = build(patterns)
        compiled.store(database, path)
    return FastEngine(patterns, database)


def _plain(patterns: Sequence[Pattern]) -> Engine:
    from modelguard.engine.plain import PlainEngine

    return PlainEngine(patterns)


def build_from_input() -> None:
    """The other process: reads patterns from standard input and leaves their database in the cache."""
    import msgspec

    from modelguard.engine import compiled
    from modelguard.engine.fast import build

    patterns = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Pattern])
    path = compiled.cache_file(patterns)
    if compiled.load(path) is None:
        compiled.store(build(patterns), path)


def _build_for_next_time(patterns: Sequence[Pattern], path: str) -> None:
    """Start the other process and leave it alone. `-I` and an explicit path: nothing in the current folder is run."""
    if os.environ.get("MODELGUARD_NO_BACKGROUND") or _begun_lately(path):
        return
    import subprocess
    import tempfile

    import msgspec

    root = os.path.realpath(os.path.join(os.path.dirname(__file__), os.pardir, os.pardir))
    try:
        with tempfile.TemporaryFile() as file:  # a pipe would have to be waited for
            file.write(msgspec.json.encode(list(patterns)))
            file.seek(0)
            child = subprocess.Popen(
                [sys.executable, "-I", "-c", _BUILD, root],
                stdin=file,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                cwd=root,
            )
        child.returncode = 0  # not waited for: it outlives this process
    except OSError:
        pass  # no process to be had, or no room; the next large scan compiles


def _begun_lately(path: str) -> bool:
    """Whether another scan has just started to compile the same; if not, say that this one has."""
    mark = f"{os.path.splitext(path)[0]}.building"
    try:
        if time.time() - os.stat(mark).st_mtime < _BUILD_SECONDS:
            return True
    except OSError:
        pass
    try:
        os.makedirs(os.path.dirname(mark), mode=0o700, exist_ok=True)
        os.close(os.open(mark, os.O_WRONLY | os.O_CREAT, 0o600))
        os.utime(mark)
    except OSError:
        return True  # the database could not be stored either
    return False
