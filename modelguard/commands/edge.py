"""The edge: runs a command, and turns every way in which it can end into a message and an exit status."""

from __future__ import annotations

import atexit
import errno
import gc
import importlib
import os
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

from modelguard.commands import COMMANDS
from modelguard.errors import ModelguardError
from modelguard.verdict.outcome import INCOMPLETE, INTERRUPTED
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


_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF)
_REPORT_IT = "Please report this with the lines above; they hold nothing of your files."
_NO_ARGUMENTS: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())  # since click 8.2
_OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Imports make many objects and no cycles; looking for some all the while took 3 % of a start (median of 50 pairs)."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit; at once, unless somebody who gives `arguments` has more to do."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    _stand_in_for_closed_streams()
    try:
        status = _run(arguments)
    except SystemExit as leaving:  # click's way out of a closed pipe is status 1, which is a leak here
        status = INCOMPLETE if leaving.code else 0
    status = _flushed(status)
    if arguments is None:
        _leave(status)
    sys.exit(status)


def _leave(status: int) -> NoReturn:
    """End the process as it is: to take a Python apart object by object takes a tenth of what a commit hook takes."""
    atexit._run_exitfuncs()
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(status)


def _run(arguments: list[str] | None) -> int:
    try:
        result: Any = cli.main(arguments, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except ModelguardError as error:
        return _said(_on_one_line(error.message), _on_one_line(error.remedy), error.exit_status)
    except click.ClickException as error:
        if isinstance(error, _NO_ARGUMENTS):
            return _said(error.format_message())
        return _said(_on_one_line(error.format_message()), _usage_hint(error), INCOMPLETE)
    except (KeyboardInterrupt, click.Abort):
        return _said("interrupted; what was found so far is not reported", "", INTERRUPTED)
    except BrokenPipeError:
        _discard_stdout()
        return INCOMPLETE
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            return _said(_bug_report(error), _REPORT_IT)
        _discard_stdout()
        return _said(f"could not write standard output: {error.strerror}", "Free some space, or write elsewhere.")
    except RecursionError:
        return _said("something in the input is nested too deeply", "Please report this.", INCOMPLETE)
    except MemoryError:
        return _said("out of memory", "Scan fewer files at once, or with --jobs 1.", INCOMPLETE)
    except Exception as error:  # the one place that may catch everything
        return _said(_bug_report(error), _REPORT_IT)


def _stand_in_for_closed_streams() -> None:
    """Take the numbers of closed standard streams, so that no file gets them; using them is an error like any other."""
    if sys.stdin is None:
        sys.stdin = open(os.open(os.devnull, os.O_WRONLY), encoding="utf-8")  # noqa: SIM115  # for good
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _on_one_line(text: str) -> str:
    """A path in a message may hold anything at all: nothing of it acts on the terminal."""
    from modelguard.reports.escape import printable

    return printable(text)


def _said(message: str, remedy: str = "", status: int = INCOMPLETE) -> int:
    try:
        click.echo(f"modelguard: {message}", err=True)
        if remedy:
            click.echo(f"  {remedy}", err=True)
    except OSError:  # nobody is listening any more
        pass
    return status


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See `{context.command_path} --help`." if context is not None else "See `modelguard --help`."


def _bug_report(error: Exception) -> str:
    """The kind of error and the places it went through. Its message is left out: it could hold a value."""
    lines = [f"this is a bug: {type(error).__name__}"]
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"    {os.path.basename(code.co_filename)}:{trace.tb_lineno} in {code.co_name}")
        trace = trace.tb_next
    return "\n".join(lines)


def _flushed(status: int) -> int:
    """Flush standard output here, where a full disk or a closed pipe can still be told."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()
    except OSError as error:
        _discard_stdout()
        return _said(f"could not write the report: {error.strerror}", "Free some space and scan again.", status or 2)
    return status


def _discard_stdout() -> None:
    from modelguard.commands.output import discard_stdout

    discard_stdout()
