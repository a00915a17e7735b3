"""Repositories in the cache of huggingface_hub as a Source, where no Hub may be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from modelguard.model import Finding, Gap, GapReason, LeftOut
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.file import FileBlob, shown_path
from modelguard.sources.hub.address import KINDS, Address
from modelguard.sources.hub.cached import Cached, CachedRepository, names_of
from modelguard.sources.interface import Item


class CacheSource:
    """A Source over what the cache holds of repositories: of one revision, or of all, each object once."""

    whole = True

    def __init__(
        self,
        addresses: Sequence[Address],
        all_revisions: bool,
        exclusions: Exclusions,
        say: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._addresses = addresses
        self._everywhere = all_revisions
        self._exclusions = exclusions
        self._say = say

    def items(self) -> Iterator[Item]:
        """See `Source.items`.

        Raises:
            HubError: the cache does not hold a repository.
        """
        for address in self._addresses:
            repository = CachedRepository(address)
            shas = repository.shas() if self._everywhere else [repository.sha]
            found: dict[str, tuple[str, Cached]] = {}
            for sha in shas:
                for each in repository.files(sha):
                    if not address.path or each.path == address.path or each.path.startswith(address.path + "/"):
                        found.setdefault(each.object or each.file, (sha, each))
            items = [self._item(address, sha, each) for sha, each in found.values()]
            self._say(f"{address.shown}: {len(items)} files in the local cache; no Hub is asked (HF_HUB_OFFLINE)")
            if not items:
                yield Gap(address.shown, GapReason.MISSING, "the local cache holds nothing of it; unset HF_HUB_OFFLINE")
            yield from items

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """See `Source.described`: there is nothing to add."""
        return list(findings)

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`: none."""
        return ()

    def _item(self, address: Address, sha: str, each: Cached) -> Item:
        shown = f"{address.shown}@{sha[:12]}/{each.path}"
        reason = self._exclusions.reason(each.path)
        if reason is not None:
            return LeftOut(shown_path(shown), reason)
        if not each.object:
            detail = "a link that leads out of the cache or nowhere; download it again"
            return Gap(shown_path(shown), GapReason.SPECIAL, detail)
        return FileBlob(each.file, shown, follow=True)


def cached_named(namespace: str, kind: str | None) -> list[Address]:
    """All repositories of an organisation or user in the cache, or those of one kind."""
    return [Address(each, name) for each in KINDS if kind in (None, each) for name in names_of(each, namespace)]
