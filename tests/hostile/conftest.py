from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import program, shared_cache, token

__all__ = ["program", "shared_cache", "token"]


@pytest.fixture(autouse=True)
def _surroundings(shared_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans in this process touch nothing of the user's either."""
    monkeypatch.setenv("MODELGUARD_CACHE_DIR", str(shared_cache))
    monkeypatch.setenv("MODELGUARD_NO_BACKGROUND", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
