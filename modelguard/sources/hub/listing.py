"""What a Hub says of a repository: itself, its refs, its commits, and the tree of each.

The routes are those of https://huggingface.co/docs/hub/api, with the answers that huggingface_hub reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from msgspec import Struct, field

from modelguard.sources.hub.client import MOST_PAGES, HubClient
from modelguard.sources.hub.transport import Failure

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Large(Struct, frozen=True):
    """What a list says of a file that is no object of git's."""

    oid: str = ""
    size: int = 0


class Entry(Struct, frozen=True):
    """A file or folder in a tree. `object` names its bytes, whatever it is called and in whatever commit."""

    type: str
    path: str
    oid: str = ""
    size: int = 0
    lfs: Large | None = None

    @property
    def bytes(self) -> int:
        """How many bytes it has."""
        return self.lfs.size if self.lfs else self.size

    @property
    def object(self) -> str:
        """The SHA-256 of an LFS file, or git's id."""
        return self.lfs.oid if self.lfs and self.lfs.oid else self.oid


class Told(Struct, frozen=True):
    """A commit: its texts and when it was made."""

    id: str
    title: str = ""
    message: str = ""
    date: str = ""


class Ref(Struct, frozen=True):
    """A branch, tag, conversion or pull request, and the commit it stands at."""

    ref: str
    commit: str = field(name="targetCommit")


class _Refs(Struct, frozen=True):
    branches: list[Ref] = []  # msgspec makes a new one for each
    tags: list[Ref] = []
    converts: list[Ref] = []
    pulls: list[Ref] = field(default_factory=list, name="pullRequests")


class Repository:
    """A repository as one client sees it. All of it raises `Failure` where the Hub does not tell."""

    def __init__(self, client: HubClient, kind: str, name: str) -> None:
        self._client = client
        self.kind = kind
        self.id = name
        self._base = f"/api/{kind}s/{quote(name)}"

    def info(self, revision: str | None = None) -> dict[str, Any]:
        """What the Hub says of it; `sha` is the commit of the revision, and of all that is listed by it."""
        at = f"/revision/{quote(revision, safe='')}" if revision else ""
        told: dict[str, Any] = self._client.document(self._base + at, dict[str, Any])
        sha = told.get("sha")
        if sha is not None and not (isinstance(sha, str) and _SHA.fullmatch(sha)):
            raise Failure("the Hub's answer is not as it should be")
        return told

    def check_access(self) -> None:
        """Fail where files may not be read, which of a gated repository the rest does not say."""
        self._client.check(f"{self._base}/auth-check")

    def tree(self, sha: str, under: str = "") -> Iterator[Entry]:
        """All files of a commit, or those below a folder."""
        path = f"/tree/{quote(sha, safe='')}" + (f"/{quote(under, safe='')}" if under else "")
        entries = self._client.pages(self._base + path, Entry, {"recursive": "true"})
        return (entry for entry in entries if entry.type == "file")

    def commits(self, revision: str) -> Iterator[Told]:
        """The commits of a revision, newest first."""
        for told in self._client.pages(f"{self._base}/commits/{quote(revision, safe='')}", Told):
            if not _SHA.fullmatch(told.id):
                raise Failure("the Hub's answer is not as it should be")
            yield told

    def refs(self) -> list[Ref]:
        """All refs, those of pull requests, too."""
        found = self._client.document(f"{self._base}/refs", _Refs, {"include_prs": "1"})
        return [*found.branches, *found.tags, *found.converts, *found.pulls]

    def discussions(self) -> Iterator[int]:
        """The numbers of its discussions and pull requests."""
        told = 0
        for page in range(MOST_PAGES):
            found = self._client.document(f"{self._base}/discussions", _Discussions, {"p": str(page)})
            yield from (each.num for each in found.discussions)
            told += len(found.discussions)
            if not found.discussions or told >= found.count:
                return
        raise Failure("the Hub's list has no end")

    def discussion(self, number: int) -> dict[str, Any]:
        """All that was said in a discussion, with the change that a pull request proposes."""
        told: dict[str, Any] = self._client.document(
            f"{self._base}/discussions/{number}", dict[str, Any], {"diff": "1"}
        )
        return told

    def variables(self) -> dict[str, Any]:
        """The variables of a space, by name."""
        told: dict[str, Any] = self._client.document(f"{self._base}/variables", dict[str, Any])
        return told


class _Discussion(Struct, frozen=True):
    num: int


class _Discussions(Struct, frozen=True):
    count: int = 0
    discussions: list[_Discussion] = []


class _Named(Struct, frozen=True):
    id: str


def repositories_of(client: HubClient, kind: str, author: str) -> Iterator[str]:
    """The names of an author's repositories of a kind, as far as this user may see them."""
    found = client.pages(f"/api/{kind}s", _Named, {"author": author, "limit": "1000"})
    return (each.id for each in found)
