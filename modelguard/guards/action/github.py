"""GitHub's API, as much of it as one comment needs, by the standard library alone.

https://docs.github.com/en/rest/issues/comments and https://docs.github.com/en/graphql/reference/objects#issuecomment.
GraphQL lists comments, because only there a token is told which of them are its own (`viewerDidAuthor`).
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from email.message import Message
from typing import IO, Any

from msgspec import Struct

from modelguard.errors import ModelguardError
from modelguard.version import VERSION

_SECONDS = 30
_MAX_BYTES = 32 * 1024 * 1024
_MOST_PAGES = 100
_COMMENTS = """query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    comments(first: 100, after: $after) {
      nodes { databaseId viewerDidAuthor body }
      pageInfo { hasNextPage endCursor } } } } }"""


class ApiError(ModelguardError):
    """GitHub cannot be reached, or refuses; `status` is that of HTTP where it answered."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message, "Give the job `permissions: pull-requests: write`.")
        self.status = status


class Comment(Struct, frozen=True):
    """A comment of a pull request that this token wrote."""

    number: int
    body: str


class Api:
    """The API of one repository. The token is shown nowhere, and follows no redirection."""

    def __init__(self, environment: Mapping[str, str], token: str) -> None:
        self._rest = environment.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
        self._graphql = environment.get("GITHUB_GRAPHQL_URL", f"{self._rest}/graphql")
        self._owner, _, self._name = environment.get("GITHUB_REPOSITORY", "").partition("/")
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirection)

    def own_comments(self, pull_request: int) -> Iterator[Comment]:
        """The comments that this token's user or app has written, oldest first.

        Raises:
            ApiError: GitHub cannot be reached, refuses, or answers what it should not.
        """
        after: str | None = None
        for _ in range(_MOST_PAGES):
            variables = {"owner": self._owner, "name": self._name, "number": pull_request, "after": after}
            answer = self._asked("POST", self._graphql, {"query": _COMMENTS, "variables": variables})
            try:
                page = answer["data"]["repository"]["pullRequest"]["comments"]
                for node in page["nodes"]:
                    if node["viewerDidAuthor"] is True:
                        yield Comment(int(node["databaseId"]), str(node["body"]))
                more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
            except (KeyError, TypeError, ValueError):
                raise ApiError("GitHub does not list the comments of the pull request") from None
            if not more:
                return

    def add(self, pull_request: int, body: str) -> None:
        """Write a new comment. Raises `ApiError`."""
        self._asked("POST", f"{self._issues}/{pull_request}/comments", {"body": body})

    def update(self, comment: int, body: str) -> None:
        """Give a comment another text. Raises `ApiError`."""
        self._asked("PATCH", f"{self._issues}/comments/{comment}", {"body": body})

    @property
    def _issues(self) -> str:
        return f"{self._rest}/repos/{self._owner}/{self._name}/issues"

    def _asked(self, method: str, address: str, content: Mapping[str, Any]) -> Any:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "User-Agent": f"modelguard/{VERSION}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        if not address.startswith(("https://", "http://")):
            raise ApiError("GITHUB_API_URL is no address")
        request = urllib.request.Request(  # noqa: S310  # the line above
            address, json.dumps(content).encode("utf-8"), headers, method=method
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return json.loads(answer.read(_MAX_BYTES))
        except urllib.error.HTTPError as error:
            with error:
                raise ApiError(f"GitHub answers with status {error.code}", error.code) from None
        except (OSError, http.client.HTTPException):
            raise ApiError("GitHub cannot be reached") from None
        except ValueError:
            raise ApiError("GitHub answers with what is no JSON") from None


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    """A token is for the address that it was given for."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> None:
        """Nothing is followed; the answer is an error."""
        return
