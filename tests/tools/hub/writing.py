"""Routes that change what a Hub holds: repositories, settings, commits."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.tools.hub.answers import Answer, Call, Refused, document, error
from tests.tools.hub.repository import Commit, Entry, Repository, history

LFS_NAMES = (".safetensors", ".bin", ".gguf", ".onnx", ".pkl", ".pt", ".parquet", ".h5")


def create(call: Call) -> Answer:
    asked = call.document()
    kind, namespace = asked.get("type") or "model", asked.get("organization") or call.hub.name_of(call.person)
    if not call.hub.owns(call.person, namespace):
        raise Refused(
            error(403 if call.person else 401, "", f"You don't have the rights to create a {kind} under {namespace}")
        )
    name = f"{namespace}/{asked['name']}"
    url = call.hub.page_of(kind, name)
    if (kind, name) in call.hub.repositories:
        return document({"error": f"You already created this {kind} repo", "url": url}, 409)
    made = call.hub.add(kind, name, private=asked.get("visibility") == "private" or bool(asked.get("private")))
    made.variables = {each["key"]: {"value": each["value"]} for each in asked.get("variables", [])}
    made.settings = asked
    return document({"url": url, "name": name, "id": made.refs["refs/heads/main"].id[:24]})


def delete(call: Call) -> Answer:
    asked = call.document()
    kind, name = (
        asked.get("type") or "model",
        f"{asked.get('organization') or call.hub.name_of(call.person)}/{asked['name']}",
    )
    if not call.hub.owns(call.person, name.partition("/")[0]):
        raise Refused(error(403 if call.person else 401, "", "Forbidden"))
    if call.hub.repositories.pop((kind, name), None) is None:
        raise Refused(error(404, "RepoNotFound", "Repository not found"))
    return document({})


def settings(call: Call) -> Answer:
    repository, asked = call.repository(write=True), call.document()
    repository.settings |= asked
    if "visibility" in asked or "private" in asked:
        repository.private = asked.get("visibility", "public") == "private" or bool(asked.get("private"))
    if "gated" in asked:
        repository.gated = asked["gated"]
    return document(asked)


def preupload(call: Call) -> Answer:
    repository = _changed(call)
    files, answers = call.commit(repository).files, []
    for asked in call.document()["files"]:
        lfs = asked["size"] >= call.hub.lfs_from or asked["path"].endswith(LFS_NAMES)
        about = {"path": asked["path"], "uploadMode": "lfs" if lfs else "regular", "shouldIgnore": False}
        if entry := files.get(asked["path"]):
            about["oid"] = entry.content.sha256 if entry.lfs else entry.oid
        answers.append(about)
    return document({"files": answers, "commitOid": call.commit(repository).id})


def _changed(call: Call) -> Repository:
    """The repository, for one who may change it; whoever may read it may propose a change."""
    proposed = call.person is not None and (call.flag("create_pr") or call.groups["rev"].startswith("refs/pr/"))
    return call.repository(write=not proposed)


def commit(call: Call) -> Answer:
    repository = _changed(call)
    parent, lines = call.commit(repository), [json.loads(line) for line in call.body.splitlines()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    expected = header.get("parentCommit")
    if expected and not parent.id.startswith(expected):
        raise Refused(error(412, "PreconditionFailed", "A commit has happened since. Please refresh and try again."))
    title, message = header.get("summary", ""), header.get("description", "")
    changes = _changes(call, parent, lines)
    ref, proposal = _where(call, repository, title, message)
    made = repository.commit(changes, title, message, ref=ref, parent=parent, author=call.hub.name_of(call.person))
    url = call.hub.page_of(repository.kind, repository.id)
    if proposal:
        repository.discussions[proposal - 1].event("commit", made.author, {"subject": title, "oid": made.id})
    return document(
        {
            "success": True,
            "commitOid": made.id,
            "commitUrl": f"{url}/commit/{made.id}",
            "hookOutput": "",
            "pullRequestUrl": f"{url}/discussions/{proposal}" if proposal else None,
        }
    )


def _where(call: Call, repository: Repository, title: str, message: str) -> tuple[str, int]:
    """The ref that a commit goes to, and the number of the pull request that it opens."""
    if call.flag("create_pr"):
        number = repository.discuss(title, message, pull_request=True, author=call.hub.name_of(call.person)).num
        return f"refs/pr/{number}", number
    revision = call.groups["rev"]
    return (revision if revision.startswith("refs/") else f"refs/heads/{revision}"), 0


def _changes(call: Call, parent: Commit, lines: list[dict[str, Any]]) -> dict[str, Entry | bytes | None]:
    changes: dict[str, Entry | bytes | None] = {}
    for line in lines:
        value = line["value"]
        if line["key"] == "file":
            changes[value["path"]] = base64.b64decode(value["content"])
        elif line["key"] == "lfsFile":
            content = call.hub.objects.get(value["oid"])
            if content is None:
                raise Refused(error(400, "", f"LFS pointer pointed to a file that does not exist: {value['oid']}"))
            changes[value["path"]] = Entry(content, lfs=True, xet=call.hub.xet_hashes.get(value["oid"]))
        elif line["key"] == "deletedFile":
            changes[value["path"]] = None
        elif line["key"] == "deletedFolder":
            under = value["path"].rstrip("/") + "/"
            changes |= dict.fromkeys((path for path in parent.files if path.startswith(under)), None)
    return changes


def branch(call: Call) -> Answer:
    """A new branch (POST) or one less (DELETE)."""
    repository = call.repository(write=True)
    ref = f"refs/heads/{call.groups['rev']}"
    if call.method == "DELETE":
        repository.refs.pop(ref, None)
        return document({})
    start = json.loads(call.body or b"{}").get("startingPoint") or "main"
    if ref in repository.refs:
        return document({"error": "Reference already exists"}, 409)
    found = repository.at(start)
    if found is None:
        raise Refused(error(404, "RevisionNotFound", "Invalid rev id"))
    repository.refs[ref] = found
    return document({})


def tag(call: Call) -> Answer:
    """A new tag at a revision."""
    repository = call.repository(write=True)
    repository.refs[f"refs/tags/{call.document()['tag']}"] = call.commit(repository)
    return document({})


def squash(call: Call) -> Answer:
    repository = call.repository(write=True)
    ref = f"refs/heads/{call.groups['rev']}"
    repository.squash(ref if ref in repository.refs else call.groups["rev"])
    return document({"commits": len(history(call.commit(repository)))})


def whoami(call: Call) -> Answer:
    if call.person is None:
        raise Refused(error(401, "", "Invalid credentials in Authorization header"))
    token = {"displayName": "test", "role": "write"}
    orgs = [{"type": "org", "name": name} for name in call.person.organisations]
    about = {"type": "user", "id": "u1", "name": call.person.name, "fullname": call.person.name, "orgs": orgs}
    return document({**about, "auth": {"type": "access_token", "accessToken": token}})


def validate_yaml(call: Call) -> Answer:
    return document({"errors": [], "warnings": []})
