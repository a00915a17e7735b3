from __future__ import annotations

from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.cli.program import Program


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One compiled database for all tests; it is made by the first scan that is not small."""
    folder = tmp_path_factory.mktemp("cache")
    large = tmp_path_factory.mktemp("large") / "large.txt"
    large.write_text("nothing here\n" * 40_000)
    folder.chmod(0o700)
    assert Program(folder, folder)("scan", large).returncode == 0
    assert list(folder.glob("*.hsdb"))
    return folder


@pytest.fixture
def program(tmp_path: Path, shared_cache: Path) -> Program:
    home = tmp_path / "home"
    home.mkdir()
    return Program(home, shared_cache)


@pytest.fixture(scope="session")
def token() -> str:
    """A value that looks like a Hub token, made when the test runs."""
    return expand("hf_<alnum:34>")
