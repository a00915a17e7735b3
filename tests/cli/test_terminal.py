"""What a person at a terminal sees, and what a pipe gets: colour, width, the progress bar, and nothing that acts."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.program import Program

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def at_terminal(program: Program, *arguments: str, columns: int = 100, **env: str) -> tuple[int, str, str]:
    """Exit status, output and errors of a run whose standard output and error are terminals of their own."""
    return command_at_terminal(program, program.command(*arguments), columns, **env)


def command_at_terminal(program: Program, command: list[str], columns: int = 100, **env: str) -> tuple[int, str, str]:
    ends = [pty.openpty(), pty.openpty()]
    for _, theirs in ends:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**program.environment(), "TERM": "xterm-256color", **env}
    child = subprocess.Popen(command, cwd=program.home, env=environment, stdout=ends[0][1], stderr=ends[1][1])
    for _, theirs in ends:
        os.close(theirs)
    out, err = _everything([ours for ours, _ in ends])
    return child.wait(timeout=60), out, err


def _everything(descriptors: list[int]) -> list[str]:
    content = dict.fromkeys(descriptors, b"")
    still = list(descriptors)
    while still:
        for descriptor in select.select(still, [], [], 60)[0]:
            try:
                part = os.read(descriptor, 65536)
            except OSError:  # how Linux says that nobody holds the other end any more
                part = b""
            content[descriptor] += part
            if not part:
                os.close(descriptor)
                still.remove(descriptor)
    return [text.decode().replace("\r\n", "\n") for text in content.values()]


@pytest.fixture
def leaks(program: Program, token: str) -> Program:
    folder = program.home / ("a-folder-with-quite-a-long-name-" * 4)
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.py").write_text(
            f'model = load("org/model", revision="main", token="{token}")  # {"x " * 40}\n'
        )
    return program


def test_a_terminal_gets_colour_and_its_width(leaks: Program) -> None:
    status, out, err = at_terminal(leaks, "scan", ".", columns=60)
    assert (status, err) == (1, "")
    assert COLOUR.search(out)
    plain = COLOUR.sub("", out)
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) == 60


@pytest.mark.parametrize("refusal", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(leaks: Program, refusal: dict[str, str]) -> None:
    status, out, _ = at_terminal(leaks, "scan", ".", **refusal)
    assert status == 1
    assert "hf-user-token" in out
    assert "\x1b" not in out


def test_a_pipe_gets_80_columns_without_colour(leaks: Program) -> None:
    done = leaks("scan", ".", "-v", env={"COLUMNS": "200", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"})
    assert "\x1b" not in done.stdout
    assert 70 < max(map(len, done.stdout.splitlines())) <= 80


def test_a_terminal_gets_no_escape_from_a_name_or_a_line(program: Program, token: str) -> None:
    (program.home / "a\x1b]0;owned\x07\u202eb\x9b31m.py").write_text(f'\x1b]0;owned\x07 "{token}" \x9b31m \u202e\x00\n')
    status, out, _ = at_terminal(program, "scan", ".", "-v")
    assert status == 1
    assert not set(COLOUR.sub("", out)) & {"\x1b", "\x07", "\x9b", "\u202e", "\x00"}
    assert "\\x1b]0;owned\\x07" in out


def test_a_message_at_a_terminal_does_not_act(program: Program) -> None:
    (program.home / "a\x1b[31mb.yaml").write_text("nonsense: 1\n")
    status, out, err = at_terminal(program, "scan", ".", "--config", "a\x1b[31mb.yaml")
    assert (status, out) == (2, "")
    assert "a\\x1b[31mb.yaml:1" in err
    assert "\x1b" not in err


AT_ONCE = """
import sys, modelguard.commands.progress, modelguard.commands.edge
modelguard.commands.progress._SHOWN_AFTER_SECONDS = 0
modelguard.commands.edge.main(sys.argv[1:])
"""


def test_progress_is_drawn_where_somebody_waits_and_only_there(program: Program) -> None:
    with open(program.home / "large.bin", "wb") as file:
        file.truncate(400 * 1024**2)
    command = [sys.executable, "-c", AT_ONCE, "scan", "large.bin", "--jobs", "2"]
    status, out, err = command_at_terminal(program, command)
    assert status == 0
    assert "MB/s" in err
    assert "MB/s" not in out
    assert command_at_terminal(program, [*command, "--no-progress"])[2] == ""
    assert command_at_terminal(program, [*command, "--quiet"])[1:] == ("", "")


def test_quiet_at_a_terminal(leaks: Program, tmp_path: Path) -> None:
    (tmp_path / "clean.py").write_text("x = 1\n")
    assert at_terminal(leaks, "scan", "--quiet", str(tmp_path / "clean.py")) == (0, "", "")
    status, out, _ = at_terminal(leaks, "scan", "--quiet", "missing.py")
    assert (status, "missing.py" in out) == (2, True)
