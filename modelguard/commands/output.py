"""Where reports go: standard output, or files written aside and then renamed, so that none is ever half there."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING

from msgspec import Struct

from modelguard.errors import OutputError, UsageError
from modelguard.model import ScanResult
from modelguard.reports import FORMATS, render
from modelguard.reports.interface import RenderOptions
from modelguard.whole_file import as_umask_allows, write_whole

if TYPE_CHECKING:
    from pathlib import Path


class Destination(Struct, frozen=True):
    """One report: its format, and its file (None: standard output)."""

    format: str
    path: Path | None = None


def destinations(format_name: str, outputs: tuple[str, ...]) -> list[Destination]:
    """What `--format` and `--output` ask for. `FORMAT=FILE` adds a report; `FILE` alone takes the place of stdout.

    Raises:
        UsageError: a format is not known.
    """
    found: list[Destination] = []
    to_stdout = True
    if outputs:
        from pathlib import Path
    for output in outputs:
        name, separator, file = output.partition("=")
        if separator and name in FORMATS:
            found.append(Destination(name, Path(file)))
        else:
            found.append(Destination(format_name, Path(output)))
            to_stdout = False
    if to_stdout:
        found.append(Destination(format_name))
    for destination in found:
        if destination.format not in FORMATS:
            raise UsageError(f"there is no format {destination.format!r}", f"Known formats: {', '.join(FORMATS)}.")
    return found


def to_files(places: list[Destination]) -> list[Destination]:
    """Those that are files: where nothing is to be said, standard output gets no report."""
    return [place for place in places if place.path is not None]


def write_reports(
    result: ScanResult, places: list[Destination], verbose: bool = False, link: str | None = None
) -> None:
    """Render and write every report.

    Raises:
        OutputError: one could not be written, but the others were; the exit status stays 1 where there is a leak.
    """
    failures: list[OutputError] = []
    for place in places:
        color = place.path is None and wants_color()
        text = render(place.format, result, RenderOptions(_width(), color, verbose, link))
        try:
            if place.path is None:
                write_stdout(text)
            else:
                write_file(place.path, text)
        except OSError as error:
            where = "standard output" if place.path is None else str(place.path)
            failure = OutputError(f"could not write {where}: {error.strerror}", "Free some space, or write elsewhere.")
            failure.exit_status = result.exit_status or OutputError.exit_status
            failures.append(failure)
    if failures:
        raise failures[0]


def write_file(path: Path, text: str) -> None:
    """Write a text whole or not at all; a device or a pipe is written as it is. See `write_bytes`."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; a file that was there keeps its mode.

    Raises:
        OSError: it could not be written; what was there before is untouched.
    """
    mode = as_umask_allows(0o666)
    with contextlib.suppress(FileNotFoundError):
        there = path.stat().st_mode
        if not stat.S_ISREG(there):
            with open(path, "wb", buffering=0) as special:
                special.write(data)
            return
        mode = stat.S_IMODE(there)
    write_whole(path.resolve(), data, mode)


def write_stdout(text: str) -> None:
    """Write to standard output; a reader that has gone away is no error.

    Raises:
        OSError: the disk behind it is full.
    """
    data = text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard_stdout()
    except OSError:
        discard_stdout()  # what is still in the buffer must not fail a second time
        raise


def tell(line: str) -> None:
    """Say on standard error what is not as a file of rules says."""
    from modelguard.reports.escape import printable

    print(printable(line), file=sys.stderr, flush=True)


def discard_stdout() -> None:
    """Give Python a standard output that it can flush at its end without complaint."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def wants_color() -> bool:
    """Colour is for a person at a terminal who has not refused it (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _width() -> int:
    return min(os.get_terminal_size().columns, 120) if sys.stdout.isatty() else 80
