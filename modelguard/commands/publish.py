"""`modelguard publish REPO`: scan a repository as it stands on a Hub, and make it public if nothing stops it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from modelguard.commands.options import OUTPUT_OPTIONS, PUBLISHING_OPTIONS, settings_from, with_options


@click.command("publish", short_help="Scan a repository of a Hub, and only then make it public.")
@click.argument("repo", metavar="REPO")
@click.option("--repo-type", type=click.Choice(["model", "dataset", "space"]), help="What REPO is (default: model).")
@with_options(OUTPUT_OPTIONS, PUBLISHING_OPTIONS)
def command(
    repo: str,
    repo_type: str | None,
    config: Path | None,
    **options: Any,
) -> int:
    """Scan all that everybody would see of a repository on a Hub, and make it public if nothing stops it.

    That is every commit of every branch, tag and pull request, and its discussions. A commit that comes in between
    stops it. The token comes from HF_TOKEN or from `hf auth login`.

    Exit status: 0 public now, 1 a leak, 2 something could not be looked at, or the Hub refuses. Nothing is changed,
    unless it is 0.
    """
    from huggingface_hub import constants

    from modelguard.commands.telling import Telling
    from modelguard.guards.hub.publish import make_public, scan_remote
    from modelguard.guards.hub.scanner import Remote
    from modelguard.sources.hub.address import parse_address

    telling = Telling.asked(options)
    settings = settings_from(config, options)
    address = parse_address(repo, repo_type, None, constants.ENDPOINT)
    remote = Remote(constants.ENDPOINT, address.kind, address.id)
    result, refs = telling.shown(
        lambda progress, tick: scan_remote(remote, settings, progress, tick, telling.told),
    )
    status = telling.report(result)
    if status:
        return status
    make_public(remote, refs)
    telling.told(f"public: {address.shown}")
    return 0
