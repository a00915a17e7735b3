"""`modelguard hook pre-commit | pre-push | files | notebooks`: what git and hook frameworks run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelguard.commands.options import SETTINGS_OPTIONS, settings_from, tell, with_options

if TYPE_CHECKING:
    from modelguard.model import ScanResult

HOOK_OPTIONS = (
    click.option("--format", "format_name", default="hook", show_default=True, metavar="FORMAT",
                 help="Of the report, which is written where something stops."),
    click.option("--output", multiple=True, metavar="[FORMAT=]FILE", help="Write to a file; repeatable with FORMAT=."),
    click.option("--verbose", "-v", is_flag=True, help="Say more of each finding."),
)  # fmt: skip


@click.group("hook", short_help="What git and hook frameworks run.")
def command() -> None:
    """Stop a commit or a push that would leak; say nothing where it would not.

    `modelguard install-hooks` has git run these; .pre-commit-hooks.yaml names them for pre-commit and prek.

    Exit status: 0 go on, 1 a leak, 2 something could not be looked at; git stops at either.
    """


@command.command("pre-commit")
@with_options(HOOK_OPTIONS, SETTINGS_OPTIONS)
def pre_commit(config: Path | None, **options: Any) -> int:
    """Scan what is staged, once over the index."""
    from modelguard.guards.pre_commit import check_staged

    report, flags = _parted(options)
    return _reported(check_staged(settings_from(config, flags), tell), **report)


@command.command("notebooks")
@with_options(HOOK_OPTIONS, SETTINGS_OPTIONS)
def notebooks(config: Path | None, **options: Any) -> int:
    """Scan the outputs of staged notebooks, and nothing else of them."""
    from modelguard.guards.pre_commit import check_outputs

    report, flags = _parted(options)
    return _reported(check_outputs(settings_from(config, flags), tell), **report)


@command.command("files")
@click.argument("paths", nargs=-1, metavar="[FILE]...")
@with_options(HOOK_OPTIONS, SETTINGS_OPTIONS)
def files(paths: tuple[str, ...], config: Path | None, **options: Any) -> int:
    """Scan these files as they lie in the work tree. Write `--` before the names."""
    from modelguard.guards.files import check_files

    report, flags = _parted(options)
    return _reported(check_files(paths, settings_from(config, flags), tell), **report)


@command.command("pre-push")
@click.argument("remote", default="")
@click.argument("address", default="")
@with_options(HOOK_OPTIONS, SETTINGS_OPTIONS)
def pre_push(remote: str, address: str, config: Path | None, **options: Any) -> int:
    """Scan the commits, tags and LFS objects that a push brings; REMOTE and what is pushed come from git."""
    import os

    from modelguard.guards.pre_push import check_push, told_by_framework, told_by_git

    report, flags = _parted(options)
    push = told_by_framework(os.environ) or told_by_git(sys.stdin.buffer.read(), remote, address)
    return _reported(check_push(push, settings_from(config, flags), tell), **report)


def _parted(options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options of reports, and those that are settings."""
    report = {name: options.pop(name) for name in ("format_name", "output", "verbose")}
    return report, options


def _reported(result: ScanResult | None, format_name: str, output: tuple[str, ...], verbose: bool) -> int:
    """Write the reports, to a terminal only where something stops; None, where nothing is brought, needs none."""
    from modelguard.commands.output import destinations, write_reports

    places = destinations(format_name, output)
    if result is None:
        return 0
    if result.exit_status == 0 and not result.gaps:
        places = [place for place in places if place.path is not None]
    write_reports(result, places, verbose)
    return result.exit_status
