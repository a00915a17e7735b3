"""`modelguard upload` against the stand-in: what is sent is what was scanned, or nothing is."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.tools.hub import Fault, Hub, Person
from tests.tools.hub.client import token
from tests.tools.hub.commands import Commands

XET = [pytest.param(True, id="xet"), pytest.param(False, id="lfs")]
MAIN = "refs/heads/main"


@pytest.fixture(params=XET)
def run(request: pytest.FixtureRequest, hub: Hub, tmp_path: Path, shared_cache: Path) -> Commands:
    made = Commands.beside(hub, tmp_path, shared_cache, request.param)
    (tmp_path / "model" / "sub").mkdir(parents=True)
    (tmp_path / "model" / "config.json").write_text('{"a": 1}')
    (tmp_path / "model" / "README.md").write_bytes(b"---\nlicense: mit\n---\r\n# A model\n")
    (tmp_path / "model" / "sub" / "weights.bin").write_bytes(b"the beginning of the weights" + bytes(range(256)) * 9000)
    (tmp_path / "model" / "sub" / "empty.txt").write_bytes(b"")
    return made


@pytest.fixture
def secret() -> str:
    return expand("hf_<alnum:34>", 77)


def held(hub: Hub, name: str = "org/model", kind: str = "model", ref: str = MAIN) -> dict[str, bytes]:
    """What the files of a repository hold."""
    files = hub.repositories[kind, name].refs[ref].files
    return {path: entry.content.read(0, entry.content.size) for path, entry in files.items()}


def on_disk(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_scanned_is_sent_into_a_private_repository_and_a_receipt_says_so(run: Commands) -> None:
    done = run("upload", "org/model", "model", "--receipt", "receipt.json")
    assert done.returncode == 0, done.stderr
    files = on_disk(run.home / "model")
    assert held(run.hub) == files
    repository = run.hub.repositories["model", "org/model"]
    assert repository.private
    told = json.loads((run.home / "receipt.json").read_text())
    assert {each["path"]: (each["size"], each["sha256"]) for each in told["files"]} == {
        path: (len(data), hashlib.sha256(data).hexdigest()) for path, data in files.items()
    }
    assert told["commit"] == repository.refs[MAIN].id and told["commit"] in done.stderr
    assert bool(run.hub.record.asked("POST /cas/v1/xorbs")) == run.xet
    assert bool(run.hub.record.asked("PUT /_lfs/")) != run.xet


def test_where_there_is_a_leak_the_hub_hears_nothing(run: Commands, secret: str) -> None:
    (run.home / "model" / "train.py").write_text(f'login("{secret}")\n')
    done = run("upload", "org/model", "model", "--receipt", "receipt.json", "--verbose")
    assert done.returncode == 1
    assert "model/train.py:1:8" in done.stdout and secret not in done.stdout + done.stderr
    assert run.hub.record.requests == [] and run.hub.repositories == {}
    assert not (run.home / "receipt.json").exists()


def test_a_leak_in_what_the_commit_says_is_one_too(run: Commands, secret: str) -> None:
    done = run("upload", "org/model", "model", "--commit-message", f"with {secret}")
    assert done.returncode == 1 and "commit message:1:6" in done.stdout
    assert run.hub.record.requests == []


def test_a_gap_stops_it_unless_it_is_allowed(run: Commands) -> None:
    (run.home / "model" / "broken.gz").write_bytes(gzip.compress(os.urandom(4000))[:-2000])
    done = run("upload", "org/model", "model")
    assert done.returncode == 2 and "broken.gz" in done.stdout
    assert run.hub.record.requests == []
    assert run("upload", "org/model", "model", "--allow-gaps").returncode == 0
    assert held(run.hub) == on_disk(run.home / "model")


def test_a_file_that_cannot_be_read_is_a_gap(run: Commands) -> None:
    path = run.home / "model" / "unreadable.txt"
    path.write_text("?")
    path.chmod(0)
    if os.access(path, os.R_OK):
        path.unlink()
        os.mkfifo(path)  # root may read all, and a client passes over what is no file
        assert run("upload", "org/model", "model", "-q").returncode == 0
        assert "unreadable.txt" not in held(run.hub)
        return
    done = run("upload", "org/model", "model")
    assert done.returncode == 2 and "permission denied" in done.stdout
    assert run.hub.record.requests == []


def test_settings_and_a_baseline_are_those_of_the_project(run: Commands, secret: str) -> None:
    (run.home / "model" / "notes.txt").write_text(f"{secret}\n")
    assert run("baseline", "create", "model").returncode == 0
    assert run("upload", "org/model", "model", "--baseline", ".modelguard-baseline.json").returncode == 0
    (run.home / ".modelguard.yaml").write_text("fail_on: never\n")
    assert run("upload", "org/other", "model").returncode == 0
    assert held(run.hub, "org/other")["notes.txt"] == f"{secret}\n".encode()


def test_options_of_hf_upload(run: Commands) -> None:
    def sent(*arguments: str) -> None:
        done = run("upload", *arguments, "-q")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    sent("org/model", "model/config.json", "deep/settings.json", "--public")
    assert list(held(run.hub)) == ["deep/settings.json"]
    assert not run.hub.repositories["model", "org/model"].private
    sent("org/model", "model", "--include", "*.json", "--exclude", "sub/*", "--delete", "deep/*")
    assert list(held(run.hub)) == ["config.json"]
    sent("org/model", "model", "all", "--revision", "dev", "--commit-message", "T", "--commit-description", "D")
    assert set(held(run.hub, ref="refs/heads/dev")) == {
        "config.json",
        *(f"all/{path}" for path in on_disk(run.home / "model")),
    }
    assert (run.hub.repositories["model", "org/model"].refs["refs/heads/dev"].title,
            run.hub.repositories["model", "org/model"].refs["refs/heads/dev"].message) == ("T", "D")  # fmt: skip
    sent("org/model", "model/sub/*.bin", "--create-pr")
    assert "model/sub/weights.bin" in held(run.hub, ref="refs/pr/1")
    sent("hf://datasets/org/data", "model")
    assert held(run.hub, "org/data", "dataset") == on_disk(run.home / "model")
    sent("org/space", "model", "--repo-type", "space")
    assert run.hub.repositories["space", "org/space"].settings["sdk"] == "gradio"


def test_what_is_asked_wrongly_is_said_before_anything_is_asked(run: Commands) -> None:
    (run.home / "empty").mkdir()
    for arguments in (
        ("org/model", "nowhere"),
        ("org/model", "empty"),
        ("org/model", "model", "--include", "*.none"),
        ("not a name", "model"),
        ("org/model", "model", "a/../b"),
        ("org/model", "model/*.json", "there"),
        ("org/model", "model", "--create-pr", "--revision", "dev"),
    ):
        done = run("upload", *arguments)
        assert done.returncode == 2 and done.stderr.startswith("modelguard: "), arguments
    assert run.hub.record.requests == []


CHANGES = {
    "grown": 'with path.open("ab") as file: file.write(b"changed afterwards")',
    "cut short": "os.truncate(path, 10)",
    "written anew": 'path.write_bytes(b"changed afterwards".ljust(path.stat().st_size))',
    "another file": 'other.write_bytes(b"changed afterwards".ljust(path.stat().st_size)); os.replace(other, path)',
    "a link": 'other.write_bytes(b"changed afterwards"); path.unlink(); path.symlink_to(other)',
    "gone": "path.unlink()",
    "one more": '(path.parent / "more.txt").write_text("changed afterwards")',
}
UNSEEN = {  # whatever tells of a file, its size and its time, is as before
    "in its first block": "at = 100",
    "in a later block": "at = 1_500_000",
}

SWAPPED = """
    import os, sys
    from pathlib import Path
    from modelguard.errors import ModelguardError
    from modelguard.guards.hub.file_list import asked_for
    from modelguard.guards.hub.upload import Destination, Message, scan_files, send
    from modelguard.settings import load_settings
    from huggingface_hub import set_client_factory
    from huggingface_hub.utils._http import default_client_factory

    asked, settings, message = asked_for("model", None, (), ()), load_settings({{}}), Message()
    scanned = scan_files(asked, message, settings)
    assert scanned.result.exit_status == 0
    path, other = Path("model/{name}"), Path("other")

    def change(*_):
        {change}

    def changed_after_the_sample():
        client = default_client_factory()
        client.event_hooks = {{**client.event_hooks, "response": [lambda told: "preupload" in str(told.url) and change()]}}
        return client

    if {late}:
        set_client_factory(changed_after_the_sample)
    else:
        change()
    try:
        send(scanned, asked, Destination("org/model"), message, settings)
    except ModelguardError as error:
        print(type(error).__name__, error.message)
