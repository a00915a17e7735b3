"""Routes for discussions and pull requests."""

from __future__ import annotations

from typing import Any

from tests.tools.hub.answers import Answer, Call, Refused, document, error
from tests.tools.hub.repository import Discussion, Repository, now


def discussions(call: Call) -> Answer:
    """A page of discussions, counted by `p` as the Hub does."""
    repository, size = call.repository(), call.hub.page
    wanted, status = call.query.get("type", ["all"])[0], call.query.get("status", ["all"])[0]
    found = [
        each
        for each in repository.discussions
        if wanted == "all" or each.pull_request == (wanted == "pull_request")
        if status == "all" or (each.status == "open") == (status == "open")
    ]
    start = int(call.query.get("p", ["0"])[0]) * size
    items = [_told(repository, each) for each in found[start : start + size]]
    return document({"count": len(found), "start": start, "discussions": items})


def details(call: Call) -> Answer:
    repository = call.repository()
    found = _found(call, repository)
    about = _told(repository, found) | {"events": found.events}
    if found.pull_request:
        about |= {"changes": {"base": "refs/heads/main"}, "filesWithConflicts": [], "diff": ""}
    return document(about)


def _found(call: Call, repository: Repository) -> Discussion:
    number = int(call.groups["num"])
    if not 0 < number <= len(repository.discussions):
        raise Refused(error(404, "", "no such discussion"))
    return repository.discussions[number - 1]


def _told(repository: Repository, each: Discussion) -> dict[str, Any]:
    return {
        "num": each.num,
        "title": each.title,
        "author": {"name": each.author},
        "status": each.status,
        "isPullRequest": each.pull_request,
        "createdAt": each.events[0]["createdAt"] if each.events else now(),
        "repo": {"name": repository.id, "type": repository.kind},
    }


def discuss(call: Call) -> Answer:
    """A new discussion or pull request."""
    repository, asked = call.repository(), call.document()
    author = call.hub.name_of(call.person)
    made = repository.discuss(
        asked["title"], asked.get("description") or "", pull_request=bool(asked.get("pullRequest")), author=author
    )
    return document({"num": made.num})


def comment(call: Call) -> Answer:
    found = _found(call, call.repository())
    found.say(call.document()["comment"], call.hub.name_of(call.person))
    return document({"newMessage": found.events[-1]})
