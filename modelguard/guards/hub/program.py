"""A program under the guard: which commands it can stand before, and the variables that make it stand there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from modelguard.errors import GuardError, UsageError
from modelguard.guards.hub.guard import Mode
from modelguard.guards.hub.startup.modelguard_startup import VARIABLE, hides, python_of

STARTUP = str(Path(__file__).resolve().parent / "startup")


def program_of(command: Sequence[str]) -> str:
    """Where the program of a command is.

    Raises:
        UsageError: there is none.
        GuardError: it is a Python that would not see the guard.
    """
    if not command:
        raise UsageError(
            "there is no command to run", "Write it behind --: modelguard run --guard-hub -- python train.py"
        )
    program = shutil.which(command[0])
    if program is None:
        raise UsageError(f"{command[0]}: there is no such program", "Check the name.")
    python = python_of(program, command)
    if python and hides(python):
        raise GuardError(
            f"{command[0]}: a Python with -I, -E or -S does not see the guard", "Start it without these options."
        )
    return program


def guarded_environment(mode: Mode, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of a program that stands under the guard, and of all that it starts."""
    paths = [path for path in environment.get("PYTHONPATH", "").split(os.pathsep) if path and path != STARTUP]
    return {**environment, "PYTHONPATH": os.pathsep.join([STARTUP, *paths]), VARIABLE: mode}
