"""Trees deeper than a path can be, and of very many levels: walked as far as the system lets us, and the rest is said."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import Program


@pytest.fixture
def removed_afterwards(program: Program) -> Iterator[Path]:
    yield program.home
    subprocess.run(["rm", "-rf", str(program.home)], check=True)


def dig(top: Path, names: list[str], content: str) -> None:
    """Folders one in the other, made step by step since the whole path may be too long to name; a file in the last."""
    here = os.open(top, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    file = os.open("leak.txt", os.O_WRONLY | os.O_CREAT, dir_fd=here)
    os.write(file, content.encode())
    os.close(file)
    os.close(here)


def test_a_path_that_is_too_long_is_said(program: Program, token: str, removed_afterwards: Path) -> None:
    dig(removed_afterwards, ["d" * 200] * 25, token)
    (removed_afterwards / "leak.txt").write_text(token)
    for target in (".", str(removed_afterwards)):
        result = program.result(target)
        assert [Path(finding["path"]).name for finding in result["findings"]] == ["leak.txt"]
        (gap,) = result["gaps"]
        assert gap["reason"] == "unreadable"
        assert "path is too long" in gap["detail"]
        assert "ddd" in gap["path"]


def test_a_file_whose_path_is_too_long_is_said(program: Program, token: str, removed_afterwards: Path) -> None:
    names = [*["d" * 200] * 20, "d" * 70]  # Linux takes 4095 bytes: enough for the folder, not for its file
    dig(removed_afterwards, names, token)
    result = program.result(".")
    assert result["findings"] == []
    (gap,) = result["gaps"]
    assert gap["path"].endswith("leak.txt")
    assert "path is too long" in gap["detail"]
    assert result["exit_status"] == 2


def test_a_thousand_levels(program: Program, token: str, removed_afterwards: Path) -> None:
    dig(removed_afterwards, ["d"] * 1000, token)
    result = program.result(".")
    assert [finding["path"] for finding in result["findings"]] == ["d/" * 1000 + "leak.txt"]
    assert result["gaps"] == []


def test_a_folder_of_very_many_files(program: Program, token: str) -> None:
    for number in range(5000):
        (program.home / f"{number}").touch()
    (program.home / "leak.txt").write_text(token)
    result = program.result(".")
    assert [finding["path"] for finding in result["findings"]] == ["leak.txt"]
    assert result["stats"]["blobs"] == 5001
