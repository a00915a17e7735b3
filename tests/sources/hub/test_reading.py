"""Ranges of a file, from servers that are well, slow, broken, or hostile."""

from __future__ import annotations

import pickle

import pytest

from modelguard.errors import Unreadable
from modelguard.model import GapReason
from modelguard.sources.hub import client, transport
from modelguard.sources.hub.blob import HubBlob, HubFile
from tests.tools.hub import Entry, Fault, Hub, Person, Sparse, serving
from tests.tools.hub.client import token

TEXT = b"".join(b"%07d\n" % number for number in range(50_000))


def blob(hub: Hub, content: bytes = TEXT, size: int | None = None, path: str = "a.txt", lfs: bool = False) -> HubBlob:
    from tests.tools.hub import Bytes

    repository = hub.add("dataset", "org/data", {path: Entry(Bytes(content), lfs=lfs)})
    sha = repository.refs["refs/heads/main"].id
    length = len(content) if size is None else size
    return HubBlob(HubFile(hub.url, "dataset", "org/data", sha, path, length, f"hf://datasets/org/data@x/{path}", 0))


def refused(read: HubBlob, start: int = 0, end: int = 100) -> GapReason:
    with pytest.raises(Unreadable) as error:
        read.read(start, end)
    assert "127.0.0.1" not in error.value.message and token() not in error.value.message
    return error.value.reason


def test_a_range_is_read_at_its_commit(hub: Hub) -> None:
    read = blob(hub)
    hub.repositories["dataset", "org/data"].commit({"a.txt": b"changed since then"})
    assert read.read(80_000, 80_008) == b"0010000\n"
    assert read.read(len(TEXT) - 8, len(TEXT) + 8) == b"0049999\n"
    assert len(hub.record.asked("GET /datasets/org/data/resolve/")) == 2


@pytest.mark.parametrize("path", ["a b/ö#?%.txt", "a\nb.txt", "%2e%2e/x.txt", "a\\b"])
def test_any_name_is_asked_for_as_it_is(hub: Hub, path: str) -> None:
    assert blob(hub, path=path).read(0, 8) == b"0000000\n"


def test_what_breaks_off_is_taken_up_where_it_did(hub: Hub, pauses: list[float]) -> None:
    read = blob(hub)
    hub.faults = [Fault("resolve", times=3, cut=50_000)]
    assert read.read(0, 300_000) == TEXT[:300_000]
    ranges = [each.headers["range"] for each in hub.record.asked("resolve")]
    assert ranges == [f"bytes={start}-299999" for start in (0, 50_000, 100_000, 150_000)]
    assert pauses == [0.0] * 3


def test_a_busy_server_is_asked_again_when_it_says(hub: Hub, pauses: list[float]) -> None:
    read = blob(hub)
    hub.faults = [
        Fault("resolve", times=1, status=429, headers={"Retry-After": "7"}),
        Fault("resolve", times=1, status=429, headers={"RateLimit": '"resolvers";r=0;t=9'}),
        Fault("resolve", times=2, status=503),
    ]
    assert read.read(0, 8) == b"0000000\n"
    assert pauses[:2] == [7.0, 9.0] and 1.5 < pauses[2] < 2.5 and 3.0 < pauses[3] < 5.0


@pytest.mark.parametrize("status", [429, 500, 502])
def test_patience_ends(hub: Hub, pauses: list[float], status: int) -> None:
    read = blob(hub)
    hub.faults = [Fault("resolve", status=status)]
    assert refused(read) is GapReason.UNREADABLE
    assert len(pauses) == transport.TRIES - 1


def test_a_hub_that_is_down_is_not_asked_for_ever(hub: Hub, pauses: list[float]) -> None:
    read = blob(hub)
    fault = Fault("resolve", status=503)
    hub.faults = [fault]
    for _ in range(transport.PATIENCE + 10):
        refused(read)
    assert len(hub.record.asked("resolve")) == transport.PATIENCE * transport.TRIES + 10
    fault.times = 0
    assert read.read(0, 8) == b"0000000\n"
    hub.faults = [Fault("resolve", times=1, status=503)]
    assert read.read(200_000, 200_008) == TEXT[200_000:200_008]  # once it is back, so is patience


def test_nobody_is_waited_for_as_long_as_they_like(hub: Hub, pauses: list[float]) -> None:
    read = blob(hub)
    hub.faults = [Fault("resolve", status=429, headers={"Retry-After": "86400"})]
    assert refused(read) is GapReason.UNREADABLE
    assert pauses == []


