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
    format_name: str,
    output: tuple[str, ...],
    link: str | None,
    quiet: bool,
    verbose: bool,
    no_progress: bool,
    config: Path | None,
    **flags: Any,
) -> int:
    """Scan all that everybody would see of a repository on a Hub, and make it public if nothing stops it.

    That is every commit of every branch, tag and pull request, and its discussions. A commit that comes in between
    stops it. The token comes from HF_TOKEN or from `hf auth login`.

    Exit status: 0 public now, 1 a leak, 2 something could not be looked at, or the Hub refuses. Nothing is changed,
    unless it is 0.
    """
    from huggingface_hub import constants

    from modelguard.commands.output import destinations, tell, write_reports
    from modelguard.commands.progress import ProgressBar
    from modelguard.guards.hub.publish import make_public, scan_remote
    from modelguard.guards.hub.scanner import Remote
    from modelguard.pipeline import Progress
    from modelguard.sources.hub.address import parse_address

    places = destinations(format_name, output)
    settings = settings_from(config, flags)
    address = parse_address(repo, repo_type, None, constants.ENDPOINT)
    remote = Remote(constants.ENDPOINT, address.kind, address.id)
    progress = Progress()
    with ProgressBar(progress, wanted=not (quiet or no_progress)) as bar:
        result, refs = scan_remote(remote, settings, progress, bar.tick, (lambda line: None) if quiet else tell)
    if quiet and result.exit_status == 0:
        places = [place for place in places if place.path is not None]
    write_reports(result, places, verbose, link)
    if result.exit_status:
        return result.exit_status
    make_public(remote, refs)
    if not quiet:
        tell(f"public: {address.shown}")
    return 0
