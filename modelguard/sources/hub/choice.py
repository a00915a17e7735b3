"""From what a user asks for to the source that holds it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from modelguard.errors import UsageError
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.hub.address import Address, parse_address, parse_namespace
from modelguard.sources.hub.cached import is_offline
from modelguard.sources.hub.offline import CacheSource, cached_named
from modelguard.sources.hub.since import parse_since
from modelguard.sources.hub.source import HubSource, Wanted, repositories_named
from modelguard.sources.hub.transport import endpoint_asked
from modelguard.sources.interface import Source


class Asked(Struct, frozen=True):
    """Repositories as a user names them, and how much of them. `everything`: the names are of their owners."""

    names: tuple[str, ...]
    kind: str | None = None
    revision: str | None = None
    everything: bool = False
    all_revisions: bool = False
    since: str | None = None
    discussions: bool = False
    weights: bool = False


def source_for(
    asked: Asked, exclusions: Exclusions, say: Callable[[str], None] = lambda line: None
) -> tuple[Source, list[str]]:
    """The source that is asked for, and how its targets are called; `say` gets lines about what will be read.

    Raises:
        HubError: the repositories of an owner cannot be listed.
        UsageError: a name is none, or what is asked for cannot be had together.
    """
    if asked.everything and asked.revision:
        raise UsageError("--all and --revision at once", "Name one repository, or leave --revision out.")
    if asked.revision and asked.all_revisions:
        raise UsageError("--revision and --all-revisions at once", "Scan one or the other.")
    endpoint, offline = endpoint_asked(), is_offline()
    if offline and (asked.since or asked.discussions):
        raise UsageError("--since and --discussions ask a Hub, and HF_HUB_OFFLINE is set", "Unset HF_HUB_OFFLINE.")
    since = parse_since(asked.since) if asked.since else None
    addresses = _addresses(asked, endpoint, offline, say)
    targets = [each.shown + (f"@{each.revision}" if each.revision else "") for each in addresses]
    if offline:
        return CacheSource(addresses, asked.all_revisions, exclusions, say), targets
    wanted = Wanted(asked.all_revisions, since, asked.discussions, asked.weights)
    return HubSource(endpoint, addresses, wanted, exclusions, say), targets or list(asked.names)


def _addresses(asked: Asked, endpoint: str, offline: bool, say: Callable[[str], None]) -> list[Address]:
    if not asked.everything:
        found = [parse_address(name, asked.kind, asked.revision, endpoint) for name in asked.names]
        return list(dict.fromkeys(found))
    owned: list[Address] = []
    for name in asked.names:
        owner = parse_namespace(name)
        some = cached_named(owner, asked.kind) if offline else repositories_named(endpoint, owner, asked.kind, say)
        say(f"{owner}: {len(some)} repositories")
        owned += some
    return list(dict.fromkeys(owned))
