from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans here touch nothing of the user's, and need no database that others have made: three rules are soon compiled."""
    monkeypatch.setenv("MODELGUARD_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("MODELGUARD_NO_BACKGROUND", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
