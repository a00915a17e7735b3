"""What the cache of huggingface_hub holds of a repository, where no Hub may be asked (`HF_HUB_OFFLINE`).

Layout: https://huggingface.co/docs/huggingface_hub/guides/manage-cache. Nothing outside of the repository's own folder
is opened, wherever a link leads.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from modelguard.errors import HubError
from modelguard.sources.hub.address import Address

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Cached(NamedTuple):
    """A file in the cache: its path in the repository, where it is, and what holds its bytes (empty: nothing here)."""

    path: str
    file: str
    object: str


def is_offline() -> bool:
    """Whether huggingface_hub may ask no Hub."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


class CachedRepository:
    """A repository in the cache."""

    def __init__(self, address: Address, folder: str | None = None) -> None:
        """Find it.

        Raises:
            HubError: the cache does not hold it, or not at that revision.
        """
        from huggingface_hub import constants

        self._name = address.shown
        top = folder or constants.HF_HUB_CACHE
        self._folder = os.path.join(top, f"{address.kind}s--{address.id.replace('/', '--')}")
        self._snapshots = os.path.join(self._folder, "snapshots")
        if not os.path.isdir(self._snapshots):
            raise HubError(f"{self._name}: the local cache does not hold it", "Unset HF_HUB_OFFLINE to ask the Hub.")
        self.sha = self._sha_of(address.revision or "main")

    def shas(self) -> list[str]:
        """The commits that the cache holds something of, that of the revision first."""
        return sorted((name for name in os.listdir(self._snapshots) if _SHA.fullmatch(name)), key=self.sha.__ne__)

    def files(self, sha: str) -> Iterator[Cached]:
        """The files of a commit that the cache holds, by their path."""
        top = os.path.join(self._snapshots, sha)
        inside = os.path.realpath(self._folder) + os.sep
        for folder, folders, names in os.walk(top):
            folders.sort()
            for name in sorted(names):
                file = os.path.join(folder, name)
                real = os.path.realpath(file)
                path = os.path.relpath(file, top).replace(os.sep, "/")
                yield Cached(path, file, real if real.startswith(inside) and os.path.isfile(real) else "")

    def _sha_of(self, revision: str) -> str:
        if _SHA.fullmatch(revision) and os.path.isdir(os.path.join(self._snapshots, revision)):
            return revision
        sha = ""
        if not set(revision.split("/")) & {"", ".", ".."}:
            with (
                suppress(OSError, ValueError),
                open(os.path.join(self._folder, "refs", *revision.split("/")), encoding="ascii") as told,
            ):
                sha = told.read(100).strip()
        if not _SHA.fullmatch(sha):
            raise HubError(f"{self._name}: the local cache does not hold revision {revision}", "Unset HF_HUB_OFFLINE.")
        return sha


def names_of(kind: str, namespace: str) -> list[str]:
    """The repositories of a kind and of an author that the cache holds something of."""
    from huggingface_hub import constants

    prefix = f"{kind}s--{namespace}--"
    with suppress(FileNotFoundError):
        listed = sorted(os.listdir(constants.HF_HUB_CACHE))
        return [f"{namespace}/{name.removeprefix(prefix)}" for name in listed if name.startswith(prefix)]
    return []
