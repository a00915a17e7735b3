"""The command line as click reads it."""

from __future__ import annotations

import importlib
from typing import Any

import click

from modelguard.commands import COMMANDS
from modelguard.errors import UsageError
from modelguard.verdict.outcome import INCOMPLETE
from modelguard.version import VERSION


class _LazyGroup(click.Group):
    """A group that imports a command's module when the command runs, and not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, "-V", "--version", prog_name="modelguard", message="%(prog)s %(version)s")
def cli() -> None:
    """Find secrets, personal data and unsafe configuration before you publish.

    Exit status: 0 nothing blocks, 1 a leak, 2 something could not be looked at or was asked wrongly,
    130 interrupted.
    """


_NO_ARGUMENTS: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())  # since click 8.2


def run(arguments: list[str] | None) -> int:
    """Run the command that these arguments ask for, or those of the process, and give its exit status.

    Raises:
        ModelguardError: that of the command, or a UsageError where click cannot make sense of the arguments.
        KeyboardInterrupt: a question was not answered.
    """
    try:
        result: Any = cli.main(arguments, standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        if isinstance(error, _NO_ARGUMENTS):
            click.echo(f"modelguard: {error.format_message()}", err=True)
            return INCOMPLETE
        raise UsageError(error.format_message(), _usage_hint(error)) from None
    return result if isinstance(result, int) else 0


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See `{context.command_path} --help`." if context is not None else "See `modelguard --help`."
