"""An upload: the files that it takes are scanned, and if nothing stops it, these very bytes are sent."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import GuardError, Unreadable, UsageError
from modelguard.guards.hub.asking import hub_errors
from modelguard.guards.hub.content import BytesContent, FileContent, take_bytes, take_file
from modelguard.guards.hub.file_list import Asked, files_of
from modelguard.guards.hub.guard import Guard, shown_from_here
from modelguard.guards.hub.ledger import Receipt
from modelguard.guards.hub.requests import COMMIT_MESSAGE, commit_text
from modelguard.guards.hub.scanner import ContentsSource, look_at_elsewhere
from modelguard.model import Gap, ScanResult
from modelguard.settings import Settings
from modelguard.version import VERSION

if TYPE_CHECKING:
    from modelguard.pipeline import Progress

SCHEMA = "modelguard-receipt/1"


class Destination(Struct, frozen=True):
    """Where an upload goes. `private` is what a repository becomes that does not exist yet."""

    repo: str
    repo_type: str = "model"
    revision: str | None = None
    private: bool = True
    create_pr: bool = False

    def __post_init__(self) -> None:
        """Raise `UsageError` where it is asked for in two ways."""
        if self.create_pr and self.revision not in (None, "main"):
            raise UsageError("a pull request goes to the main branch", "Leave out --revision, or --create-pr.")


class Message(Struct, frozen=True):
    """What a commit says of itself, and which files of the repository it deletes."""

    title: str | None = None
    description: str | None = None
    delete: tuple[str, ...] = ()

    @property
    def text(self) -> bytes:
        """What people read of it."""
        return commit_text(self.title, self.description)


class Scanned(Struct, frozen=True):
    """Files that were taken and scanned, by path in the repository, what the commit says, and what was found."""

    files: tuple[tuple[str, FileContent], ...]
    text: BytesContent
    result: ScanResult

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """What may be sent."""
        return tuple(Receipt(name, file.taken.size, file.taken.sha256) for name, file in self.files)


class Sent(Struct, frozen=True):
    """What the Hub says of an upload: the commit's id and address, and that of a pull request."""

    commit: str
    url: str
    pull_request: str | None = None


def scan_files(
    asked: Asked,
    message: Message,
    settings: Settings,
    progress: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
    told: Callable[[str], None] = lambda line: None,
) -> Scanned:
    """Take and scan the files that an upload takes, and what its commit says. See `pipeline.run` for the last three.

    Raises:
        UsageError: there is no file to upload, or one whose name no repository takes.
        ModelguardError: see `pipeline.run`.
    """
    from modelguard.pipeline import run

    listed = files_of(asked)
    if not listed:
        raise UsageError(f"{asked.local}: there is no file to upload", "Check the path, --include and --exclude.")
    files: list[tuple[str, FileContent]] = []
    gaps: list[Gap] = []
    for name, path in listed:
        shown = shown_from_here(path) or path
        try:
            files.append((name, take_file(path, shown)))
        except Unreadable as error:
            gaps.append(Gap(shown, error.reason, error.message))
        tick()
    text = take_bytes(message.text, COMMIT_MESSAGE)
    source = ContentsSource([*gaps, *(file for _, file in files), *([text] if text.size > 1 else [])], settings.exclude)
    result = run(source, [asked.local], replace(settings, history=False), progress, tick, told=told)
    return Scanned(tuple(files), text, result)


def send(scanned: Scanned, asked: Asked, destination: Destination, message: Message, settings: Settings) -> Sent:
    """Send what was scanned, and nothing else.

    Raises:
        GuardError: a file is not what it was when it was scanned; no byte of it was sent.
        HubError: the Hub does not take it.
    """
    from modelguard.guards.hub.standing import stand, stand_down

    for name, file in scanned.files:
        try:
            file.check_same()
        except Unreadable as error:
            raise GuardError(f"{name}: {error.message}", "Let nothing write to it, and upload again.") from None
    guard = Guard("block", settings, lambda error, result: None, look_at_elsewhere)
    guard.expect(scanned.files)
    guard.ledger.admit(guard.ledger.add(COMMIT_MESSAGE, scanned.text))
    stand(guard)
    try:
        with hub_errors(destination.repo):
            return _sent(asked, destination, message)
    finally:
        stand_down(guard)


def _sent(asked: Asked, destination: Destination, message: Message) -> Sent:
    from huggingface_hub import HfApi

    api = HfApi(library_name="modelguard", library_version=VERSION)
    repo = {"repo_id": destination.repo, "repo_type": destination.repo_type}
    _prepare(api, repo, destination)
    about: dict[str, Any] = {
        **repo,
        "revision": destination.revision,
        "commit_message": message.title,
        "commit_description": message.description,
        "create_pr": destination.create_pr,
        "path_in_repo": asked.target,
    }
    if asked.is_file:
        done = api.upload_file(path_or_fileobj=os.path.abspath(os.path.expanduser(asked.local)), **about)
    else:
        done = api.upload_folder(
            folder_path=asked.local,
            allow_patterns=None if asked.include is None else list(asked.include),
            ignore_patterns=list(asked.exclude),
            delete_patterns=list(message.delete) or None,
            **about,
        )
    return Sent(str(done.oid), str(done.commit_url), done.pr_url)


def _prepare(api: Any, repo: dict[str, str], destination: Destination) -> None:
    """Make the repository and the branch where there are none, as `hf upload` does; private, unless asked otherwise."""
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    try:
        api.repo_info(**repo)
    except RepositoryNotFoundError:
        sdk = "gradio" if destination.repo_type == "space" else None
        api.create_repo(**repo, private=destination.private, space_sdk=sdk, exist_ok=True)
    if destination.revision is not None and not destination.create_pr:
        try:
            api.repo_info(**repo, revision=destination.revision)
        except RevisionNotFoundError:
            api.create_branch(**repo, branch=destination.revision, exist_ok=True)


def receipt_text(scanned: Scanned, destination: Destination, sent: Sent) -> str:
    """What was sent, and under which rules it was scanned, as JSON."""
    told = {
        "schema": SCHEMA,
        "tool": {"name": "modelguard", "version": VERSION, "rules_digest": scanned.result.rules_digest},
        "repo": destination.repo,
        "repo_type": destination.repo_type,
        "commit": sent.commit,
        "pull_request": sent.pull_request,
        "files": [msgspec.structs.asdict(receipt) for receipt in scanned.receipts],
    }
    return msgspec.json.format(msgspec.json.encode(told)).decode() + "\n"
