"""`modelguard scan-hub REPO...`: models, datasets and spaces of a Hugging Face Hub, as they stand there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from modelguard.commands.options import OUTPUT_OPTIONS, SETTINGS_OPTIONS, settings_from, with_options


@click.command("scan-hub", short_help="Scan repositories of a Hugging Face Hub for leaks.")
@click.argument("repositories", nargs=-1, required=True, metavar="REPO...")
@click.option("--repo-type", type=click.Choice(["model", "dataset", "space"]), help="What REPO is: a model by default.")
@click.option("--revision", metavar="REV", help="Scan this branch, tag, commit or refs/pr/N (default: main).")
@click.option("--all-revisions", is_flag=True, help="Scan every commit of every branch, tag and pull request.")
@click.option("--since", metavar="DATE", help="Only what commits after DATE brought: 2026-01-31, 2.weeks.")
@click.option("--discussions", is_flag=True, help="Scan discussions and the texts of pull requests, too.")
@click.option("--all", "everything", is_flag=True, help="REPO is an organisation or user: scan all of its own.")
@with_options(OUTPUT_OPTIONS, SETTINGS_OPTIONS)
def command(
    repositories: tuple[str, ...],
    repo_type: str | None,
    revision: str | None,
    all_revisions: bool,
    since: str | None,
    discussions: bool,
    everything: bool,
    config: Path | None,
    **options: Any,
) -> int:
    """Scan repositories where they lie: ORG/NAME, hf://datasets/ORG/NAME@REVISION/PATH or the address of a page.

    Files are read by range and nothing is written to disk: of weights the headers, all else whole; --weights reads
    everything. What the Hub shows besides files is scanned, too: the card's metadata, commit messages, variables.

    It asks the Hub that HF_ENDPOINT names, with the token of huggingface_hub; with HF_HUB_OFFLINE its cache.

    Exit status: 0 nothing blocks, 1 a leak, 2 something could not be looked at or was asked wrongly.
    """
    from modelguard.commands.telling import Telling
    from modelguard.sources.exclusion import Exclusions
    from modelguard.sources.hub.choice import Asked, source_for

    telling = Telling.asked(options)
    settings = settings_from(config, options)
    asked = Asked(
        repositories, repo_type, revision, everything, all_revisions, since, discussions, weights=settings.weights
    )
    exclusions = Exclusions(settings.exclude, settings.default_exclusions)
    return telling.scan(*source_for(asked, exclusions, telling.told), settings)
