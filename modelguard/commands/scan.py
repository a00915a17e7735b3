"""`modelguard scan [PATH]...`: files, folders and histories, what is staged, a change, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelguard.commands.options import OUTPUT_OPTIONS, SETTINGS_OPTIONS, settings_from, with_options
from modelguard.errors import UsageError

if TYPE_CHECKING:
    from modelguard.settings import Settings
    from modelguard.sources.exclusion import Exclusions
    from modelguard.sources.history.scope import Scope
    from modelguard.sources.interface import Source


@click.command("scan", short_help="Scan files, folders and their git history for leaks.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--staged", is_flag=True, help="Scan what is staged for the next commit instead.")
@click.option("--diff", "span", metavar="A..B", help="Scan what B has and A has not; A...B: since they parted.")
@click.option("--commits", metavar="A..B", help="Scan each commit that B has and A has not, also what is gone again.")
@click.option("--history-only", is_flag=True, help="Scan the history of the repositories, and not their files.")
@click.option("--since", metavar="DATE", help="Of the history, only commits after DATE: 2026-01-31, 2.weeks.")
@click.option("--branch", metavar="NAME", help="Of the history, only the commits of this branch or revision.")
@click.option("--max-commits", type=click.IntRange(1), metavar="N", help="Of the history, only the newest N commits.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Scan standard input instead of files.")
@click.option("--stdin-name", default=None, metavar="NAME", help="What findings in standard input call it.")
@with_options(OUTPUT_OPTIONS, SETTINGS_OPTIONS)
def command(
    paths: tuple[str, ...],
    staged: bool,
    span: str | None,
    commits: str | None,
    history_only: bool,
    since: str | None,
    branch: str | None,
    max_commits: int | None,
    from_stdin: bool,
    stdin_name: str | None,
    config: Path | None,
    **options: Any,
) -> int:
    """Scan files and folders (the current one by default) and say what leaks, where, and what to do.

    Of a git repository, everything that it still holds is scanned, too: commits, branches, stashes, amended and deleted
    work.

    Exit status: 0 nothing blocks, 1 a leak, 2 something could not be looked at or was asked wrongly.
    """
    from modelguard.commands.telling import Telling

    telling = Telling.asked(options)
    settings = settings_from(config, options)
    kinds = {
        "--stdin": from_stdin,
        "--staged": staged,
        "--diff": span is not None,
        "--commits": commits is not None,
        "--history-only": history_only,
    }
    asked = [name for name, wanted in kinds.items() if wanted]
    source, targets = _source(paths, asked, stdin_name, span, settings)
    scope = _scope(asked, settings, since, branch, max_commits) or _between(source, commits)
    return telling.scan(source, targets, settings, scope)


def _source(
    paths: tuple[str, ...], asked: Sequence[str], stdin_name: str | None, span: str | None, settings: Settings
) -> tuple[Source, list[str]]:
    """The source that the command line asks for, and how its targets are called."""
    if len(asked) > 1:
        raise UsageError(f"{' and '.join(asked)} at once", "Scan one or the other.")
    kind = asked[0] if asked else ""
    if paths and kind == "--stdin":
        raise UsageError("--stdin and paths at once", "Scan one or the other.")
    if len(paths) > 1 and kind in ("--staged", "--diff", "--commits"):
        raise UsageError(f"{kind} of several paths", "Name one repository.")
    targets = list(paths) or ["."]
    if kind == "--stdin":
        from modelguard.sources.stdin import SHOWN, StdinSource

        name = stdin_name or SHOWN
        return StdinSource(sys.stdin.buffer, name), [name]
    if kind == "--staged":
        from modelguard.sources.history.staged import StagedSource, repository_here

        return StagedSource(repository_here(targets[0]), _exclusions(settings)), targets
    if kind == "--diff":
        from modelguard.sources.history.changes import ChangesSource
        from modelguard.sources.history.staged import repository_here

        return ChangesSource(repository_here(targets[0]), _exclusions(settings), span or ""), targets
    if kind in ("--commits", "--history-only") and not settings.history:
        raise UsageError(f"{kind} and --no-history at once", "Scan one or the other.")
    if kind == "--commits":
        from modelguard.sources.commits import CommitsSource

        return CommitsSource(targets[0]), targets
    if kind == "--history-only":
        from modelguard.sources.repositories import RepositoriesSource

        return RepositoriesSource(targets), targets
    from modelguard.sources.filesystem import FilesystemSource

    return FilesystemSource(targets, settings.exclude, settings.default_exclusions), targets


def _exclusions(settings: Settings) -> Exclusions:
    from modelguard.sources.exclusion import Exclusions

    return Exclusions(settings.exclude, settings.default_exclusions)


def _between(source: Source, span: str | None) -> Scope | None:
    """The commits of `--commits`."""
    if span is None:
        return None
    from modelguard.sources.history.repository import opened
    from modelguard.sources.history.scope import between

    return between(opened(*source.repositories()[0]), span)


def _scope(
    asked: Sequence[str], settings: Settings, since: str | None, branch: str | None, most: int | None
) -> Scope | None:
    """How much of the history is asked for; None: all of it."""
    if since is None and branch is None and most is None:
        return None
    if not settings.history or any(name != "--history-only" for name in asked):
        raise UsageError("--since, --branch and --max-commits limit a history", "Scan a repository with its history.")
    from modelguard.sources.history.scope import Scope

    return Scope(since, branch, most)
