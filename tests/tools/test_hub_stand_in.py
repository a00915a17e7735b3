"""The stand-in Hub satisfies the real client, with Xet and without, and writes down all that it gets."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.hub import Bytes, Entry, Fault, Hub, Person, Sparse, serving
from tests.tools.hub.client import run, token

XET = [pytest.param(True, id="xet"), pytest.param(False, id="lfs")]


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving(page=3) as hub:
        yield hub


@pytest.mark.parametrize("xet", XET)
def test_uploads_arrive_as_they_were_sent(hub: Hub, tmp_path: Path, xet: bool) -> None:
    told = run(
        hub,
        tmp_path,
        """
        import hashlib, json, os, struct
        from pathlib import Path
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, ModelCard
        api, repo = HfApi(), "org/model"
        api.create_repo(repo, private=True)
        api.upload_file(path_or_fileobj=b'{"a": 1}', path_in_repo="config.json", repo_id=repo)
        large = os.urandom(300_000) + bytes(200_000) + struct.pack("<20000f", *range(20000))
        api.upload_file(path_or_fileobj=large, path_in_repo="pytorch_model.bin", repo_id=repo)
        Path("folder/sub").mkdir(parents=True)
        Path("folder/sub/a.txt").write_text("hello")
        Path("folder/w.safetensors").write_bytes(large[::-1])
        api.upload_folder(folder_path="folder", repo_id=repo, path_in_repo="up")
        adding = [CommitOperationAdd("x.txt", b"x"), CommitOperationDelete("config.json")]
        asked = api.create_commit(repo, adding, commit_message="proposal", create_pr=True)
        ModelCard("---\\nlicense: mit\\n---\\n# x").push_to_hub(repo)
        print(json.dumps([hashlib.sha256(large).hexdigest(), asked.pr_revision, asked.pr_url]))
        """,
        xet=xet,
    )
    sha256, revision, url = json.loads(told)
    repository = hub.repositories["model", "org/model"]
    files = repository.refs["refs/heads/main"].files
    assert repository.private
    assert sorted(files) == ["README.md", "config.json", "pytorch_model.bin", "up/sub/a.txt", "up/w.safetensors"]
    assert files["config.json"].content.read(0, 99) == b'{"a": 1}'
    assert hashlib.sha256(files["pytorch_model.bin"].content.read(0, 10**6)).hexdigest() == sha256
    assert files["up/w.safetensors"].content.read(0, 10**6)[::-1] == files["pytorch_model.bin"].content.read(0, 10**6)
    assert (revision, url) == ("refs/pr/1", f"{hub.url}/org/model/discussions/1")
    assert "x.txt" in repository.refs["refs/pr/1"].files and "config.json" not in repository.refs["refs/pr/1"].files
    assert bool(hub.record.asked("POST /cas/v1/xorbs")) == xet
    assert bool(hub.record.asked("PUT /_lfs/")) != xet


@pytest.mark.parametrize("xet", XET)
def test_what_left_a_client_is_found_in_the_record(hub: Hub, tmp_path: Path, xet: bool) -> None:
    sample, stored, absent = b"planted-in-the-sample", b"planted-in-the-content", b"never-sent"
    run(
        hub,
        tmp_path,
        f"""
        import os
        from huggingface_hub import HfApi
        HfApi().create_repo("org/model")
        content = {sample!r} + os.urandom(100_000) + {stored!r} + bytes(100_000)
        HfApi().upload_file(path_or_fileobj=content, path_in_repo="a.bin", repo_id="org/model")
        """,
        xet=xet,
    )
    assert hub.record.holding(sample)[0].path.endswith("/preupload/main")
    assert [each for each in hub.record.holding(stored) if ("/xorbs/" if xet else "/_lfs/") in each.path]
    assert hub.record.holding(absent) == []


def test_everything_that_is_read_is_what_the_repository_holds(hub: Hub, tmp_path: Path) -> None:
    weights = Sparse(10**9, {8: b"first", 999_999_000: b"last"})
    repository = hub.add("dataset", "org/data", {f"part/{number}.txt": b"text" for number in range(7)})
    repository.commit({"weights.bin": Entry(weights, lfs=True)}, "weights", date="2024-01-02T03:04:05.000Z")
    repository.refs["refs/tags/v1"] = repository.refs["refs/heads/main"]
    talk = repository.discuss("A question", "What is it?")
    talk.say("It is data", before=("It was data",))
    repository.discuss("A change", "Please", pull_request=True)
    told = run(
        hub,
        tmp_path,
        """
        import json
        from huggingface_hub import HfApi, HfFileSystem
        api, at = HfApi(), {"repo_id": "org/data", "repo_type": "dataset"}
        refs = api.list_repo_refs(**at, include_pull_requests=True)
        with HfFileSystem().open("datasets/org/data/weights.bin", "rb", block_size=4096, cache_type="none") as file:
            file.seek(999_999_000)
            last = file.read(4).decode()
        print(json.dumps({
            "files": [each.path for each in api.list_repo_tree(**at, recursive=True, expand=True)],
            "info": [each.path for each in api.get_paths_info("org/data", ["weights.bin", "no", "part"], repo_type="dataset")],
            "commits": [[each.title, each.created_at.year] for each in api.list_repo_commits(**at)],
            "refs": [each.ref for each in refs.branches + refs.tags + refs.pull_requests],
            "lfs": [each.size for each in api.list_lfs_files(**at)],
            "sizes": [each.size for each in api.repo_info(**at, files_metadata=True).siblings],
            "talks": [[each.title, each.is_pull_request] for each in api.get_repo_discussions(**at)],
            "said": [each.content for each in api.get_discussion_details("org/data", 1, repo_type="dataset").events],
            "last": last,
        }))
        """,
    )
    files = [*(f"part/{number}.txt" for number in range(7)), "weights.bin"]
    assert json.loads(told) == {
        "files": ["part", *files],
        "info": ["weights.bin", "part"],
        "commits": [
            ["weights", 2024],
            ["files", json.loads(told)["commits"][1][1]],
            ["initial commit", json.loads(told)["commits"][2][1]],
        ],
        "refs": ["refs/heads/main", "refs/tags/v1", "refs/pr/2"],
        "lfs": [10**9],
        "sizes": [4] * 7 + [10**9],
        "talks": [["A question", False], ["A change", True]],
        "said": ["What is it?", "It is data"],
        "last": "last",
    }
    assert hub.record.bytes_sent < 100_000


def test_a_store_gives_large_files_and_gets_no_token(hub: Hub, tmp_path: Path) -> None:
    with serving(host="localhost") as store:
        hub.store = store
        hub.add("model", "org/model", {"a.bin": Entry(Bytes(b"stored" * 1000), lfs=True)})
        source = """
        from huggingface_hub import hf_hub_download
        print(len(open(hf_hub_download("org/model", "a.bin"), "rb").read()))
        """
        assert run(hub, tmp_path, source) == "6000\n"
        assert [each.method for each in store.record.requests] == ["GET"]
        assert not any("authorization" in each.headers for each in store.record.requests)


def test_private_and_gated_repositories_are_for_those_they_let_in(hub: Hub, tmp_path: Path) -> None:
    hub.people = {
        token(1): Person("owner", ("org",)),
        token(2): Person("guest", admitted=("org/gated",)),
        token(3): Person("other"),
    }
    hub.add("model", "org/private", {"a.txt": b"a"}, private=True)
    hub.add("model", "org/gated", {"a.txt": b"a"}, gated="manual")
    source = """
    from huggingface_hub import HfApi, hf_hub_download, update_repo_settings
    def attempt(what, *given, **named):
        try:
            what(*given, **named)
            return "yes"
        except Exception as error:
            return type(error).__name__
    for name in ("private", "gated"):
        print(attempt(HfApi().repo_info, f"org/{name}"), end=" ")
        print(attempt(hf_hub_download, f"org/{name}", "a.txt"), attempt(update_repo_settings, f"org/{name}", visibility="private"))
    print([each.id for each in HfApi().list_models(author="org")])
    """
    missing, gated, refused = "RepositoryNotFoundError", "GatedRepoError", "HfHubHTTPError"
    public = "['org/gated']\n"
    told = {who: run(hub, tmp_path / str(who), source, key=token(who) if who else "") for who in (0, 2, 3, 1)}
    assert told[0] == f"{missing} {missing} {missing}\nyes {gated} {refused}\n" + public
    assert told[2] == f"{missing} {missing} {missing}\nyes yes {refused}\n" + public
    assert told[3] == f"{missing} {missing} {missing}\nyes {gated} {refused}\n" + public
    assert told[1] == "yes yes yes\nyes yes yes\n['org/gated', 'org/private']\n"


def test_a_space_tells_its_variables_to_its_owner(hub: Hub, tmp_path: Path) -> None:
    source = """
    from huggingface_hub import HfApi
    HfApi().create_repo("org/app", repo_type="space", space_sdk="gradio", space_variables=[{"key": "MODEL", "value": "a/b"}])
    print({name: each.value for name, each in HfApi().get_space_variables("org/app").items()})
    HfApi().delete_repo("org/app", repo_type="space")
    """
    assert run(hub, tmp_path, source) == "{'MODEL': 'a/b'}\n"
    assert hub.repositories == {}


def _get(hub: Hub, target: str, **headers: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(urllib.request.Request(hub.url + target, headers=headers), timeout=10) as answer:
        return answer.status, answer.read(1_000_000)


def test_ranges_are_answered_as_a_server_may(hub: Hub) -> None:
    hub.add("model", "org/model", {"a.txt": b"0123456789"})
    there = "/org/model/resolve/main/a.txt"
    assert _get(hub, there, Range="bytes=2-4") == (206, b"234")
    assert _get(hub, there, Range="bytes=-3") == (206, b"789")
    assert _get(hub, there, Range="bytes=8-100") == (206, b"89")
    with pytest.raises(urllib.error.HTTPError, match="416"):
        _get(hub, there, Range="bytes=10-11")
    hub.faults = [Fault("resolve", whole=True)]
    assert _get(hub, there, Range="bytes=2-4") == (200, b"0123456789")


def test_faults_come_as_often_as_they_should(hub: Hub) -> None:
    hub.add("model", "org/model", {"a.txt": b"0123456789" * 1000})
    there = "/org/model/resolve/main/a.txt"
    hub.faults = [
        Fault("resolve", times=1, status=429, headers={"Retry-After": "1"}),
        Fault("resolve", times=1, cut=10),
    ]
    with pytest.raises(urllib.error.HTTPError, match="429"):
        _get(hub, there)
    assert _get(hub, there) == (200, b"0123456789")  # what came until the connection ended
    assert _get(hub, there)[0] == 200
    hub.faults = [Fault("resolve", endless=True)]
    assert len(_get(hub, there)[1]) == 1_000_000
