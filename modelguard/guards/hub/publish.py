"""Before a repository of a Hub becomes public: all that everybody will see of it is scanned as it stands there.

That is every commit of every branch, tag and pull request, not only the newest one. What it held when it was scanned
must be what it holds when it is published: the commits that its refs name are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from modelguard.errors import GuardError, HubError, ModelguardError
from modelguard.guards.hub.asking import hub_errors
from modelguard.guards.hub.guard import Guard
from modelguard.guards.hub.ledger import blocked, incomplete
from modelguard.guards.hub.scanner import Remote, look_at_remote, look_at_remote_elsewhere
from modelguard.model import ScanResult
from modelguard.settings import Settings
from modelguard.version import VERSION

if TYPE_CHECKING:
    from modelguard.pipeline import Progress

Refs = Mapping[str, str]
"""The commit that each ref of a repository names."""


def scan_remote(
    remote: Remote,
    settings: Settings,
    progress: Progress | None = None,
    tick: Callable[[], None] = lambda: None,
    told: Callable[[str], None] = lambda line: None,
) -> tuple[ScanResult, Refs]:
    """Scan a repository as it stands on the Hub, and say at which commits that was. See `pipeline.run`.

    Raises:
        HubError: it cannot be asked for.
        ModelguardError: see `pipeline.run`.
    """
    with hub_errors(remote.repo):
        refs = _refs(_api(remote), remote)
    return look_at_remote(remote, settings, progress, tick, told), refs


def make_public(remote: Remote, scanned: Refs) -> None:
    """Make a repository public at the commits at which it was scanned, or leave it as it is.

    Raises:
        GuardError: it has got another commit since; where that came too late to stop it, it is private again.
        HubError: the Hub does not do it.
    """
    with hub_errors(remote.repo):
        api = _api(remote)
        before = api.repo_info(remote.repo, repo_type=remote.kind).private
        _check_same(_refs(api, remote), scanned, remote, "")
        api.update_repo_settings(remote.repo, repo_type=remote.kind, **_visibility(api, private=False))
        try:
            _check_same(_refs(api, remote), scanned, remote, "; it is private again" if before else "")
        except GuardError:
            if before:
                api.update_repo_settings(remote.repo, repo_type=remote.kind, **_visibility(api, private=True))
            raise


def check_remote(guard: Guard, remote: Remote) -> None:
    """What a guard asks before a program makes a repository public.

    Raises:
        UploadBlocked: it holds leaks.
        GuardError: it could not be looked at wholly, or has got another commit meanwhile.
    """
    result: ScanResult | None = None
    try:
        with hub_errors(remote.repo):
            api = _api(remote)
            before = _refs(api, remote)
            result = look_at_remote_elsewhere(remote, guard.settings)
            _check_same(_refs(api, remote), before, remote, "")
        error: ModelguardError | None = None
        if result.blocking:
            error = blocked(result.blocking, "it stays private")
        elif result.exit_status:
            error = incomplete(result.gaps, "it stays private")
    except ModelguardError as found:
        error = found
    if error is not None and not guard.lets_by(error, result):
        raise error


def _check_same(now: Refs, scanned: Refs, remote: Remote, outcome: str) -> None:
    if now != scanned:
        raise GuardError(
            f"{remote.repo} has got another commit since it was scanned, so it is not published{outcome}",
            "Run it again.",
        )


def _api(remote: Remote) -> Any:
    from huggingface_hub import HfApi

    return HfApi(endpoint=remote.endpoint, token=remote.token, library_name="modelguard", library_version=VERSION)


def _refs(api: Any, remote: Remote) -> Refs:
    told = api.list_repo_refs(remote.repo, repo_type=remote.kind, include_pull_requests=True)
    found = [*told.branches, *told.tags, *told.converts, *(told.pull_requests or ())]
    if not found:
        raise HubError(f"{remote.repo} has no branch", "Check its name.")
    return {each.ref: each.target_commit for each in found}


def _visibility(api: Any, private: bool) -> dict[str, Any]:
    """How this huggingface_hub is told; since 2.0 it has a word for it."""
    import inspect

    if "visibility" in inspect.signature(api.update_repo_settings).parameters:
        return {"visibility": "private" if private else "public"}
    return {"private": private}
