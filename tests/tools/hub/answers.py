"""What a route gets and gives: a call, an answer."""

from __future__ import annotations

import json
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.tools.hub.content import Bytes, Content
from tests.tools.hub.repository import Commit, Repository

if TYPE_CHECKING:
    from tests.tools.hub.server import Hub, Person

NO_BODY = Bytes(b"")


@dataclass(frozen=True)
class Answer:
    """A status, headers, and the bytes of `content` from `start` up to `stop`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: Content = NO_BODY
    start: int = 0
    stop: int = 0


class Refused(Exception):
    """An answer that ends a route early."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


@dataclass(frozen=True)
class Call:
    """A request as a route sees it: `groups` are what the route's pattern found in the path, unquoted."""

    hub: Hub
    method: str
    groups: dict[str, str]
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    person: Person | None

    def flag(self, name: str) -> bool:
        """Whether the query says yes to `name`."""
        return self.query.get(name, ["false"])[0].lower() in ("1", "true")

    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def repository(self, *, write: bool = False, files: bool = False) -> Repository:
        """The repository that the path names, if the caller may see it (and its files; and change it)."""
        found = self.hub.repositories.get((self.groups["kind"].rstrip("s/") or "model", self.groups["id"]))
        owner = found is not None and self.hub.owns(self.person, found.namespace)
        if found is None or (found.private and not owner):
            raise Refused(error(404 if self.person else 401, "RepoNotFound", "Repository not found"))
        if files and found.gated and not owner and not (self.person and found.id in self.person.admitted):
            raise Refused(error(403 if self.person else 401, "GatedRepo", f"Access to {found.id} is restricted"))
        if write and not owner:
            raise Refused(error(403 if self.person else 401, "", "Forbidden: you do not have the right to write here"))
        return found

    def commit(self, repository: Repository) -> Commit:
        """The commit of the revision in the path, or of the main branch."""
        found = repository.at(self.groups.get("rev") or "main")
        if found is None:
            raise Refused(error(404, "RevisionNotFound", f"Invalid rev id: {self.groups.get('rev')}"))
        return found


def document(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """An answer in JSON."""
    content = Bytes(json.dumps(value).encode())
    return Answer(status, {"Content-Type": "application/json", **(headers or {})}, content, 0, content.size)


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    """An error as the Hub words it."""
    said = {"X-Error-Message": message, **({"X-Error-Code": code} if code else {}), **(headers or {})}
    return document({"error": message}, status, said)


def page(call: Call, items: list[Any], size: int) -> Answer:
    """A page of a list, with a Link to the next one."""
    start = int(call.query.get("cursor", ["0"])[0])
    stop = start + min(size, int(call.query.get("limit", [str(size)])[0]))
    if stop >= len(items):
        return document(items[start:stop])
    query = {**{name: values[-1] for name, values in call.query.items()}, "cursor": str(stop)}
    return document(
        items[start:stop], headers={"Link": f'<{call.hub.url}{call.path}?{urllib.parse.urlencode(query)}>; rel="next"'}
    )
