"""`modelguard publish`, and the guard where a program makes a repository public: beside the stand-in."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.tools.hub import Bytes, Entry, Fault, Hub, Person, Repository
from tests.tools.hub.client import token
from tests.tools.hub.commands import Commands

GUARDED = """
    import huggingface_hub
    import modelguard.hub
    with modelguard.hub.guard():
        try:
            {call}
            print("sent")
        except Exception as error:
            print(type(error).__name__, error)
"""


@pytest.fixture
def run(hub: Hub, tmp_path: Path, shared_cache: Path) -> Commands:
    return Commands.beside(hub, tmp_path, shared_cache)


@pytest.fixture
def clean(hub: Hub) -> Repository:
    return hub.add("model", "org/model", {"config.json": b"{}", "w.bin": bytes(range(256)) * 400}, private=True)


@pytest.fixture
def leaky(hub: Hub) -> Repository:
    """Its newest commit is clean; the one before it is not."""
    made = hub.add(
        "dataset", "org/data", {"a.txt": expand("x <hf>\n".replace("<hf>", "hf_<alnum:34>"), 79).encode()}, private=True
    )
    made.commit({"a.txt": b"clean\n"}, "taken out")
    return made


def puts(hub: Hub) -> list[str]:
    return [each.line for each in hub.record.asked("^(PUT|POST)")]


def test_what_is_clean_becomes_public(run: Commands, clean: Repository) -> None:
    done = run("publish", "org/model")
    assert done.returncode == 0 and "public: hf://models/org/model" in done.stderr
    assert not clean.private and puts(run.hub) == ["PUT /api/models/org/model/settings"]


def test_a_leak_in_an_old_commit_keeps_it_private(run: Commands, leaky: Repository) -> None:
    done = run("publish", "hf://datasets/org/data")
    assert done.returncode == 1 and "hf-user-token" in done.stdout
    assert leaky.private and puts(run.hub) == []


def test_a_gap_keeps_it_private(run: Commands, clean: Repository) -> None:
    run.hub.faults = [Fault("/resolve/.*/config.json", status=403)]
    done = run("publish", "org/model")
    assert done.returncode == 2 and clean.private and puts(run.hub) == []


def test_a_commit_while_it_is_scanned_stops_it(run: Commands, clean: Repository) -> None:
    run.hub.faults = [Fault("/resolve/.*/w.bin", delay=1.5)]
    adding = threading.Thread(target=_commit_when, args=(run.hub, clean, "/resolve/"))
    adding.start()
    done = run("publish", "org/model")
    adding.join()
    assert done.returncode == 2 and "has got another commit since it was scanned" in done.stderr
    assert clean.private and puts(run.hub) == []


def test_a_commit_that_comes_with_the_change_makes_it_private_again(run: Commands, clean: Repository) -> None:
    run.hub.faults = [Fault("PUT .*/settings", times=1, delay=1.5)]
    adding = threading.Thread(target=_commit_when, args=(run.hub, clean, "/settings"))
    adding.start()
    done = run("publish", "org/model")
    adding.join()
    assert done.returncode == 2 and "it is private again" in done.stderr
    assert clean.private and len(puts(run.hub)) == 2


def _commit_when(hub: Hub, repository: Repository, pattern: str) -> None:
    """A commit of somebody else, as soon as a request like this came."""
    while not hub.record.asked(pattern):
        time.sleep(0.01)
    repository.commit({"new.txt": b"new"}, "from somebody else")


def test_what_is_not_there_or_not_ours(run: Commands, clean: Repository) -> None:
    assert "does not exist" in run("publish", "org/none").stderr
    other = token(12)
    run.hub.people = {token(): Person("tester", ("org",)), other: Person("other")}
    clean.private = False
    done = Commands(run.hub, run.home, True, other)("publish", "org/model")
    assert done.returncode == 2 and "does not let this token do that" in done.stderr
    assert other not in done.stderr + done.stdout


@pytest.mark.parametrize("how", ["visibility='public'", "private=False"])
def test_a_program_that_makes_a_repository_public(
    run: Commands, clean: Repository, leaky: Repository, how: str
) -> None:
    call = f"huggingface_hub.update_repo_settings('org/model', {how}, token='{token(13)}')"
    assert run.python(GUARDED.format(call=call)) == "sent\n"
    assert not clean.private
    asked = {each.headers.get("authorization") for each in run.hub.record.asked("/resolve/|/tree/")}
    assert asked == {f"Bearer {token(13)}"}  # whoever may publish it may read it
    call = f"huggingface_hub.HfApi().update_repo_settings('org/data', repo_type='dataset', {how})"
    told = run.python(GUARDED.format(call=call))
    assert told.startswith(
        "UploadBlocked 1 leak in what would be published, so it stays private: hf://datasets/org/data@"
    )
    assert leaky.private


def test_what_is_no_publication_passes(run: Commands, clean: Repository, leaky: Repository) -> None:
    for call in (
        "huggingface_hub.update_repo_settings('org/data', repo_type='dataset', private=True)",
        "huggingface_hub.update_repo_settings('org/data', repo_type='dataset', gated='auto')",
        "huggingface_hub.create_repo('org/new', private=False)",
    ):
        assert run.python(GUARDED.format(call=call)) == "sent\n"
    assert run.hub.record.asked("/tree/") == []


def test_what_the_hub_copies_by_itself_is_refused(run: Commands, clean: Repository) -> None:
    clean.commit({"large.bin": Entry(Bytes(bytes(100_000)), lfs=True, xet="a" * 64)}, "large")
    other = run.hub.add("model", "org/other")
    for call in (
        "huggingface_hub.duplicate_repo('org/model', 'org/copy', repo_type='model')",
        "huggingface_hub.copy_files('hf://org/model/large.bin', 'hf://org/other/')",
    ):
        told = run.python(GUARDED.format(call=call))
        assert told.startswith("GuardError a copy of org/model is made by the Hub itself"), told
    assert ("model", "org/copy") not in run.hub.repositories
    assert other.refs["refs/heads/main"].files == {}


def test_a_small_file_that_is_copied_passes_through_here_and_is_scanned(run: Commands, clean: Repository) -> None:
    secret = expand("hf_<alnum:34>", 80).encode()
    clean.commit({"leak.txt": secret}, "a leak")
    other = run.hub.add("model", "org/other")
    copy = "huggingface_hub.copy_files('hf://org/model/{}', 'hf://org/other/')"
    assert run.python(GUARDED.format(call=copy.format("config.json"))) == "sent\n"
    told = run.python(GUARDED.format(call=copy.format("leak.txt")))
    assert told.startswith("UploadBlocked 1 leak in what would be published, so nothing of it was sent: leak.txt:1:1")
    assert list(other.refs["refs/heads/main"].files) == ["config.json"]
    assert run.hub.record.holding(secret) == []