"""
QUIETLY = """state = path.stat()
        {at}
        data = bytearray(path.read_bytes())
        data[at:at + 18] = b"changed afterwards"
        with path.open("r+b") as file: file.write(data)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
"""


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_between_scan_and_upload_stops_it(run: Commands, change: str) -> None:
    said = run.python(SWAPPED.format(name="sub/weights.bin", change=CHANGES[change], late=False))
    assert said.startswith("GuardError "), said
    assert run.hub.record.asked("preupload|commit|_lfs|cas") == []
    assert run.hub.record.holding(b"changed afterwards") == []


@pytest.mark.parametrize("change", ["grown", "cut short", "written anew", "another file", "a link", "gone"])
def test_a_file_that_changes_while_it_is_uploaded_stops_it(run: Commands, change: str) -> None:
    said = run.python(SWAPPED.format(name="sub/weights.bin", change=CHANGES[change], late=True))
    assert said.startswith("GuardError ") and "sub/weights.bin: " in said
    assert run.hub.record.holding(b"changed afterwards") == []
    assert "sub/weights.bin" not in held(run.hub)


@pytest.mark.parametrize("late", [False, True], ids=["before", "while"])
@pytest.mark.parametrize("change", UNSEEN)
def test_a_change_that_only_bytes_tell_of_stops_it(run: Commands, change: str, late: bool) -> None:
    said = run.python(SWAPPED.format(name="sub/weights.bin", change=QUIETLY.format(at=UNSEEN[change]), late=late))
    assert said.startswith("GuardError model/sub/weights.bin"), said
    assert run.hub.record.holding(b"changed afterwards") == []
    assert "sub/weights.bin" not in held(run.hub)


@pytest.mark.parametrize("change", ["written anew", "another file"])
def test_a_small_file_that_changes_while_it_is_uploaded_stops_it(run: Commands, change: str) -> None:
    said = run.python(SWAPPED.format(name="config.json", change=CHANGES[change], late=True))
    assert said.startswith("GuardError model/config.json"), said
    assert run.hub.record.holding(b"changed afterwards") == [] and held(run.hub) == {}


def test_what_the_hub_refuses_is_said_in_our_words_and_without_a_token(run: Commands) -> None:
    mine = token(9)
    run.hub.people = {mine: Person("me"), token(): Person("tester", ("org",))}
    run = Commands(run.hub, run.home, run.xet, mine)
    refused = run("upload", "org/model", "model", "--verbose", HF_DEBUG="1")
    assert refused.returncode == 2 and "does not let this token do that" in refused.stderr
    unknown = Commands(run.hub, run.home, run.xet, token(10))("upload", "me/model", "model", HF_DEBUG="1")
    assert unknown.returncode == 2 and "refuses this token" in unknown.stderr
    run.hub.faults = [Fault("POST /api/models/me/model/commit", status=500, body=mine.encode())]
    broken = run("upload", "me/model", "model/config.json", HF_DEBUG="1")
    assert broken.returncode == 2 and "status 500" in broken.stderr
    away = run("upload", "me/model", "model", HF_ENDPOINT="http://127.0.0.1:9")
    assert away.returncode == 2 and "cannot be reached" in away.stderr
    none = run("upload", "me/model", "model", HF_TOKEN="", HF_HUB_OFFLINE="1")
    assert none.returncode == 2 and "offline" in none.stderr
    for done in (refused, unknown, broken, away, none):
        assert not any(value in done.stdout + done.stderr for value in (mine, token(10), token()))


def test_a_card_that_the_hub_refuses_is_named(run: Commands) -> None:
    said = b'{"errors": [{"message": "not shown"}], "warnings": []}'
    run.hub.faults = [
        Fault("POST /api/validate-yaml", status=400, headers={"Content-Type": "application/json"}, body=said)
    ]
    done = run("upload", "org/model", "model")
    assert done.returncode == 2 and "does not take README.md" in done.stderr and "not shown" not in done.stderr
    assert run.hub.record.asked("preupload|/commit/") == []


def test_no_token_is_in_a_receipt_or_a_report(run: Commands) -> None:
    mine = token(11)
    run = Commands(run.hub, run.home, run.xet, mine)
    done = run("upload", "org/model", "model", "--receipt", "receipt.json", "--output", "json=report.json", "-v")
    assert done.returncode == 0
    written = (run.home / "receipt.json").read_text() + (run.home / "report.json").read_text()
    assert mine not in written + done.stdout + done.stderr
    assert not any(mine in each.target or mine.encode() in each.body for each in run.hub.record.requests)
    assert {each.headers["authorization"] for each in run.hub.record.asked("POST /api/models/.*/commit")} == {
        f"Bearer {mine}"
    }
