"""Which Pythons do not see the guard, and which of what is started is a Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modelguard.errors import GuardError, UsageError
from modelguard.guards.hub.program import STARTUP, guarded_environment, program_of
from modelguard.guards.hub.startup.modelguard_startup import VARIABLE, hides, is_guarded, python_of


@pytest.mark.parametrize(
    "options",
    [
        "",
        "-I",
        "-E",
        "-S",
        "-uI",
        "-sE",
        "-OOI",
        "-W error -I",
        "-Wignore::UserWarning -E",
        "-WI",
        "-W I",
        "-X dev -S",
        "-XI",
        "-X I",
        "-u -B",
        "-s -P",
        "--check-hash-based-pycs always -I",
        "--check-hash-based-pycs default",
        "-q -E -B",
    ],
)
@pytest.mark.parametrize(
    "rest", [("-c", "pass"), ("-c", "pass", "-I", "-E"), ("-m", "this"), ("empty.py", "-S"), ("-cpass",)]
)
def test_what_hides_is_what_python_says(tmp_path: Path, options: str, rest: tuple[str, ...]) -> None:
    (tmp_path / "sitecustomize.py").write_text("open('ran', 'w').close()\n")
    (tmp_path / "empty.py").write_text("")
    words = [sys.executable, *options.split(), *rest]
    done = subprocess.run(words, cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert hides(words) == (not (tmp_path / "ran").exists())


def test_input_is_no_option() -> None:
    assert not hides(["python", "-", "-I"]) and not hides(["python"]) and not hides([])


@pytest.mark.parametrize(
    ("first", "found"),
    [
        ("#!/usr/bin/python3 -I", ["/usr/bin/python3", "-I"]),
        ("#!/usr/bin/env -S python3 -E", ["python3", "-E"]),
        ("#!/usr/bin/env FOO=1 python", ["python"]),
        ("#!/bin/sh", []),
        ("#!", []),
        ("\x7fELF", []),
        ("", []),
    ],
)
def test_a_script_is_what_its_first_line_says(tmp_path: Path, first: str, found: list[str]) -> None:
    script = tmp_path / "script"
    script.write_text(f"{first}\nrest\n")
    assert python_of(str(script), [str(script), "-I"]) == found


def test_a_program_is_a_python_by_its_name() -> None:
    assert python_of("/opt/x/python3.12", ["python3.12", "-I"]) == ["/opt/x/python3.12", "-I"]
    assert python_of("/nowhere/pythonic", ["pythonic"]) == []


def test_commands_that_cannot_be_guarded() -> None:
    with pytest.raises(UsageError):
        program_of([])
    with pytest.raises(UsageError):
        program_of(["no-such-program-here"])
    with pytest.raises(GuardError):
        program_of([sys.executable, "-I", "x.py"])
    assert program_of([sys.executable, "x.py"]) == sys.executable


def test_variables() -> None:
    made = guarded_environment("block", {"PYTHONPATH": f"/a:{STARTUP}:/b", "X": "1"})
    assert made == {"PYTHONPATH": f"{STARTUP}:/a:/b", "X": "1", VARIABLE: "block"}
    assert is_guarded(made, STARTUP)
    assert not is_guarded({**made, "PYTHONPATH": "/a"}, STARTUP) and not is_guarded({"PYTHONPATH": STARTUP}, STARTUP)
