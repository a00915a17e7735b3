"""Every request of a Hub client, before it is sent: what carries content needs a receipt, or is scanned here.

This is the second line. The first takes content down where it is given to a client (`operations.py`, `xet.py`); this
one knows the routes of a Hub, and refuses or scans what it does not know. Bodies and routes are those of
huggingface_hub 1 and 2 (`_commit_api.py`, `_upload_pipeline.py`, `lfs.py`, `hf_api.py`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from modelguard.errors import GuardError
from modelguard.guards.hub.guard import Guard
from modelguard.guards.hub.ledger import CARD
from modelguard.guards.hub.operations import SENDING

Found = re.Match[str]
Handler = Callable[[Guard, Any, Found, bytes], None]

COMMIT_MESSAGE = "commit message"
"""What findings call it."""

_READS = ("GET", "HEAD", "OPTIONS")
_REPO = r"/api/(?P<kind>model|dataset|space|kernel)s/(?P<repo>[^/]+(?:/[^/]+)?)"
_ALWAYS = ("https://huggingface.co", "https://hub-ci.huggingface.co", "https://hf.co")


def check(guard: Guard, request: Any, endpoint: str) -> None:
    """Let a request by, or stop it. `endpoint` is the address of the Hub that the client talks to.

    Raises:
        UploadBlocked: it carries a leak.
        GuardError: it carries what has no receipt and cannot be scanned.
    """
    if request.method in _READS:
        return
    path = request.url.path.removeprefix(urlsplit(endpoint).path.rstrip("/"))
    body = _body(request)
    for pattern, handler in _ROUTES:
        found = pattern.fullmatch(path)
        if found is not None:
            if body is None:
                guard.refuse(f"{request.method} {path}: its content is a stream, which cannot be scanned")
            else:
                handler(guard, request, found, body)
            return
    if body is None:
        _stream(guard, request, endpoint)
    elif request.method == "PUT" and not _is_hub(request, endpoint):
        if not guard.ledger.has_digest(hashlib.sha256(body).hexdigest()):
            guard.ledger.look_at([("an upload to storage", body)])
    elif body and _is_hub(request, endpoint):
        guard.ledger.look_at([(f"{request.method} {path}", body)])


def _stream(guard: Guard, request: Any, endpoint: str) -> None:
    """Content that a client reads while it sends: by a reader of ours it is what was scanned."""
    if SENDING.get() is not None:
        return
    if request.method == "PUT" or _is_hub(request, endpoint):
        guard.refuse(
            f"{request.method} to {request.url.host}: a client sends a stream that was never scanned",
            "Upload with huggingface_hub, within the guard.",
        )


def _preupload(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """The first 512 bytes of each file, and what `.gitignore` holds."""
    guard.check_all_given()
    asked = _json(body)
    files = [
        (str(file.get("path")), int(file.get("size", -1)), _decoded(file.get("sample") or ""))
        for file in asked.get("files") or []
    ]
    held = [guard.ledger.newest(*file) for file in files]
    guard.ledger.release(entry for entry in held if entry is not None and not entry.released)
    for file in files:
        if not guard.ledger.has_sample(*file):
            guard.refuse(*_without_receipt(file[0]))
    if asked.get("gitIgnore"):
        guard.ledger.look_at([(".gitignore", str(asked["gitIgnore"]).encode())])


def _commit(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """The lines of a commit: titles, small files, and ids of large ones."""
    texts: list[tuple[str, bytes]] = []
    for line in body.splitlines():
        told = _json(line)
        key, value = told.get("key"), told.get("value") or {}
        if key == "header":
            texts.append((COMMIT_MESSAGE, commit_text(value.get("summary"), value.get("description"))))
        elif key == "file":
            content, name = _decoded(value.get("content") or ""), str(value.get("path"))
            if not guard.ledger.has(name, hashlib.sha256(content).hexdigest()):
                texts.append((name, content))
        elif key == "lfsFile":
            _stored(guard, str(value.get("path")), str(value.get("oid")), "size" in value)
        elif key not in ("deletedFile", "deletedFolder", "deletedEntry"):
            guard.refuse(f"a commit holds a line of a kind that the guard does not know ({key!r})")
    guard.ledger.look_at(texts)


def commit_text(title: str | None, description: str | None) -> bytes:
    """What people read of a commit."""
    return f"{title or ''}\n{description or ''}".encode()


def _stored(guard: Guard, name: str, sha256: str, is_new: bool) -> None:
    """A file of which a commit holds the id. A copy within a repository brings nothing that was not there."""
    if is_new and not guard.ledger.has(name, sha256):
        guard.refuse(*_without_receipt(name))


def _batch(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """Which large files are about to be sent (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md)."""
    asked = _json(body)
    if asked.get("operation") != "upload":
        return
    for entry in asked.get("objects") or []:
        if not guard.ledger.has_digest(str(entry.get("oid"))):
            guard.refuse(*_without_receipt(f"LFS object {str(entry.get('oid'))[:12]}"))


def _bucket(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """What a bucket gets to know of: files that came through the door to Xet, and copies of what is somewhere else."""
    for line in body.splitlines():
        told = _json(line)
        if told.get("type") == "addFile" and told.get("xetHash") not in guard.ledger.stored:
            guard.refuse(*_without_receipt(str(told.get("path"))))
        if told.get("type") == "copyFile" and told.get("sourceRepoId") != found["bucket"]:
            guard.refuse(*_copied(f"{told.get('sourceRepoId')} to {found['bucket']}"))


def _copied_elsewhere(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """Copies from one repository to another one, which no byte of passes through here."""
    guard.refuse(*_copied(f"of {found['repo']}"))


def _copied(what: str) -> tuple[str, str]:
    return (
        f"a copy {what} is made by the Hub itself, where the guard cannot see what is copied",
        "Scan where it comes from (modelguard scan-hub), then copy it outside of the guard.",
    )


def _settings(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """A repository that becomes public is published: it is scanned as it stands on the Hub."""
    asked = _json(body)
    if asked.get("visibility") == "public" or asked.get("private") is False:
        guard.publish(_address(request), found["kind"], found["repo"], _token(request))


def _bucket_settings(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    asked = _json(body)
    if asked.get("visibility") == "public" or asked.get("private") is False:
        guard.refuse(f"bucket {found['bucket']} would become public, and the guard cannot scan buckets")


def _created(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """A new repository is empty; variables of a Space are for everybody to see, its secrets are not."""
    variables = _json(body).get("variables")
    if variables:
        guard.ledger.look_at([("variables of the Space", json.dumps(variables).encode())])


def _card(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """The text of a card, which a client has checked before it sends the file."""
    guard.ledger.look_at([(CARD, str(_json(body).get("content") or "").encode())])


def _passes(guard: Guard, request: Any, found: Found, body: bytes) -> None:
    """Nothing that anybody else will see."""


_ROUTES: list[tuple[re.Pattern[str], Handler]] = [
    (re.compile(pattern), handler)
    for pattern, handler in (
        (_REPO + r"/preupload/.+", _preupload),
        (_REPO + r"/commit/.+", _commit),
        (r"/(?:datasets/|spaces/|kernels/)?[^/]+/[^/]+\.git/info/lfs/objects/batch", _batch),
        (r"/api/validate-yaml", _card),
        (r"/api/buckets/(?P<bucket>[^/]+/[^/]+)/batch", _bucket),
        (r"/api/buckets/(?P<bucket>[^/]+/[^/]+)/settings", _bucket_settings),
        (_REPO + r"/settings", _settings),
        (_REPO + r"/lfs-files/duplicate", _copied_elsewhere),
        (_REPO + r"/duplicate", _copied_elsewhere),
        (r"/api/repos/create", _created),
        (r".+/info/lfs/objects/verify", _passes),  # the id of what was sent
        (r"/api/complete_multipart.*", _passes),
        (_REPO + r"/paths-info/.+", _passes),  # which files there are
        (r"/api/buckets/[^/]+/[^/]+/paths-info", _passes),
        (r"/api/repos/(?:delete|move)", _passes),
        (r"/api/spaces/.+/secrets", _passes),  # they are meant to be secret, and are kept so
        (r"/api/(?:scheduled-)?jobs/.+", _passes),
        (r"/api/settings/.+", _passes),
        (r"/oauth/.+", _passes),
    )
]
"""What the guard knows of a Hub's routes. What is sent to any other one is scanned as it stands."""


