"""`modelguard run --guard-hub -- COMMAND`: a program, and the Pythons that it starts, that upload nothing unscanned."""

from __future__ import annotations

import os
import sys

import click


@click.command(
    "run",
    short_help="Run a program that uploads nothing unscanned.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND [ARGUMENT]...")
@click.option("--guard-hub", is_flag=True, help="Stand before all that huggingface_hub uploads.")
@click.option("--warn", is_flag=True, help="Say what would be stopped, and let it by.")
def command(words: tuple[str, ...], guard_hub: bool, warn: bool) -> int:
    """Run a program, and scan what it and the Pythons that it starts upload with huggingface_hub, before it is sent.

    modelguard must be installed where the program's Python is. What it uploads otherwise (git push, curl) is not seen.
    Settings come from .modelguard.yaml of the folder that it runs in.

    Exit status: that of the program; 2 where it cannot be guarded.
    """
    from modelguard.errors import UsageError
    from modelguard.guards.hub.program import guarded_environment, program_of

    if not guard_hub:
        raise UsageError("there is nothing to guard", "Write: modelguard run --guard-hub -- COMMAND")
    program = program_of(words)
    environment = guarded_environment("warn" if warn else "block", os.environ)
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.platform == "win32":  # pragma: no cover - there, a program cannot take the place of another one
        return os.spawnve(os.P_WAIT, program, list(words), environment)  # noqa: S606  # as it was asked for
    return os.execve(program, list(words), environment)  # noqa: S606
