"""`modelguard scan-hub` as a user runs it: reports, rights, faults, hostile servers, proxies, the cache, and no token anywhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.tools.hub import Entry, Fault, Hub, Person, Sparse, serving
from tests.tools.hub.client import run, token
from tests.tools.hub.scanning import HubTool, bare

HF = "hf-user-token"
FOUND = expand("hf_<alnum:34>", 7)
PASSWORD = f'db_password = "{expand("<alnum:16>", 3)}"\n'
LINE = f'login("{FOUND}")\n'.encode()


@pytest.fixture(autouse=True)
def model(hub: Hub) -> None:
    hub.add("model", "org/model", {"train.py": b"# first\n" + LINE, "README.md": b"# hello\n"})


def test_a_report_names_the_file_at_its_commit(hub: Hub, hub_tool: HubTool) -> None:
    sha = hub.repositories["model", "org/model"].refs["refs/heads/main"].id
    path = f"hf://models/org/model@{sha[:12]}/train.py"
    terminal = hub_tool("org/model")
    assert terminal.returncode == 1 and f"{path}:2:8" in "".join(terminal.stdout.split())
    for name in ("json", "jsonl", "sarif", "markdown", "csv", "junit", "gitlab", "github"):
        ran = hub_tool("org/model", "--format", name)
        assert ran.returncode == 1 and FOUND not in ran.stdout + ran.stderr, name
        if name == "sarif":
            result = json.loads(ran.stdout)["runs"][0]["results"][0]
            assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path
        if name == "json":
            assert json.loads(ran.stdout)["targets"] == ["hf://models/org/model"]


def test_a_clean_repository_is_quiet(hub: Hub, hub_tool: HubTool) -> None:
    hub.add("dataset", "org/data", {"a.txt": b"nothing\n"})
    ran = hub_tool("datasets/org/data", "--quiet")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert hub_tool("org/data", "--repo-type", "dataset").returncode == 0


def test_what_a_baseline_accepts_is_the_same_at_the_next_commit(hub: Hub, hub_tool: HubTool) -> None:
    repository = hub.repositories["model", "org/model"]
    repository.commit({"train.py": PASSWORD.encode()})
    first = hub_tool.scan("org/model").result["findings"]
    repository.commit({"other.txt": b"x"})
    second = hub_tool.scan("org/model").result["findings"]
    assert [each["fingerprint"] for each in first] == [each["fingerprint"] for each in second] and len(first) == 1
    assert first[0]["path"] != second[0]["path"] and bare(first[0]["path"]) == bare(second[0]["path"])


def test_everything_of_an_owner(hub: Hub, hub_tool: HubTool) -> None:
    hub.add("dataset", "org/data", {"a.txt": LINE})
    hub.add("space", "org/app", {"a.txt": b"x"}).variables = {"KEY": {"value": FOUND}}
    told = hub_tool.scan("org", "--all")
    assert told.places == [
        (HF, "hf://datasets/org/data/a.txt"),
        (HF, "hf://models/org/model/train.py"),
        (HF, "hf://spaces/org/app/settings"),
    ]
    assert told.stderr.startswith("org: 3 repositories\nhf://models/org/model: 2 files, ")
    assert hub_tool.scan("org", "--all", "--repo-type", "space").places == [(HF, "hf://spaces/org/app/settings")]


def test_what_pull_requests_discussions_and_commits_hold(hub: Hub, hub_tool: HubTool) -> None:
    repository = hub.add("model", "org/other", {"a.txt": b"x"}, card={"note": f"with {FOUND}"})
    repository.commit({}, f"use {FOUND}")
    proposed = repository.discuss("A change", f"I have {FOUND}", pull_request=True)
    repository.commit({"b.txt": LINE}, ref=f"refs/pr/{proposed.num}")
    told = hub_tool.scan("org/other", "--all-revisions", "--discussions")
    main = repository.refs["refs/heads/main"].id[:12]
    texts = ["hf://models/org/other", f"hf://models/org/other/commit/{main}", "hf://models/org/other/discussions/1"]
    assert sorted(told.places) == [(HF, each) for each in sorted(["hf://models/org/other/b.txt", *texts])]
    assert hub_tool.scan("org/other", "--discussions").places == [(HF, each) for each in texts]
    repository.commit({"README.md": b"---\nnote: with " + FOUND.encode() + b"\n---\n"})  # which the metadata is made of
    assert hub_tool.scan("org/other").places == [(HF, texts[1]), (HF, "hf://models/org/other/README.md")]


def test_numbers_are_read_when_asked_for(hub: Hub, hub_tool: HubTool) -> None:
    import struct

    header = json.dumps({"w": {"dtype": "F32", "shape": [5_000_000], "data_offsets": [0, 20_000_000]}}).encode()
    head = struct.pack("<Q", len(header)) + header
    weights = Sparse(len(head) + 20_000_000, {0: head, 15_000_000: LINE})
    hub.add("model", "org/weights", {"model.safetensors": Entry(weights, lfs=True)})
    assert hub_tool.scan("org/weights").places == []
    hub.record.clear()
    assert hub_tool.scan("org/weights", "--weights").places == [(HF, "hf://models/org/weights/model.safetensors")]
    assert hub.record.bytes_sent > 20_000_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("org/none",), "has no such model, or does not let you see it"),
        (("org/model", "--revision", "none"), "it has no revision none"),
        (("org/model", "--repo-type", "dataset"), "has no such dataset"),
        (("org/model", "--revision", "a", "--all-revisions"), "at once"),
        (("org", "--all", "--revision", "a"), "at once"),
        (("org/",), "Scan all of its repositories with --all"),
        (("org/model/", "--since", "tomorrow"), "not a date"),
        (("https://huggingface.test/org/model",), "another Hub"),
        ((), "Missing argument"),
    ],
)
def test_what_cannot_be_asked_is_said(hub_tool: HubTool, arguments: tuple[str, ...], said: str) -> None:
    ran = hub_tool(*arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr and "Traceback" not in ran.stderr


def test_rights_are_those_of_the_token(hub: Hub, hub_tool: HubTool) -> None:
    hub.people = {token(1): Person("owner", ("org",)), token(2): Person("guest")}
    hub.repositories["model", "org/model"].private = True
    for key, status in ((token(1), 1), (token(2), 2), ("", 2), (token(3), 2)):
        ran = replace(hub_tool, key=key)("org/model")
        assert ran.returncode == status, ran.stderr
        assert not key or key not in ran.stdout + ran.stderr
    assert "hf auth login" in ran.stderr


def test_a_gated_repository_is_scanned_by_those_it_lets_in(hub: Hub, hub_tool: HubTool) -> None:
    hub.people = {token(1): Person("guest", admitted=("org/model",)), token(2): Person("other")}
    hub.repositories["model", "org/model"].gated = "auto"
    assert replace(hub_tool, key=token(1))("org/model").returncode == 1
    ran = replace(hub_tool, key=token(2))("org/model")
    assert ran.returncode == 2 and "gated" in ran.stderr


def test_a_bad_day_of_the_hub_is_waited_out(hub: Hub, hub_tool: HubTool) -> None:
    hub.faults = [
        Fault("/api/models/org/model$", times=1, status=429, headers={"Retry-After": "1"}),
        Fault("/tree/", times=1, status=502),
        Fault("train.py", times=1, cut=20),
        Fault("README.md", times=1, status=503),
    ]
    told = hub_tool.scan("org/model")
    assert told.places == [(HF, "hf://models/org/model/train.py")] and told.gaps == []


def test_one_file_that_cannot_be_read_hides_nothing(hub: Hub, hub_tool: HubTool) -> None:
    hub.faults = [Fault("README.md", status=400)]
    told = hub_tool.scan("org/model")
    assert told.status == 1 and told.places == [(HF, "hf://models/org/model/train.py")]
    assert told.gaps == [("hf://models/org/model/README.md", "unreadable")]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("README.md", size=10**15), "malformed"),
        (Fault("README.md", status=302, headers={"Location": "ftp://elsewhere.test/"}), "unreadable"),
        (Fault("README.md", status=200, body=b"x" * 10_000_000), "malformed"),
        (Fault("README.md", status=200, endless=True), None),
    ],
)
def test_a_hostile_server_ends_as_a_gap(hub: Hub, hub_tool: HubTool, fault: Fault, reason: str | None) -> None:
    hub.faults = [fault]
    told = hub_tool.scan("org/model")
    assert told.places == [(HF, "hf://models/org/model/train.py")]
    assert told.gaps == ([("hf://models/org/model/README.md", reason)] if reason else [])
    assert hub.record.bytes_sent < 10_000_000


def test_sizes_and_names_that_are_made_up(hub: Hub, hub_tool: HubTool) -> None:
    listed = [
        {"type": "file", "path": "large", "size": 10**15, "oid": "1" * 40},
        {"type": "file", "path": "larger", "size": 10**30, "oid": "2" * 40},
        {"type": "file", "path": "../outside", "size": 10, "oid": "3" * 40},
        {"type": "file", "path": "acts\x1b[31m\u202e\n::error::", "size": 10, "oid": "4" * 40},
    ]
    hub.faults = [Fault("/tree/", status=200, body=json.dumps(listed).encode())]
    told = hub_tool.scan("org/model")
    assert told.status == 2
    assert [reason for _, reason in told.gaps] == ["malformed", "vanished", "malformed", "malformed"]
    ran = hub_tool("org/model", "--verbose")
    assert not set("\x1b\u202e") & set(ran.stdout + ran.stderr) and "\n::error" not in ran.stdout + ran.stderr


def test_the_token_goes_to_the_hub_alone_and_is_said_nowhere(hub: Hub, hub_tool: HubTool) -> None:
    with serving(host="localhost") as store:
        hub.store = store
        hub.repositories["model", "org/model"].commit({"a.bin": Entry(Sparse(100_000, {50: LINE}), lfs=True)})
        key = token()
        loud = {"HF_DEBUG": "1", "HF_HUB_VERBOSITY": "debug", "PYTHONWARNINGS": "default"}
        ran = hub_tool("org/model", "--verbose", "--output", f"json={hub_tool.program.home / 'told.json'}", env=loud)
        assert ran.returncode == 1 and "a.bin" in ran.stdout
        hub.faults = [Fault("resolve", status=500), Fault("objects", status=500)]
        store.faults = [Fault("objects", status=403)]
        assert store.record.requests and store.record.holding(key.encode()) == []
        hub.faults = [Fault("/api/", status=401, headers={"X-Error-Message": f"bad token {key}"}, body=key.encode())]
        failed = hub_tool("org/model", "--verbose", env=loud)
        assert failed.returncode == 2
        written = [path for path in hub_tool.program.home.rglob("*") if path.is_file()]
        for text in (
            ran.stdout,
            ran.stderr,
            failed.stdout,
            failed.stderr,
            *(path.read_text("latin-1") for path in written),
        ):
            assert key not in text and FOUND not in text


def test_a_password_in_the_endpoint_is_not_said(hub: Hub, hub_tool: HubTool) -> None:
    word = expand("<alnum:12>")
    address = hub.url.replace("http://", f"http://someone:{word}@")
    ran = hub_tool("org/none", env={"HF_ENDPOINT": address})
    assert ran.returncode == 2 and word not in ran.stdout + ran.stderr


def test_a_proxy_is_asked(hub: Hub, hub_tool: HubTool) -> None:
    through = {
        "HF_ENDPOINT": "http://hub.test",
        "HTTP_PROXY": hub.url,
        "http_proxy": hub.url,
        "NO_PROXY": "",
        "no_proxy": "",
    }
    ran = hub_tool("http://hub.test/org/model", env=through)
    assert ran.returncode == 1, ran.stderr
    assert all(each.target.startswith("http://hub.test/") for each in hub.record.requests)


def test_offline_the_cache_is_scanned(hub: Hub, hub_tool: HubTool, tmp_path: Path) -> None:
    home = hub_tool.program.home
    run(hub, home, "from huggingface_hub import snapshot_download\nsnapshot_download('org/model')")
    hub.record.clear()
    told = hub_tool.scan("org/model", env={"HF_HUB_OFFLINE": "1"})
    assert told.places == [(HF, "hf://models/org/model/train.py")] and told.gaps == []
    assert "2 files in the local cache" in told.stderr
    assert hub_tool.scan("org", "--all", env={"HF_HUB_OFFLINE": "1"}).places == told.places
    assert hub_tool.scan("org/model", "--all-revisions", env={"HF_HUB_OFFLINE": "1"}).places == told.places
    snapshot = next((home / "hf" / "hub").glob("models--org--model/snapshots/*"))
    (tmp_path / "outside.txt").write_bytes(LINE)
    (snapshot / "link.txt").symlink_to(tmp_path / "outside.txt")
    assert hub_tool.scan("org/model", env={"HF_HUB_OFFLINE": "1"}).gaps == [
        ("hf://models/org/model/link.txt", "not-a-regular-file")
    ]
    for asked in ("org/none", "org/model@v1", "hf://datasets/org/model"):
        ran = hub_tool(asked, env={"HF_HUB_OFFLINE": "1"})
        assert ran.returncode == 2 and "the local cache does not hold" in ran.stderr
    assert hub.record.requests == []
