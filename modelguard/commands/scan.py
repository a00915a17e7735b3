"""`modelguard scan [PATH]...`: files and folders, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelguard.commands.options import OUTPUT_OPTIONS, SETTINGS_OPTIONS, settings_from, with_options
from modelguard.errors import UsageError

if TYPE_CHECKING:
    from modelguard.sources.interface import Source


@click.command("scan", short_help="Scan files and folders for leaks.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--stdin", "from_stdin", is_flag=True, help="Scan standard input instead of files.")
@click.option("--stdin-name", default=None, metavar="NAME", help="What findings in standard input call it.")
@with_options(OUTPUT_OPTIONS, SETTINGS_OPTIONS)
def command(
    paths: tuple[str, ...],
    from_stdin: bool,
    stdin_name: str | None,
    format_name: str,
    output: tuple[str, ...],
    quiet: bool,
    verbose: bool,
    no_progress: bool,
    config: Path | None,
    **flags: Any,
) -> int:
    """Scan files and folders (the current one by default) and say what leaks, where, and what to do.

    Exit status: 0 nothing blocks, 1 a leak, 2 something could not be looked at or was asked wrongly.
    """
    from modelguard.commands.output import destinations, write_reports
    from modelguard.commands.progress import ProgressBar
    from modelguard.commands.stream import JsonLines
    from modelguard.pipeline import Progress, run

    if from_stdin and paths:
        raise UsageError("--stdin and paths at once", "Scan one or the other.")
    places = destinations(format_name, output)
    settings = settings_from(config, flags)
    source, targets = _source(paths, from_stdin, stdin_name, settings.exclude, settings.default_exclusions)
    stream = JsonLines.of(places)
    progress = Progress()
    with ProgressBar(progress, wanted=not (quiet or no_progress)) as bar:
        result = run(source, targets, settings, progress, bar.tick, stream.write if stream else None)
    if stream:
        stream.finish(result)
        places = [place for place in places if place is not stream.place]
    if quiet and result.exit_status == 0:
        places = [place for place in places if place.path is not None]
    write_reports(result, places, verbose)
    return result.exit_status


def _source(
    paths: tuple[str, ...], from_stdin: bool, stdin_name: str | None, exclude: tuple[str, ...], exclusions: bool
) -> tuple[Source, list[str]]:
    if from_stdin:
        from modelguard.sources.stdin import SHOWN, StdinSource

        name = stdin_name or SHOWN
        return StdinSource(sys.stdin.buffer, name), [name]
    from modelguard.sources.filesystem import FilesystemSource

    targets = list(paths) or ["."]
    return FilesystemSource(targets, exclude, exclusions), targets
