"""Every route that the stand-in speaks."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.tools.hub import buckets, objects, reading, resolving, talking, writing
from tests.tools.hub.answers import Answer, Call

Route = tuple[str, re.Pattern[str], Callable[[Call], Answer]]

_REPO = r"/api/(?P<kind>models|datasets|spaces)/(?P<id>[^/]+/[^/]+)"
_BUCKET = r"/api/buckets/(?P<id>[^/]+/[^/]+)"
_REV = r"/(?P<rev>[^/]+)"
_OID = r"/(?P<oid>[0-9a-f]{64})"
_PLACE = r"/(?P<kind>datasets/|spaces/|)(?P<id>[^/]+/[^/]+?)"


def _route(methods: str, pattern: str, answer: Callable[[Call], Answer]) -> Route:
    return methods, re.compile(pattern), answer


ROUTES: list[Route] = [
    _route("GET", r"/api/whoami-v2", writing.whoami),
    _route("POST", r"/api/validate-yaml", writing.validate_yaml),
    _route("POST", r"/api/repos/create", writing.create),
    _route("DELETE", r"/api/repos/delete", writing.delete),
    _route("GET", r"/api/(?P<kind>models|datasets|spaces)", reading.listing),
    _route("GET", _REPO, reading.info),
    _route("GET", _REPO + "/revision" + _REV, reading.info),
    _route("GET", _REPO + "/tree" + _REV + r"(?:/(?P<path>.+))?", reading.tree),
    _route("POST", _REPO + "/paths-info" + _REV, reading.paths_info),
    _route("GET", _REPO + "/commits" + _REV, reading.commits),
    _route("GET", _REPO + "/auth-check", reading.auth_check),
    _route("GET", _REPO + "/refs", reading.refs),
    _route("GET", _REPO + "/lfs-files", reading.lfs_files),
    _route("GET", _REPO + "/variables", reading.variables),
    _route("GET", _REPO + "/secrets", reading.secrets),
    _route("PUT", _REPO + "/settings", writing.settings),
    _route("POST", _REPO + "/preupload" + _REV, writing.preupload),
    _route("POST", _REPO + "/commit" + _REV, writing.commit),
    _route("POST DELETE", _REPO + "/branch" + _REV, writing.branch),
    _route("POST", _REPO + "/tag" + _REV, writing.tag),
    _route("POST", _REPO + "/super-squash" + _REV, writing.squash),
    _route("GET", _REPO + r"/discussions/(?P<num>\d+)", talking.details),
    _route("POST", _REPO + r"/discussions/(?P<num>\d+)/comment", talking.comment),
    _route("GET", _REPO + "/discussions", talking.discussions),
    _route("POST", _REPO + "/discussions", talking.discuss),
    _route("GET", _REPO + r"/xet-(?P<mode>read|write)-token" + _REV, objects.xet_token),
    _route("GET", _BUCKET, buckets.info),
    _route("GET", _BUCKET + "/tree(?:/.+)?", buckets.tree),
    _route("GET", _BUCKET + "/xet-write-token", buckets.token),
    _route("POST", _BUCKET + "/batch", buckets.batch),
    _route("POST", r"/cas/v1/xorbs/default" + _OID, objects.xorb),
    _route("POST", r"/cas/v1/shards", objects.shard),
    _route("POST", _PLACE + r"(?:\.git)?/info/lfs/objects/batch", objects.lfs_batch),
    _route("PUT", r"/_lfs" + _OID, objects.lfs_put),
    _route("POST", r"/_verify", objects.lfs_verify),
    _route("GET HEAD", r"/objects" + _OID, resolving.stored),
    _route("GET HEAD", _PLACE + "/resolve" + _REV + r"/(?P<path>.+)", resolving.resolve),
]
