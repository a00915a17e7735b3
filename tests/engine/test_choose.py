"""Which engine serves a scan, and the process that builds the database for the next one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from modelguard.engine import choose as choosing
from modelguard.engine import compiled
from modelguard.engine.choose import SMALL_SCAN_BYTES, choose
from modelguard.engine.syntax import derive

PATTERNS = [derive(r"\b(?P<value>abc[0-9]{4})\b"), derive(r"(?P<value>xyz[a-f]{1,9})")]
TEXT = b"an abc1234 and an xyzaf"


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the database will be."""
    monkeypatch.setenv("MODELGUARD_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("MODELGUARD_NO_BACKGROUND", raising=False)
    return Path(compiled.cache_file(PATTERNS))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The processes that would have been started."""
    calls: list[object] = []

    def refuse(*arguments: object, **options: object) -> None:
        calls.append(arguments)
        raise OSError("no process")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    return calls


def _wait_for(path: Path) -> None:
    for _ in range(200):
        if compiled.load(path) is not None:
            return
        time.sleep(0.1)
    raise AssertionError(f"no database in {list(path.parent.iterdir()) if path.parent.exists() else 'no folder'}")


@pytest.mark.parametrize("expected", [None, SMALL_SCAN_BYTES + 1])
def test_a_large_scan_compiles_now(expected: int | None, path: Path, started: list[object]) -> None:
    engine = choose(PATTERNS, expected)
    assert engine.name == "fast"
    assert len(engine.scan(TEXT).spans) == 2
    assert compiled.load(path) is not None
    assert not started


def test_a_small_scan_is_served_at_once_and_leaves_a_database_behind(path: Path) -> None:
    engine = choose(PATTERNS, SMALL_SCAN_BYTES)
    assert engine.name == "plain"
    _wait_for(path)
    later = choose(PATTERNS, 1)
    assert later.name == "fast"
    assert later.scan(TEXT) == engine.scan(TEXT)
    assert len(engine.scan(TEXT).spans) == 2


def test_a_database_serves_small_scans_too(started: list[object]) -> None:
    choose(PATTERNS, None)
    assert choose(PATTERNS, 1).name == "fast"
    assert not started


def test_nothing_is_started_where_the_environment_says_so(
    path: Path, started: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELGUARD_NO_BACKGROUND", "1")
    assert choose(PATTERNS, 1).name == "plain"
    assert not started
    assert not path.parent.exists()


def test_one_build_at_a_time(path: Path, started: list[object]) -> None:
    for _ in range(3):
        assert choose(PATTERNS, 1).name == "plain"
    assert len(started) == 1
    mark = path.with_suffix(".building")
    os.utime(mark, (time.time() - 3600,) * 2)  # that build came to nothing
    choose(PATTERNS, 1)
    assert len(started) == 2
    assert mark.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"x"), lambda path: path.chmod(0o666)])
def test_a_small_scan_does_not_use_an_odd_database(
    spoil: Callable[[Path], None], path: Path, started: list[object]
) -> None:
    choose(PATTERNS, None)
    spoil(path)
    assert choose(PATTERNS, 1).name == "plain"
    assert len(started) == 1


def test_nothing_in_the_current_folder_is_run(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = tmp_path / "tree"
    marker = tmp_path / "run"
    (tree / "modelguard" / "engine").mkdir(parents=True)
    trap = f"open({str(marker)!r}, 'a').write(__name__)\n"
    for name in ("modelguard/__init__", "modelguard/engine/__init__", "modelguard/engine/choose"):
        (tree / f"{name}.py").write_text(trap)
    for name in ("json", "hyperscan", "sitecustomize", "usercustomize", "hashlib", "platform"):
        (tree / f"{name}.py").write_text(trap)
    monkeypatch.chdir(tree)
    monkeypatch.setenv("PYTHONPATH", str(tree))
    assert choose(PATTERNS, 1).name == "plain"
    _wait_for(path)
    assert not marker.exists()
    subprocess.run([sys.executable, "-c", "import modelguard"], cwd=tree, check=True)
    assert marker.exists()  # the trap works


@pytest.mark.parametrize("expected", [None, 1])
def test_without_hyperscan_the_plain_engine_serves(
    expected: int | None, path: Path, started: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("hyperscan", "modelguard.engine.compiled", "modelguard.engine.fast"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delattr("modelguard.engine.compiled")
    engine = choose(PATTERNS, expected)
    assert engine.name == "plain"
    assert len(engine.scan(TEXT).spans) == 2
    assert not started
    assert not path.parent.exists()


def test_a_hyperscan_that_does_not_load_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "hyperscan.py").write_text("raise ImportError('libhs.so.5: cannot open shared object file')")
    program = "; ".join(
        (
            f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(Path(choosing.__file__).parents[2])!r}]",
            "from modelguard.engine.choose import choose",
            "print(choose([], None).name)",
        )
    )
    ran = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "plain\n"


def test_the_other_process_builds_nothing_twice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    import msgspec

    given = msgspec.json.encode(PATTERNS)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    choosing.build_from_input()
    before = path.stat()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    choosing.build_from_input()
    assert path.stat() == before
    assert choose(PATTERNS, 1).name == "fast"