def _without_receipt(name: str) -> tuple[str, str]:
    return (
        f"{name}: it was not scanned as it would be sent, so nothing is sent",
        "Build the operation within the guard, from what is to be sent, and do not change it afterwards.",
    )


def _body(request: Any) -> bytes | None:
    """All that a request carries, or None where it is read while it is sent."""
    try:
        return bytes(request.content)
    except Exception:  # httpx and httpx2 each have an error of their own for what was not read
        return None


def _json(text: bytes) -> dict[str, Any]:
    """An object, or an error: what is not as the client writes it is not let by."""
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise GuardError("a client sends what the guard does not understand, so nothing is sent")
    return told


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise GuardError("a client sends what the guard does not understand, so nothing is sent") from None


def _is_hub(request: Any, endpoint: str) -> bool:
    """Whether a request goes to a Hub, and not to storage or to where models run."""
    return (request.url.scheme, request.url.host, request.url.port) in set(_origins(endpoint))


def _origins(endpoint: str) -> Iterator[tuple[str, str, int | None]]:
    for address in (endpoint, *_ALWAYS):
        parts = urlsplit(address)
        yield parts.scheme, parts.hostname or "", parts.port


def _address(request: Any) -> str:
    """The address of the Hub that a request goes to."""
    return str(request.url).partition("/api/")[0]


def _token(request: Any) -> str | None:
    told = request.headers.get("authorization") or ""
    return told.removeprefix("Bearer ") or None
