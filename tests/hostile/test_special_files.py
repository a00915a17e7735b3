"""Files that are not files: never opened to be read, never waited for, and never passed over in silence."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import Program


@pytest.fixture
def zoo(program: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(program.home)  # the address of a socket must be short
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    if os.geteuid() == 0:
        os.mknod("zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        os.mknod("disk", stat.S_IFBLK | 0o666, os.makedev(7, 250))
    Path("a.py").write_text("x = 1\n")
    return program


def test_in_a_tree_they_are_left_out_by_name(zoo: Program) -> None:
    result = zoo.result(".")
    kinds = {"fifo": "a FIFO", "socket": "a socket"}
    if os.geteuid() == 0:
        kinds |= {"zero": "a character device", "disk": "a block device"}
    assert {left["path"]: left["reason"].partition(",")[0] for left in result["left_out"]} == kinds
    assert (result["gaps"], result["exit_status"]) == ([], 0)
    assert result["stats"]["blobs"] == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("fifo", "a FIFO"),
        ("socket", "a socket"),
        ("/dev/null", "a character device"),
        ("/dev/zero", "a character device"),
        ("/dev/urandom", "a character device"),
    ],
)
def test_by_name_they_are_gaps_with_a_remedy(zoo: Program, name: str, kind: str) -> None:
    result = zoo.result(name)
    (gap,) = result["gaps"]
    assert (gap["path"], gap["reason"], result["exit_status"]) == (name, "not-a-regular-file", 2)
    assert kind in gap["detail"]
    assert "--stdin" in gap["detail"]


def test_a_pipe_for_standard_input_by_name(zoo: Program, token: str) -> None:
    done = zoo("scan", "/dev/stdin", input=f"{token}\n")
    assert done.returncode == 2
    assert "--stdin" in done.stdout


def test_a_file_that_becomes_a_fifo_is_not_waited_for(zoo: Program) -> None:
    """The walk sees a regular file; what is opened is a FIFO that nobody writes to."""
    code = (
        "import os, sys\n"
        "from modelguard.sources.filesystem import FilesystemSource\n"
        "walk = FilesystemSource._folder\n"
        "def swapped(self, *arguments):\n"
        "    for item in walk(self, *arguments):\n"
        "        if getattr(item, 'path', '').endswith('a.py'):\n"
        "            os.unlink('a.py'); os.mkfifo('a.py')\n"
        "        yield item\n"
        "FilesystemSource._folder = swapped\n"
        "from modelguard.commands.edge import main\n"
        "main(['scan', '.'])\n"
    )
    command = [zoo.command()[0], "-c", code]
    done = subprocess.run(command, cwd=zoo.home, env=zoo.environment(), capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "a FIFO, not a regular file" in done.stdout
