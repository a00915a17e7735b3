"""Options that several commands share, and how they become settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from modelguard.reports import FORMATS
from modelguard.settings import Settings, load_settings

_F = TypeVar("_F", bound=Callable[..., Any])

FINGERPRINT = re.compile("[0-9a-f]{8,32}")
"""A fingerprint as reports give it, or enough of its beginning."""


def _web_address(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.startswith(("https://", "http://")):
        raise click.BadParameter("not an address that begins with https://")
    return value


_FILE_OPTIONS = (
    click.option("--config", type=click.Path(path_type=Path), help="Settings file, instead of .modelguard.yaml."),
    click.option("--baseline", metavar="FILE", help="Accept the findings in this file."),
    click.option("--fail-on", metavar="LINE", help="What blocks: default, never, SEVERITY or SEVERITY/CONFIDENCE."),
)

_EXCLUSION_OPTIONS = (
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out what matches (gitignore style)."),
    click.option(
        "--default-exclusions/--no-default-exclusions",
        default=None,
        help="Leave out .git internals and installed third-party packages (the default), or do not.",
    ),
)

_RULE_OPTIONS = (
    click.option(
        "--rules",
        multiple=True,
        metavar="PATH",
        help="Also these rules: a file or folder, ours or gitleaks' or Kingfisher's.",
    ),
    click.option("--only", multiple=True, metavar="ID", help="Only this rule."),
    click.option("--disable", multiple=True, metavar="ID", help="Without this rule."),
    click.option("--pii", type=click.Choice(["none", "structured", "all"]), help="Personal data to look for."),
    click.option("--with", "with_detectors", multiple=True, metavar="NAME", help="One more detector: detect-secrets."),
)

_HISTORY_OPTIONS = (
    click.option("--history/--no-history", default=None, help="Scan the history of git repositories, too (default)."),
    click.option("--cache/--no-cache", default=None, help="Pass over objects that an earlier scan has seen (default)."),
)

_READING_OPTIONS = (
    click.option("--weights", is_flag=True, default=None, help="Look at the numbers of models as bytes, too."),
    click.option("--max-file-size", metavar="SIZE", help="Larger files are gaps: 500MB, 2GiB (default: no limit)."),
    click.option("--jobs", type=click.IntRange(0, 256), help="Workers; 0 is one a processor (the default)."),
    click.option("--allow-gaps", is_flag=True, default=None, help="Exit 0 even if something could not be looked at."),
)

SETTINGS_OPTIONS = (*_FILE_OPTIONS, *_EXCLUSION_OPTIONS, *_RULE_OPTIONS, *_HISTORY_OPTIONS, *_READING_OPTIONS)

PUBLISHING_OPTIONS = (*_FILE_OPTIONS, *_RULE_OPTIONS, *_READING_OPTIONS)
"""Of the settings, those that make sense where all of given files are looked at, and no history."""

REPORT_OPTIONS = (
    click.option("--format", "format_name", default="terminal", show_default=True, metavar="FORMAT",
                 help=f"{', '.join(list(FORMATS)[:-1])} or {list(FORMATS)[-1]}."),
    click.option("--output", multiple=True, metavar="[FORMAT=]FILE", help="Write to a file; repeatable with FORMAT=."),
    click.option("--link", metavar="URL", callback=_web_address,
                 help="In Markdown, link places below URL: https://HOST/OWNER/REPO/blob/COMMIT"),
    click.option("--verbose", "-v", is_flag=True, help="List allowed findings and everything left out, too."),
)  # fmt: skip

OUTPUT_OPTIONS = (
    *REPORT_OPTIONS,
    click.option("--quiet", "-q", is_flag=True, help="Print nothing where nothing blocks."),
    click.option("--no-progress", is_flag=True, help="No progress bar."),
)


def with_options(*groups: tuple[Callable[[_F], _F], ...]) -> Callable[[_F], _F]:
    """A decorator that adds groups of options, in the order in which help should show them."""

    def decorate(function: _F) -> _F:
        for option in reversed([option for group in groups for option in group]):
            function = option(function)
        return function

    return decorate


def settings_from(config: Path | None, flags: dict[str, Any]) -> Settings:
    """Settings from the options that were given.

    Raises:
        SettingsError: a value is wrong.
    """
    given = {name: value for name, value in flags.items() if value is not None and value != ()}
    return load_settings(given, config)
