"""`modelguard init`: settings, hook, ignored files and a first baseline for a project, step by step."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelguard.errors import ModelguardError, OutputError, UsageError
from modelguard.version import REPOSITORY, VERSION

if TYPE_CHECKING:
    from modelguard.model import ScanResult
    from modelguard.settings import Settings
    from modelguard.starting.interface import Step

_STEPS = ("settings", "hook", "gitignore", "baseline")


@click.command("init", short_help="Set up a project: settings, hook, .gitignore, first baseline.")
@click.argument("path", default=".", type=click.Path())
@click.option("--yes", "-y", is_flag=True, help="Do all of it without asking; accepts what is found, too.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, as differences, and change nothing.")
@click.option("--skip", multiple=True, type=click.Choice(_STEPS), help="Leave a step out; repeatable.")
@click.option(
    "--hook-repo", metavar="URL", default=REPOSITORY, show_default=True, help="Where pre-commit gets it from."
)
@click.option(
    "--hook-rev", metavar="REV", default=f"v{VERSION}", show_default="this version", help="Its tag or commit."
)
def command(path: str, yes: bool, dry_run: bool, skip: tuple[str, ...], hook_repo: str, hook_rev: str) -> int:
    """Set up the project that holds PATH, asking before each step.

    Writes a commented .modelguard.yaml, adds the hook to .pre-commit-config.yaml (or offers git's own hooks), extends
    .gitignore by credentials and what runs write down, and accepts in a baseline what blocks today. Says how each is
    undone. What is there already stays as it is.

    Exit status: 0 all is in place, 1 a leak that is not accepted, 2 something could not be done or looked at.
    """
    from modelguard.starting.course import Course, Doors, describe
    from modelguard.starting.interface import Asked, Hook
    from modelguard.starting.tree import tree_at

    _can_be_asked(yes, dry_run)
    tree = tree_at(path)
    os.chdir(tree.top)  # findings, baselines and settings count from here, as in a hook
    asked = Asked(frozenset(skip), Hook(hook_repo, hook_rev), _scanned, _listed, _hooks_missing)
    doors = Doors(_say, (lambda step: True) if yes else _agreed, _written, _run)
    _say(describe(tree))
    return Course(tree, asked, doors, dry=dry_run, quiet=yes).run()


def _can_be_asked(yes: bool, dry_run: bool) -> None:
    if yes and dry_run:
        raise UsageError("--yes and --dry-run at once", "Choose one.")
    if not (yes or dry_run or (sys.stdin.isatty() and sys.stderr.isatty())):
        raise UsageError(
            "this is no terminal, so nobody can be asked; nothing was changed",
            "--dry-run shows what would be done, --yes does it without asking.",
        )


def _say(line: str) -> None:
    from modelguard.reports.escape import printable

    click.echo(printable(line))


def _agreed(step: Step) -> bool:
    return click.confirm(f"  {step.question}", default=not step.careful, err=True)


def _hooks_missing() -> bool:
    """Whether git's own hooks are still to be installed."""
    from modelguard.hook_files import installing, place

    return bool(installing.install(place.of_repository(), dry=True))


def _scanned() -> tuple[ScanResult, Settings]:
    from modelguard.commands.options import settings_from
    from modelguard.commands.progress import ProgressBar
    from modelguard.pipeline import Progress, run
    from modelguard.sources.filesystem import FilesystemSource

    settings = settings_from(None, {})
    progress = Progress()
    with ProgressBar(progress, wanted=True) as bar:
        source = FilesystemSource(["."], settings.exclude, settings.default_exclusions)
        return run(source, ["."], settings, progress, bar.tick), settings


def _listed(result: ScanResult) -> None:
    from modelguard.commands.output import Destination, write_reports

    write_reports(result, [Destination("terminal")])


def _written(name: str, data: bytes) -> None:
    from modelguard.commands.output import write_bytes

    try:
        Path(name).parent.mkdir(mode=0o700, exist_ok=True)  # what is kept may be a file that only its owner may read
        write_bytes(Path(name), data)
    except OSError as error:
        raise OutputError(f"could not write {name}: {error.strerror}", "Make the folder writable.") from None


def _run(arguments: tuple[str, ...]) -> None:
    from modelguard.commands.line import cli

    status = cli.main(list(arguments), standalone_mode=False)
    if status:
        raise ModelguardError(f"modelguard {' '.join(arguments)} has failed", "See above.")
