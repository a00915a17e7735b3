"""The step that chooses commits and brings them: it talks to the remote, and looks into no file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec.structs import replace

from modelguard.errors import GitError, ModelguardError, UsageError
from modelguard.guards.action.commits import planned, without_default
from modelguard.guards.action.event import Event, Kind, read_event
from modelguard.guards.action.fetching import complete
from modelguard.guards.action.inputs import Inputs, folder_of
from modelguard.guards.action.plan import FULL, Plan
from modelguard.sources.git import Remote
from modelguard.sources.git_folder import top_of
from modelguard.sources.history.fetch import tip_of
from modelguard.sources.history.repository import Repository, opened

TOKEN = "MODELGUARD_TOKEN"


def choose(inputs: Inputs, environment: Mapping[str, str]) -> Plan:
    """The plan of this run, with everything that it needs in the repository.

    What goes wrong is in the plan, too: the next step says it, and is the one that ends with an exit status.
    """
    try:
        return _chosen(inputs, environment)
    except ModelguardError as error:
        return Plan("", problem=error.message, remedy=error.remedy)


def _chosen(inputs: Inputs, environment: Mapping[str, str]) -> Plan:
    event = read_event(environment)
    folder = folder_of(inputs, environment)
    repository = repository_of(folder)
    if repository is None:
        if inputs.scan != FULL or event.kind is Kind.PROPOSAL:
            raise UsageError(f"path {inputs.path!r} is in no git repository", "Run actions/checkout before.")
        return Plan(FULL)
    remote = remote_of(environment)
    tip = _Tips(repository, remote)
    plan = planned(inputs.scan, inputs.base, event, repository, tip)
    try:
        return complete(plan, repository, remote, event.expected)
    except GitError:
        if event.kind is not Kind.PUSH or not event.base or inputs.base:
            raise
    return _without_what_is_gone(event, repository, remote, tip)


def _without_what_is_gone(event: Event, repository: Repository, remote: Remote, tip: _Tips) -> Plan:
    """After a forced push, a server may not give what the branch held before any more."""
    plan = without_default(event, tip)
    note = "What this ref held before the push is not to be had any more."
    return complete(replace(plan, notes=(note, *plan.notes)), repository, remote, None)


class _Tips:
    """Asks the remote where a ref points."""

    def __init__(self, repository: Repository, remote: Remote) -> None:
        self._repository = repository
        self._remote = remote

    def __call__(self, ref: str) -> str | None:
        return tip_of(self._repository, ref, self._remote)


def repository_of(folder: Path) -> Repository | None:
    """The repository that a folder lies in, shown as its own top; None where there is none.

    Raises:
        GitError: git is missing, or refuses it.
    """
    top = top_of(str(folder))
    return opened(top, "") if top is not None else None


def remote_of(environment: Mapping[str, str]) -> Remote:
    """How the server of this run may be reached: over its own protocol, or as a folder of this machine."""
    server = environment.get("GITHUB_SERVER_URL", "https://github.com")
    scheme = urlsplit(server).scheme
    protocols = (scheme if scheme in ("https", "http") else "https", "file")
    return Remote(protocols, server, environment.get(TOKEN, ""))
