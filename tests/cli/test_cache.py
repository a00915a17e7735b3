"""`modelguard cache`: what it shows, what it clears, and what it says where the cache is not used."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelguard.store import Store
from tests.cli.powers import bound_by_modes
from tests.cli.program import Program

EMPTY = """\
        path  {path}
        size  0 bytes
     objects  0
repositories  0
     digests  0
    compiled  0 databases, 0 bytes
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The program with a cache of its own, which is not there yet."""
    home = tmp_path / "home"
    home.mkdir()
    return Program(home, tmp_path / "cache")


@pytest.fixture
def path(program: Program) -> Path:
    """A store with something in it, and a compiled database next to it."""
    store = Store.open("ab" * 32, program.cache)
    store.remember((b"%020d" % number for number in range(1234)), {bytes(32): "lfs"})
    store.remember_memory("here", "holding", b"{}")
    store.close()
    (program.cache / "engine-1.hsdb").write_bytes(bytes(2500))
    return program.cache / "history.sqlite3"


def test_info_before_anything_is_remembered(program: Program) -> None:
    done = program("cache", "info")
    expected = EMPTY.format(path=program.cache / "history.sqlite3")
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")
    assert not program.cache.exists()


def test_info_shows_what_is_there(program: Program, path: Path) -> None:
    done = program("cache", "info")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"        path  {path}",
        f"        size  {path.stat().st_size / 1000:.1f} kB",
        "     objects  1,235",
        "repositories  1",
        "     digests  1",
        "    compiled  1 database, 2.5 kB",
    ]


def test_clear_says_what_it_frees(program: Program, path: Path) -> None:
    size = path.stat().st_size + 2500
    done = program("cache", "clear")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{size / 1000:.1f} kB freed\n", "")
    assert list(program.cache.iterdir()) == []
    done = program("cache", "clear")
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 bytes freed\n", "")
    assert program("cache", "info").stdout == EMPTY.format(path=path)


def test_info_says_that_it_is_not_used(program: Program, path: Path) -> None:
    path.chmod(0o666)
    done = program("cache", "info")
    assert done.returncode == 2
    assert done.stdout.splitlines()[0] == f"        path  {path}"
    assert done.stderr.splitlines() == [
        f"modelguard: the cache of earlier scans is not used: {path} is not a private file of yours",
        "  `modelguard cache clear` removes what is yours; scans work without it.",
    ]
    assert program("cache", "clear").returncode == 0
    assert program("cache", "info").returncode == 0


def test_info_says_that_it_is_damaged(program: Program, path: Path) -> None:
    path.write_bytes(b"no database")
    done = program("cache", "info")
    assert done.returncode == 2
    assert "is damaged; the next scan that uses it rebuilds it" in done.stderr
    assert path.read_bytes() == b"no database"


def test_a_cache_that_cannot_be_cleared(program: Program, path: Path) -> None:
    program.cache.chmod(0o500)
    done = program("cache", "clear", **bound_by_modes())
    program.cache.chmod(0o700)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == (
        f"modelguard: the cache in {program.cache} could not be cleared: Permission denied"
    )
    assert path.exists()


def test_the_command_is_listed(program: Program) -> None:
    assert "Show or clear what earlier scans remember." in program("--help").stdout
    shown = program("cache", "--help").stdout
    assert "info" in shown
    assert "clear" in shown
