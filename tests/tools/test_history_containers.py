"""Containers in a history go through the same readers as on disk: what they held is found, with its commit and place."""

from __future__ import annotations

import gzip
import json
import struct

from tests.packed import zipped
from tests.tools.conftest import Scan
from tests.tools.repo import Repo, planted

TOKEN = planted()
ENV = f"# settings\nHF_TOKEN={TOKEN}\n".encode()


def safetensors(**metadata: str) -> bytes:
    header = json.dumps({"__metadata__": metadata}).encode()
    return struct.pack("<Q", len(header)) + header


def test_a_value_in_an_archive_that_was_deleted(repo: Repo, scan: Scan) -> None:
    brought = repo.commit({"dist/a.zip": zipped(("app/.env", ENV))})
    taken = repo.commit({"dist/a.zip": None, "b.txt": "b\n"})
    found = scan(repo).one(TOKEN)
    assert (found["path"], found["inner"], found["line"], found["inside"]) == ("dist/a.zip", "app/.env", 2, True)
    assert [(each["sha"], each["deed"]) for each in found["commits"]] == [(brought, "introduced"), (taken, "removed")]
    assert found["in_tree"] is False


def test_versions_of_a_container_are_each_opened(repo: Repo, scan: Scan) -> None:
    """What packs tell of the difference between two compressed files says nothing of what is in them."""
    filler = b"\n".join(b"%d %d" % (number, number * number) for number in range(5000))
    repo.commit({"run.log.gz": gzip.compress(filler)})
    brought = repo.commit({"run.log.gz": gzip.compress(filler + ENV)})
    repo.commit({"run.log.gz": gzip.compress(filler + b"\nclean")})
    repo.git("gc", "--quiet", "--aggressive")
    found = scan(repo).one(TOKEN)
    assert (found["inner"], found["commits"][0]["sha"]) == ("run.log", brought)


def test_an_unreachable_container_and_one_in_the_index(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "a\n"})
    (repo.path / "m.safetensors").write_bytes(safetensors(training_args=f"hub_token={TOKEN}"))
    repo.git("add", "m.safetensors")
    repo.git("rm", "-f", "--cached", "--quiet", "m.safetensors")
    (repo.path / "m.safetensors").unlink()
    found = scan(repo).one(TOKEN)
    assert (found["inner"], found["reachable"]) == ('__metadata__["training_args"]', False)


def test_a_container_that_cannot_be_opened_is_a_gap(repo: Repo, scan: Scan) -> None:
    data = bytearray(zipped(("a.txt", ENV)))
    data[40:60] = b"\xff" * 20
    repo.commit({"a.zip": bytes(data)})
    repo.commit({"a.zip": None, "b.txt": "b\n"})
    told = scan(repo)
    assert [gap["reason"] for gap in told.gaps] == ["malformed"]
