"""Routes that tell what a repository holds: itself, its tree, its commits and refs."""

from __future__ import annotations

import hashlib
import urllib.parse
from typing import Any

from tests.tools.hub.answers import Answer, Call, Refused, document, error, page
from tests.tools.hub.repository import Commit, Entry, Repository, history


def info(call: Call) -> Answer:
    repository = call.repository()
    return document(told(repository, call.commit(repository), blobs=call.flag("blobs"), files=True))


def told(repository: Repository, commit: Commit, *, blobs: bool = False, files: bool = False) -> dict[str, Any]:
    """A repository as `repo_info` and lists of repositories have it."""
    about: dict[str, Any] = {
        "_id": hashlib.sha1(repository.id.encode()).hexdigest()[:24],
        "id": repository.id,
        "author": repository.namespace,
        "sha": commit.id,
        "private": repository.private,
        "gated": repository.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [],
        "lastModified": commit.date,
        "createdAt": history(commit)[-1].date,
    }
    if repository.card:
        about["cardData"] = repository.card
    if repository.kind == "model":
        about["modelId"] = repository.id
    if files:
        about["siblings"] = [_sibling(path, entry, blobs) for path, entry in sorted(commit.files.items())]
    return about


def _sibling(path: str, entry: Entry, blobs: bool) -> dict[str, Any]:
    if not blobs:
        return {"rfilename": path}
    about: dict[str, Any] = {"rfilename": path, "size": entry.content.size, "blobId": entry.oid}
    if entry.lfs:
        about["lfs"] = {"sha256": entry.content.sha256, "size": entry.content.size, "pointerSize": len(entry.pointer)}
    return about


def auth_check(call: Call) -> Answer:
    """Whether the caller may read files."""
    call.repository(files=True)
    return Answer(200)


def listing(call: Call) -> Answer:
    """The repositories of an author that the caller may see."""
    kind, author = call.groups["kind"].rstrip("s"), call.query.get("author", [""])[0]
    seen = [
        told(each, each.refs["refs/heads/main"])
        for (_, _), each in sorted(call.hub.repositories.items())
        if each.kind == kind and author in ("", each.namespace)
        if not each.private or call.hub.owns(call.person, each.namespace)
    ]
    return page(call, seen, call.hub.page)


def tree(call: Call) -> Answer:
    repository = call.repository()
    commit, under = call.commit(repository), call.groups.get("path") or ""
    items = _tree(commit, under.rstrip("/") + "/" if under else "", call.flag("recursive"), call.flag("expand"))
    if under and not items:
        raise Refused(error(404, "EntryNotFound", f"{under} does not exist"))
    return page(call, items, call.hub.page)


def _tree(commit: Commit, under: str, recursive: bool, expand: bool) -> list[dict[str, Any]]:
    items: dict[str, dict[str, Any]] = {}
    for path, entry in sorted(commit.files.items()):
        if not path.startswith(under):
            continue
        parts = path[len(under) :].split("/")
        for depth in range(1, len(parts) if recursive else min(2, len(parts))):
            folder = under + "/".join(parts[:depth])
            items.setdefault(
                folder,
                {"type": "directory", "oid": hashlib.sha1(folder.encode()).hexdigest(), "size": 0, "path": folder},
            )
        if recursive or len(parts) == 1:
            items[path] = _entry(path, entry, commit if expand else None)
    return list(items.values())


def _entry(path: str, entry: Entry, expanded: Commit | None = None) -> dict[str, Any]:
    about: dict[str, Any] = {"type": "file", "oid": entry.oid, "size": entry.content.size, "path": path}
    if entry.lfs:
        about["lfs"] = {"oid": entry.content.sha256, "size": entry.content.size, "pointerSize": len(entry.pointer)}
    if entry.xet:
        about["xetHash"] = entry.xet
    if expanded:
        about["lastCommit"] = {"id": expanded.id, "title": expanded.title, "date": expanded.date}
        about["securityFileStatus"] = {"status": "safe", "avScan": None, "pickleImportScan": None}
    return about


def paths_info(call: Call) -> Answer:
    repository = call.repository()
    files = call.commit(repository).files
    wanted = urllib.parse.parse_qs(call.body.decode()).get("paths", [])
    folders = {path.rpartition("/")[0] for path in files} - {""}
    found = [_entry(path, files[path]) for path in wanted if path in files]
    found += [
        {"type": "directory", "oid": hashlib.sha1(each.encode()).hexdigest(), "path": each}
        for each in wanted
        if each in folders
    ]
    return document(found)


def commits(call: Call) -> Answer:
    repository = call.repository()
    items = [
        {
            "id": each.id,
            "title": each.title,
            "message": each.message,
            "date": each.date,
            "authors": [{"user": each.author}],
        }
        for each in history(call.commit(repository))
    ]
    return page(call, items, call.hub.page)


def refs(call: Call) -> Answer:
    repository = call.repository()
    found: dict[str, list[dict[str, str]]] = {"branches": [], "tags": [], "converts": []}
    if "include_prs" in call.query:
        found["pullRequests"] = []
    families = {
        "refs/heads/": "branches",
        "refs/tags/": "tags",
        "refs/convert/": "converts",
        "refs/pr/": "pullRequests",
    }
    for ref, commit in repository.refs.items():
        for prefix, family in families.items():
            if ref.startswith(prefix) and family in found:
                name = ref if family == "pullRequests" else ref[len(prefix) :]
                found[family].append({"name": name, "ref": ref, "targetCommit": commit.id})
    return document(found)


def lfs_files(call: Call) -> Answer:
    repository = call.repository(write=True)
    found = {}
    for commit in repository.commits.values():
        for path, entry in commit.files.items():
            if entry.lfs:
                sha256 = entry.content.sha256
                found[sha256] = {
                    "fileOid": sha256,
                    "oid": sha256,
                    "filename": path,
                    "size": entry.content.size,
                    "pushedAt": commit.date,
                }
    return page(call, list(found.values()), call.hub.page)


def variables(call: Call) -> Answer:
    return document(call.repository(write=True).variables)


def secrets(call: Call) -> Answer:
    return document(call.repository(write=True).secrets)
