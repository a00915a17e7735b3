"""Routes of buckets, as far as they take files: a list, a token for Xet, and what is to become of which file."""

from __future__ import annotations

import json

from tests.tools.hub.answers import Answer, Call, document
from tests.tools.hub.objects import xet_answer
from tests.tools.hub.repository import now


def info(call: Call) -> Answer:
    held = call.hub.buckets.get(call.groups["id"], {})
    size = sum(content.size for content in held.values())
    about = {"id": call.groups["id"], "private": True, "createdAt": now(), "size": size, "totalFiles": len(held)}
    return document(about)


def tree(call: Call) -> Answer:
    held = call.hub.buckets.get(call.groups["id"], {})
    return document([{"type": "file", "path": path, "size": content.size} for path, content in held.items()])


def token(call: Call) -> Answer:
    return xet_answer(call)


def batch(call: Call) -> Answer:
    """Files that Xet holds by now, under the names that they get."""
    held = call.hub.buckets.setdefault(call.groups["id"], {})
    by_hash = {name: sha256 for sha256, name in call.hub.xet_hashes.items()}
    for line in map(json.loads, call.body.splitlines()):
        if line["type"] == "addFile":
            held[line["path"]] = call.hub.objects[by_hash[line["xetHash"]]]
    return document({"failed": []})
