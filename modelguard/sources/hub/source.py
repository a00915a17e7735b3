"""Repositories of a Hub as a Source: files at a pinned commit, read by range, and what the Hub shows besides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from modelguard.errors import HubError
from modelguard.model import Finding, Gap, GapReason, LeftOut
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.hub import beside
from modelguard.sources.hub.address import KINDS, Address, is_id
from modelguard.sources.hub.blob import HubBlob, HubFile
from modelguard.sources.hub.client import HubClient
from modelguard.sources.hub.listing import Entry, Repository, repositories_of
from modelguard.sources.hub.plan import Plan, planned_bytes
from modelguard.sources.hub.revisions import Revisions
from modelguard.sources.hub.transport import Failure, endpoint_named
from modelguard.sources.interface import Item

_CARD = "/README.md"
_LOG_IN = "For a private one, log in (`hf auth login`) or set HF_TOKEN."
_NOT_SHOWN = "variables of a space, which your token may not list"


class Wanted(Struct, frozen=True):
    """How much of each repository is asked for.

    all_revisions: every commit of every branch, tag and pull request, each object once. since: only what commits after
    that brought. discussions: their texts, too. weights: everything is read, and not what readers ask for.
    """

    all_revisions: bool = False
    since: datetime | None = None
    discussions: bool = False
    weights: bool = False


class HubSource:
    """A Source over repositories of the Hub at `endpoint`. `say` gets a line for each: what of it will be read.

    A single repository that cannot be asked for is an error; of several, that one is a gap.
    """

    def __init__(
        self,
        endpoint: str,
        addresses: Sequence[Address],
        wanted: Wanted,
        exclusions: Exclusions,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._endpoint = endpoint
        self._client = HubClient(endpoint, say)
        self._addresses = addresses
        self._wanted = wanted
        self.whole = wanted.since is None
        self._exclusions = exclusions
        self._say = say

    def items(self) -> Iterator[Item]:
        """See `Source.items`."""
        for address in self._addresses:
            repository = Repository(self._client, address.kind, address.id)
            try:
                info = repository.info(address.revision)
                if info.get("gated"):
                    repository.check_access()
            except Failure as failure:
                error = refusal(address, failure, self._endpoint)
                if len(self._addresses) == 1:
                    raise error from None
                yield Gap(address.shown, GapReason.UNREADABLE, f"{error.message}. {error.remedy}")
                continue
            revisions = Revisions(repository, info.get("sha") or "", self._wanted.all_revisions, self._wanted.since)
            yield from self._files(address, revisions)
            if not address.path:
                yield from self._beside(address, repository, revisions, info)

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """`findings` without those in metadata that the card itself tells, which it was made of."""
        told = set()
        for each in findings:
            page, at, file = each.origin.path.partition("@")
            if at and file.endswith(_CARD) and file.count("/") == 1:
                told.add((page, each.fingerprint))
        return [each for each in findings if (each.origin.path, each.fingerprint) not in told]

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`: none that lie here."""
        return ()

    def _files(self, address: Address, revisions: Revisions) -> Iterator[Item]:
        """The files that are asked for, after a line that says how many they are."""
        files: list[HubFile] = []
        others: list[Item] = []
        try:
            for sha, entry in revisions.entries():
                if not address.path or entry.path == address.path or entry.path.startswith(address.path + "/"):
                    item = self._file(address, sha, entry)
                    if isinstance(item, HubFile):
                        files.append(item)
                    else:
                        others.append(item)
        except Failure as failure:
            yield Gap(address.shown, GapReason.UNREADABLE, f"its files could not be listed: {failure.why}; scan again")
        if address.path and not files and not others:
            yield Gap(f"{address.shown}/{address.path}", GapReason.MISSING, "there is no such file; check the path")
        self._say(f"{address.shown}: {Plan.of(files)}")
        yield from others
        yield from (HubBlob(file) for file in files)

    def _file(self, address: Address, sha: str, entry: Entry) -> HubFile | Gap | LeftOut:
        shown = f"{address.shown}@{sha[:12]}/{entry.path}"
        if set(entry.path.split("/")) & {"", ".", ".."} or "\0" in entry.path:
            return Gap(shown, GapReason.MALFORMED, "the Hub lists a path that leads out of its repository")
        if entry.bytes < 0:
            return Gap(shown, GapReason.MALFORMED, "the Hub says that it has less than no bytes")
        reason = self._exclusions.reason(entry.path)
        if reason is not None:
            return LeftOut(shown, reason, entry.bytes)
        planned = planned_bytes(entry.path, entry.bytes, self._wanted.weights)
        return HubFile(self._endpoint, address.kind, address.id, sha, entry.path, entry.bytes, shown, planned)

    def _beside(
        self, address: Address, repository: Repository, revisions: Revisions, info: dict[str, object]
    ) -> Iterator[Item]:
        """Texts of the Hub's own pages; of those that it does not tell, a gap each."""
        shown = address.shown
        card = beside.metadata(shown, info)
        if card is not None:
            yield card
        try:
            yield from beside.commit_texts(shown, revisions.told())
        except Failure as failure:
            yield Gap(shown, GapReason.UNREADABLE, f"its commits could not be listed: {failure.why}; scan again")
        if self._wanted.discussions:
            yield from _discussions(shown, repository)
        if address.kind == "space":
            yield from _variables(shown, repository)


