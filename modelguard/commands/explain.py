"""`modelguard explain PATH[:LINE]` or `FINGERPRINT`: why a line or a finding is reported, or is not."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from modelguard.commands.options import FINGERPRINT, settings_from
from modelguard.errors import UsageError

_NUMBER = re.compile("[0-9]{1,9}")


@click.command("explain", short_help="Say why something is a finding, or is none.")
@click.argument("place", metavar="PATH[:LINE]|FINGERPRINT")
@click.option("--in", "inside", multiple=True, metavar="PATH", help="Where to look for a fingerprint (default: here).")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file, instead of .modelguard.yaml.")
@click.option("--format", "format_name", default="terminal", show_default=True, type=click.Choice(["terminal", "json"]))
def command(place: str, inside: tuple[str, ...], config: Path | None, format_name: str) -> int:
    """Scan a file, and say of each match of a rule on LINE why it is a finding, or is none.

    Or of the finding that has a FINGERPRINT, as JSON reports give it; its first 8 digits may do.

    What is dropped is told as well: the check that it fails, or the evidence for and against a value that has no format
    of its own. A place may be written as reports show it, PATH:LINE:COLUMN.

    Exit status: 0, or 2 if the file could not be looked at.
    """
    from modelguard.pipeline import explain, explain_finding
    from modelguard.reports.explanation import as_json, as_text

    settings = settings_from(config, {})
    if FINGERPRINT.fullmatch(place) and not os.path.lexists(place):
        explained = explain_finding(place, inside or ["."], settings)
    elif inside:
        raise UsageError("--in and a path at once", "It says where a fingerprint is looked for.")
    else:
        path, line = _parsed(place)
        if os.path.isdir(path):
            raise UsageError(f"{path}: a folder", "Name a file, and a line of it: PATH:LINE.")
        explained = explain(path, line, settings)
    click.echo(as_json(explained) if format_name == "json" else as_text(explained), nl=False)
    return explained.exit_status


def _parsed(place: str) -> tuple[str, int | None]:
    """The path, and the line if there is one; a file whose own name ends like a line is that file."""
    path, line = place, None
    for _ in range(2):  # LINE, or LINE and COLUMN
        before, _, number = path.rpartition(":")
        if os.path.lexists(path) or not before or not _NUMBER.fullmatch(number):
            break
        path, line = before, int(number)
    return path, line
