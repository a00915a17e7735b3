"""`modelguard hook pre-commit | pre-push | files | notebooks`: what git and hook frameworks run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelguard.commands import checking
from modelguard.commands.checking import Reporting, reported
from modelguard.commands.options import SETTINGS_OPTIONS, settings_from, with_options

if TYPE_CHECKING:
    from modelguard.settings import Settings

HOOK_OPTIONS = (
    click.option("--format", "format_name", default=Reporting().format, show_default=True, metavar="FORMAT",
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
    return checking.pre_commit(*_parted(config, options))


@command.command("notebooks")
@with_options(HOOK_OPTIONS, SETTINGS_OPTIONS)
def notebooks(config: Path | None, **options: Any) -> int:
    """Scan the outputs of staged notebooks, and nothing else of them."""
    return checking.notebooks(*_parted(config, options))


@command.command("files")
@click.argument("paths", nargs=-1, metavar="[FILE]...")
@with_options(HOOK_OPTIONS, SETTINGS_OPTIONS)
def files(paths: tuple[str, ...], config: Path | None, **options: Any) -> int:
    """Scan these files as they lie in the work tree. Write `--` before the names."""
    from modelguard.commands.output import tell
    from modelguard.guards.files import check_files

    settings, reporting = _parted(config, options)
    return reported(check_files(paths, settings, tell), reporting)


@command.command("pre-push")
@click.argument("remote", default="")
@click.argument("address", default="")
@with_options(HOOK_OPTIONS, SETTINGS_OPTIONS)
def pre_push(remote: str, address: str, config: Path | None, **options: Any) -> int:
    """Scan the commits, tags and LFS objects that a push brings; REMOTE and what is pushed come from git."""
    import os

    from modelguard.commands.output import tell
    from modelguard.guards.pre_push import check_push, told_by_framework, told_by_git

    settings, reporting = _parted(config, options)
    push = told_by_framework(os.environ) or told_by_git(sys.stdin.buffer.read(), remote, address)
    return reported(check_push(push, settings, tell), reporting)


def _parted(config: Path | None, options: dict[str, Any]) -> tuple[Settings, Reporting]:
    """The settings that options ask for, and how they ask to report."""
    reporting = Reporting(options.pop("format_name"), options.pop("output"), options.pop("verbose"))
    return settings_from(config, options), reporting
