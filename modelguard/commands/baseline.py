"""`modelguard baseline create | add | update | audit`: accept what is there, so that only new leaks block."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from modelguard.commands.options import FINGERPRINT, SETTINGS_OPTIONS, settings_from, with_options
from modelguard.errors import OutputError, UsageError

if TYPE_CHECKING:
    from modelguard.model import ScanResult
    from modelguard.verdict.baseline import Baseline

DEFAULT_FILE = ".modelguard-baseline.json"


@click.group("baseline", short_help="Accept what is there, so that only new leaks block.")
def command() -> None:
    """Accept the findings of today in a file, so that only new ones block.

    A baseline holds fingerprints and places, never a value; it can be committed.
    """


@command.command("create")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--output", default=DEFAULT_FILE, show_default=True, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a baseline that is there.")
@with_options(SETTINGS_OPTIONS)
def create(paths: tuple[str, ...], output: Path, force: bool, config: Path | None, **flags: Any) -> int:
    """Write a baseline of everything found now."""
    if output.exists() and not force:
        raise UsageError(f"{output} is there already", "Use `modelguard baseline update`, or --force to replace it.")
    result = _scanned(paths, config, {**flags, "baseline": None})
    _accept(output, result)
    return 2 if result.gaps else 0


@command.command("add")
@click.argument("fingerprint", metavar="FINGERPRINT")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--reason", required=True, help="Why it may stay: for whoever reads the baseline.")
@click.option(
    "--output", default=None, type=click.Path(path_type=Path), help="Instead of the baseline of the settings."
)
@with_options(SETTINGS_OPTIONS)
def add(
    fingerprint: str, paths: tuple[str, ...], reason: str, output: Path | None, config: Path | None, **flags: Any
) -> int:
    """Accept the finding with this FINGERPRINT, or one that begins so, in PATHs (default: here, and its history)."""
    from modelguard.verdict.baseline import Baseline, load, with_added

    if not FINGERPRINT.fullmatch(fingerprint):
        raise UsageError(f"{fingerprint!r} is no fingerprint", "Write it as reports give it, or its first 8 digits.")
    settings = settings_from(config, flags)
    file = output or Path(settings.baseline or DEFAULT_FILE)
    result = _scanned(paths, config, {**flags, "baseline": None})
    named = [finding for finding in result.findings if finding.fingerprint.startswith(fingerprint)]
    if len({finding.fingerprint for finding in named}) != 1:
        message = "more than one finding begins" if named else "no finding begins"
        raise UsageError(f"{message} with {fingerprint!r}", "Reports print fingerprints; name the file, too.")
    known = load(file) if file.exists() else Baseline.of(str(file), ())
    _write(file, with_added(known, named, reason))
    if settings.baseline is None and output is None:
        click.echo(f"Settings do not name it yet: write `baseline: {DEFAULT_FILE}` in .modelguard.yaml", err=True)
    return 0


@command.command("update")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--output", default=DEFAULT_FILE, show_default=True, type=click.Path(path_type=Path))
@with_options(SETTINGS_OPTIONS)
def update(paths: tuple[str, ...], output: Path, config: Path | None, **flags: Any) -> int:
    """Drop entries that are no longer found, and keep the others with their reasons. New findings are not added."""
    from modelguard.verdict.baseline import load

    known = load(output)
    result = _scanned(paths, config, {**flags, "baseline": str(output)})
    kept = replace(result, findings=tuple(found for found in result.findings if str(found.status) == "baselined"))
    _accept(output, kept, known)
    return result.exit_status


@command.command("audit")
@click.argument("file", default=DEFAULT_FILE, type=click.Path(path_type=Path))
def audit(file: Path) -> int:
    """List what a baseline accepts: rule, place, reason. Entries without a reason are marked."""
    from modelguard.reports.escape import printable
    from modelguard.verdict.baseline import load

    entries = load(file).entries
    for entry in entries:
        where = entry.path if entry.line is None else f"{entry.path}:{entry.line}"
        click.echo(printable(f"{where}  {entry.rule or ''}  {entry.reason or '(no reason given)'}"))
    missing = sum(not entry.reason for entry in entries)
    click.echo(f"{len(entries)} entries, {missing} without a reason", err=True)
    return 0


def _scanned(paths: tuple[str, ...], config: Path | None, flags: dict[str, Any]) -> ScanResult:
    from modelguard.pipeline import scan

    return scan(*paths, settings=settings_from(config, flags))


def _accept(output: Path, result: ScanResult, known: Baseline | None = None) -> None:
    """Write a baseline of what is found, and say what could not be looked at."""
    from modelguard.reports.escape import printable
    from modelguard.reports.summary import counted
    from modelguard.verdict.baseline import dump

    accepted = [finding for finding in result.findings if str(finding.status) != "allowed"]
    _write(output, dump(accepted, known))
    for gap in result.gaps:
        click.echo(printable(f"not looked at: {gap.path}: {gap.detail}"), err=True)
    click.echo(f"{output}: {counted(len(accepted), 'finding')} accepted", err=True)


def _write(output: Path, text: str) -> None:
    from modelguard.commands.output import write_file

    try:
        write_file(output, text)
    except OSError as error:
        message = f"could not write {output}: {error.strerror}"
        raise OutputError(message, "Free some space, or write elsewhere.") from None
