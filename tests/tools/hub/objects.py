"""Routes that take large files: LFS objects, and the xorbs and shards of Xet."""

from __future__ import annotations

import hashlib
import time

from tests.tools.hub.answers import Answer, Call, Refused, document, error
from tests.tools.hub.content import Bytes
from tests.tools.hub.xorb import files, unpacked


def lfs_batch(call: Call) -> Answer:
    call.repository(write=False)
    answers = []
    for asked in call.document()["objects"]:
        about = {"oid": asked["oid"], "size": asked["size"], "authenticated": True}
        if asked["oid"] not in call.hub.objects:
            about["actions"] = {
                "upload": {"href": f"{call.hub.url}/_lfs/{asked['oid']}"},
                "verify": {"href": f"{call.hub.url}/_verify", "header": {}},
            }
        answers.append(about)
    return document({"transfer": "basic", "objects": answers}, headers={"Content-Type": "application/vnd.git-lfs+json"})


def lfs_put(call: Call) -> Answer:
    if hashlib.sha256(call.body).hexdigest() != call.groups["oid"]:
        raise Refused(error(422, "", "these bytes have another SHA-256"))
    call.hub.objects[call.groups["oid"]] = Bytes(call.body)
    return Answer(200, {"ETag": f'"{call.groups["oid"][:32]}"'})


def lfs_verify(call: Call) -> Answer:
    held = call.document()["oid"] in call.hub.objects
    return document({}) if held else error(404, "", "no such object")


def xet_token(call: Call) -> Answer:
    call.repository(write=call.groups["mode"] == "write" and not call.flag("create_pr"))
    return xet_answer(call)


def xet_answer(call: Call) -> Answer:
    """Where Xet is, and a token for it."""
    cas, ends = f"{call.hub.url}/cas", int(time.time()) + 3600
    headers = {"X-Xet-Cas-Url": cas, "X-Xet-Access-Token": "xet-test", "X-Xet-Token-Expiration": str(ends)}
    return document({"casUrl": cas, "accessToken": "xet-test", "exp": ends}, headers=headers)


def xorb(call: Call) -> Answer:
    fresh = call.groups["oid"] not in call.hub.xorbs
    call.hub.xorbs[call.groups["oid"]] = call.body
    return document({"was_inserted": fresh})


def shard(call: Call) -> Answer:
    """Puts the files of a shard together again from xorbs, so that a commit finds them by their SHA-256."""
    for name, terms in files(call.body):
        parts = []
        for term in terms:
            if term.xorb not in call.hub.xorbs:
                raise Refused(error(400, "", f"xorb {term.xorb} does not exist"))
            parts += list(unpacked(call.hub.xorbs[term.xorb]))[term.first : term.last]
        content = Bytes(b"".join(parts))
        call.hub.objects[content.sha256] = content
        call.hub.xet_hashes[content.sha256] = name
    return document({"result": 1})
