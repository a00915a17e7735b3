"""The edge: runs a command, and turns every way in which it can end into a message and an exit status."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import modelguard.commands.lean  # noqa: F401  # first of all: it says how msgspec is imported
from modelguard.commands.checking import CHECKS
from modelguard.errors import ModelguardError
from modelguard.verdict.outcome import INCOMPLETE, INTERRUPTED

_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EBADF)
_REPORT_IT = "Please report this with the lines above; they hold nothing of your files."
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
        return _command(arguments)
    except ModelguardError as error:
        return _said(_on_one_line(error.message), _on_one_line(error.remedy), error.exit_status)
    except KeyboardInterrupt:
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


def _command(arguments: list[str] | None) -> int:
    """Run what a command line asks for. What hooks write needs no reading, which takes longer than their work."""
    check = CHECKS.get(tuple(sys.argv[1:] if arguments is None else arguments))
    if check is not None:
        return _ending_the_line(check)
    from modelguard.commands.line import run

    return run(arguments)


def _ending_the_line(check: Callable[[], int]) -> int:
    """Run it, and where it is interrupted end the line on which the terminal shows the key, as click does."""
    try:
        return check()
    except KeyboardInterrupt:
        print(file=sys.stderr)
        raise


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
        print(f"modelguard: {message}", file=sys.stderr)
        if remedy:
            print(f"  {remedy}", file=sys.stderr)
        sys.stderr.flush()
    except OSError:  # nobody is listening any more
        pass
    return status


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