def test_a_server_without_ranges_gives_no_more_than_was_asked_for(hub: Hub) -> None:
    size = 10**10
    read = blob(hub, b"")
    repository = hub.repositories["dataset", "org/data"]
    sha = repository.commit({"big.bin": Entry(Sparse(size, {0: b"begin", 1000: b"here"}), lfs=True)}).id
    read = HubBlob(HubFile(hub.url, "dataset", "org/data", sha, "big.bin", size, "hf://datasets/org/data@x/big.bin", 0))
    hub.faults = [Fault("resolve", whole=True)]
    assert read.read(0, 5) == b"begin"
    assert read.read(1_000_000, 1_000_004) == bytes(4)
    assert hub.record.bytes_sent < 4_000_000
    assert refused(read, size - 10, size) is GapReason.UNREADABLE  # ten gigabytes would have to go by


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("resolve", size=10), GapReason.MALFORMED),
        (Fault("resolve", size=10**15), GapReason.MALFORMED),
        (Fault("resolve", status=206, body=b"x" * 100, headers={"Content-Range": "bytes 5-104/400000"}), GapReason.UNREADABLE),
        (Fault("resolve", status=206, body=b"x" * 100), GapReason.UNREADABLE),
        (Fault("resolve", status=206, body=b"x" * 100, headers={"Content-Range": "bytes 0-99/7"}), GapReason.MALFORMED),
        (Fault("resolve", status=206, headers={"Content-Range": f"bytes {'9' * 5000}-1/{'9' * 5000}"}), GapReason.UNREADABLE),
        (Fault("resolve", status=206, headers={"Content-Range": f"bytes 0-1/{'9' * 19}"}), GapReason.MALFORMED),
        (Fault("resolve", status=429, headers={"Retry-After": "9" * 5000}), GapReason.UNREADABLE),
        (Fault("resolve", status=204), GapReason.UNREADABLE),
        (Fault("resolve", status=416), GapReason.MALFORMED),
        (Fault("resolve", status=404), GapReason.VANISHED),
        (Fault("resolve", status=403, headers={"X-Error-Code": "GatedRepo"}), GapReason.UNREADABLE),
        (Fault("resolve", status=200, body=b"x", headers={"Content-Encoding": "gzip"}), GapReason.UNREADABLE),
        (Fault("resolve", status=302, headers={"Location": "file:///etc/passwd"}), GapReason.UNREADABLE),
        (Fault("resolve", status=302, headers={"Location": "http://user:word@127.0.0.1/"}), GapReason.UNREADABLE),
        (Fault("resolve", status=302, headers={"Location": "http://[bad"}), GapReason.UNREADABLE),
        (Fault(".*", status=302, headers={"Location": "/datasets/org/data/resolve/a"}), GapReason.UNREADABLE),
    ],
)  # fmt: skip
def test_a_lying_server_is_a_gap(hub: Hub, fault: Fault, reason: GapReason) -> None:
    read = blob(hub)
    hub.faults = [fault]
    assert refused(read) is reason


def test_an_endless_body_ends(hub: Hub) -> None:
    read = blob(hub)
    hub.faults = [Fault("resolve", endless=True, whole=True)]
    assert read.read(0, 16) == TEXT[:16]
    assert hub.record.bytes_sent < 4_000_000


def test_a_slow_server_is_not_waited_for(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(transport, "SLOW_BYTES", 10**9)
    read = blob(hub)
    hub.faults = [Fault("resolve", pace=0.05)]
    assert refused(read) is GapReason.TIMED_OUT


def test_a_silent_server_is_not_waited_for(hub: Hub, monkeypatch: pytest.MonkeyPatch, pauses: list[float]) -> None:
    monkeypatch.setattr(transport, "QUIET_SECONDS", 0.1)
    read = blob(hub)
    hub.faults = [Fault("resolve", delay=1)]
    assert refused(read) is GapReason.UNREADABLE
    assert len(pauses) == transport.TRIES - 1


def test_no_server_at_all_is_a_gap(hub: Hub, pauses: list[float]) -> None:
    read = blob(hub)
    hub.shutdown()
    hub.server_close()
    assert refused(read) is GapReason.UNREADABLE


def test_a_size_that_no_file_has_is_a_gap(hub: Hub) -> None:
    with pytest.raises(Unreadable, match="which no file has"):
        _ = blob(hub, size=10**15).size


def test_a_store_is_asked_directly_and_never_with_the_token(hub: Hub) -> None:
    with serving(host="localhost") as store:
        hub.store = store
        read = blob(hub, lfs=True)
        assert read.read(0, 8) == b"0000000\n"
        assert read.read(300_000, 300_008) == TEXT[300_000:300_008]
        assert len(hub.record.asked("resolve")) == 1 and len(store.record.requests) == 2
        assert hub.record.asked("resolve")[0].headers["authorization"] == f"Bearer {token()}"
        assert store.record.holding(token().encode()) == []
        store.faults = [Fault("objects", times=1, status=403)]  # the signed address has ended
        assert read.read(200_000, 200_008) == TEXT[200_000:200_008]
        assert len(hub.record.asked("resolve")) == 2


def test_a_redirect_of_the_public_hub_into_this_network_is_refused() -> None:
    there = transport.Transport("https://huggingface.co")
    for location in ("https://169.254.169.254/latest", "https://localhost/x", "https://10.0.0.1/", "http://cdn.test/x"):
        with pytest.raises(transport.Failure):
            there._followed("https://huggingface.co/a/b/resolve/main/c", location)
    cdn = "https://cas-bridge.xethub.test/xet?X-Amz-Signature=1"
    assert there._followed("https://huggingface.co/a/b/resolve/main/c", cdn) == cdn


def test_only_what_the_file_is_goes_to_another_process(hub: Hub) -> None:
    read = blob(hub)
    read.read(0, 8)
    sent = pickle.dumps(read)
    assert token().encode() not in sent and len(sent) < 1000
    assert pickle.loads(sent).read(8, 16) == b"0000001\n"


def test_who_may_not_read_is_told_why(hub: Hub) -> None:
    read = blob(hub)
    hub.people = {token(): Person("guest")}
    hub.repositories["dataset", "org/data"].gated = "manual"
    with pytest.raises(Unreadable, match="gated"):
        read.read(0, 8)
    client.client_of.cache_clear()
