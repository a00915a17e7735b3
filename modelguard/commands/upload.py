"""`modelguard upload REPO PATH [PATH_IN_REPO]`: scan what would be uploaded, and send it if nothing stops it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from modelguard.commands.options import OUTPUT_OPTIONS, PUBLISHING_OPTIONS, settings_from, with_options


@click.command("upload", short_help="Scan files, and only then upload them to a Hub.")
@click.argument("repo", metavar="REPO")
@click.argument("path", metavar="PATH")
@click.argument("path_in_repo", metavar="[PATH_IN_REPO]", required=False)
@click.option("--repo-type", type=click.Choice(["model", "dataset", "space"]), help="What REPO is (default: model).")
@click.option("--revision", metavar="NAME", help="Branch to commit to; it is made if there is none.")
@click.option("--private/--public", default=True, help="What REPO becomes if it does not exist (default: private).")
@click.option("--include", multiple=True, metavar="PATTERN", help="Of a folder, only files that match.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Of a folder, no files that match.")
@click.option("--delete", multiple=True, metavar="PATTERN", help="Delete matching files of REPO in the same commit.")
@click.option("--commit-message", metavar="TEXT", help="Title of the commit.")
@click.option("--commit-description", metavar="TEXT", help="What the commit says below its title.")
@click.option("--create-pr", is_flag=True, help="Upload as a pull request.")
@click.option(
    "--receipt",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write path, size and SHA-256 of each file that was sent, as JSON.",
)
@with_options(OUTPUT_OPTIONS, PUBLISHING_OPTIONS)  # fmt: skip
def command(
    repo: str,
    path: str,
    path_in_repo: str | None,
    repo_type: str | None,
    revision: str | None,
    private: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    delete: tuple[str, ...],
    commit_message: str | None,
    commit_description: str | None,
    create_pr: bool,
    receipt: Path | None,
    config: Path | None,
    **options: Any,
) -> int:
    """Scan the files that `hf upload` would take, and upload exactly these bytes if nothing stops it.

    The token comes from HF_TOKEN or from `hf auth login`; PATTERNs are those of `hf upload`.

    Exit status: 0 sent, 1 a leak, 2 something could not be looked at, or the Hub does not take it. Nothing is sent and
    no repository made, unless it is 0.
    """
    from huggingface_hub import constants

    from modelguard.commands.output import write_file
    from modelguard.commands.telling import Telling
    from modelguard.guards.hub.file_list import asked_for
    from modelguard.guards.hub.upload import Destination, Message, receipt_text, scan_files, send
    from modelguard.sources.hub.address import parse_address

    telling = Telling.asked(options)
    settings = settings_from(config, options)
    address = parse_address(repo, repo_type, revision, constants.ENDPOINT)
    destination = Destination(address.id, address.kind, address.revision, private, create_pr)
    message = Message(commit_message, commit_description, delete)
    asked = asked_for(path, path_in_repo or address.path or None, include, exclude)
    scanned = telling.shown(
        lambda progress, tick: scan_files(asked, message, settings, progress, tick, telling.told),
    )
    status = telling.report(scanned.result)
    if status:
        return status
    sent = send(scanned, asked, destination, message, settings)
    if receipt is not None:
        write_file(receipt, receipt_text(scanned, destination, sent))
    count = "1 file" if len(scanned.files) == 1 else f"{len(scanned.files)} files"
    telling.told(f"sent {count}: {sent.pull_request or sent.url}")
    return 0
