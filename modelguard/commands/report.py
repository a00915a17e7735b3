"""`modelguard report FILE`: an earlier JSON result in another format."""

from __future__ import annotations

from pathlib import Path

import click

from modelguard.commands.options import REPORT_OPTIONS, with_options
from modelguard.errors import UsageError

_MAX_BYTES = 1024 * 1024 * 1024


@click.command("report", short_help="Show an earlier JSON result in another format.")
@click.argument("file", type=click.Path(path_type=Path))
@with_options(REPORT_OPTIONS)
def command(file: Path, format_name: str, output: tuple[str, ...], link: str | None, verbose: bool) -> int:
    """Show the result in FILE (written by `modelguard scan --format json`) in another format.

    The exit status is that of the scan.
    """
    from modelguard.commands.output import destinations, write_reports
    from modelguard.reports.as_json import read

    places = destinations(format_name, output)
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise UsageError(f"{file}: larger than any result", "Name the file of a JSON result.")
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}", "Name the file of a JSON result.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file}: not UTF-8 text", "Name the file of a JSON result.") from None
    result = read(text)
    write_reports(result, places, verbose, link)
    return result.exit_status
