"""The route that gives a file's bytes: whole, by range, or by sending the client to where they lie."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.tools.hub.answers import NO_BODY, Answer, Call, Refused, error
from tests.tools.hub.content import Content

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def resolve(call: Call) -> Answer:
    repository = call.repository(files=True)
    commit = call.commit(repository)
    entry = commit.files.get(call.groups["path"])
    if entry is None:
        raise Refused(error(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": commit.id}))
    etag = entry.content.sha256 if entry.lfs else entry.oid
    headers = {"X-Repo-Commit": commit.id, "ETag": f'"{etag}"', "Accept-Ranges": "bytes"}
    if entry.lfs:
        headers |= {"X-Linked-Size": str(entry.content.size), "X-Linked-Etag": f'"{etag}"'}
        if call.hub.store is not None:
            call.hub.store.objects[entry.content.sha256] = entry.content
            return Answer(302, {**headers, "Location": f"{call.hub.store.url}/objects/{entry.content.sha256}"})
    return part(call.method, call.headers, entry.content, headers)


def stored(call: Call) -> Answer:
    """An object of a store that the Hub sends clients to, as it does for large files."""
    content = call.hub.objects.get(call.groups["oid"])
    if content is None:
        raise Refused(error(404, "", "no such object"))
    return part(call.method, call.headers, content, {"ETag": f'"{content.sha256}"', "Accept-Ranges": "bytes"})


def part(method: str, asked: Mapping[str, str], content: Content, headers: dict[str, str]) -> Answer:
    """The range that was asked for, as RFC 9110 has it, or all of it."""
    headers = {"Content-Type": "application/octet-stream", **headers}
    found = _RANGE.fullmatch(asked.get("range", ""))
    if method == "HEAD":
        return Answer(200, {**headers, "Content-Length": str(content.size)}, NO_BODY)
    if not found or found.groups() == ("", ""):
        return Answer(200, headers, content, 0, content.size)
    first, last = found.groups()
    start = int(first) if first else max(0, content.size - int(last))
    stop = min(int(last) + 1, content.size) if first and last else content.size
    if start >= content.size:
        return Answer(416, {**headers, "Content-Range": f"bytes */{content.size}"})
    return Answer(206, {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{content.size}"}, content, start, stop)