def _discussions(shown: str, repository: Repository) -> Iterator[Item]:
    try:
        for number in repository.discussions():
            yield beside.discussion_text(shown, number, repository.discussion(number))
    except Failure as failure:
        where = f"{shown}/discussions"
        if failure.status == 403:
            yield LeftOut(where, "discussions, which are switched off or not for your token")
        else:
            yield Gap(where, GapReason.UNREADABLE, f"its discussions could not be read: {failure.why}; scan again")


def _variables(shown: str, repository: Repository) -> Iterator[Item]:
    """The variables of a space, where they are told: only its owner's token lists them."""
    try:
        text = beside.variables_text(shown, repository.variables())
        if text is not None:
            yield text
    except Failure as failure:
        where = f"{shown}/settings"
        if failure.status in (401, 403):
            yield LeftOut(where, _NOT_SHOWN)
        else:
            yield Gap(where, GapReason.UNREADABLE, f"its variables could not be read: {failure.why}; scan again")


def repositories_named(
    endpoint: str, namespace: str, kind: str | None, say: Callable[[str], None] = lambda line: None
) -> list[Address]:
    """All repositories of an organisation or user that this user may see, or those of one kind.

    Raises:
        HubError: the Hub does not list them.
    """
    client = HubClient(endpoint, say)
    kinds = [each for each in KINDS if kind in (None, each)]
    try:
        named = [Address(each, name) for each in kinds for name in repositories_of(client, each, namespace)]
        if not all(is_id(each.id) and each.id.startswith(f"{namespace}/") for each in named):
            raise Failure("the Hub's list names what is no repository of theirs")
        return named
    except Failure as failure:
        raise refusal(Address(kind or "model", namespace), failure, endpoint) from None


def refusal(address: Address, failure: Failure, endpoint: str) -> HubError:
    """Why a repository cannot be asked for, and what to do about it."""
    where = endpoint_named(endpoint)
    if failure.code == "GatedRepo":
        return HubError(f"{address.shown}: gated, and you have not been let in", "Ask for access on its page, log in.")
    if failure.code == "RevisionNotFound":
        return HubError(f"{address.shown}: it has no revision {address.revision}", "See `--all-revisions`.")
    if failure.status == 404 or failure.code == "RepoNotFound":
        said = f"{address.shown}: {where} has no such {address.kind}, or does not let you see it"
        owner = "" if "/" in address.id else "For all repositories of an owner, add --all. "
        return HubError(said, f"Check the name and --repo-type. {owner}{_LOG_IN}")
    if failure.status in (401, 403):
        return HubError(f"{address.shown}: {where} does not let you see it: {failure.why}", _LOG_IN)
    return HubError(
        f"{address.shown}: {where} cannot be asked: {failure.why}", "Check HF_ENDPOINT, network and proxies."
    )
