"""The guard before the real client: of what holds a leak no byte leaves, whatever way it is sent; the rest arrives whole."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelguard.rules.templates import expand
from tests.tools.hub import Content, Hub, serving
from tests.tools.hub.client import surroundings

PROGRAM = Path(__file__).with_name("hub_uploads.py")
WAYS = (
    "upload_file upload_bytes upload_open_file upload_buffer upload_folder upload_folder_as_pull_request"
    " functions_of_the_module create_commit preupload_then_commit run_as_future commit_scheduler file_system_write"
    " file_system_put model_hub_mixin model_card readme_in_a_folder hf_upload_folder hf_upload_file thread"
    " asyncio_to_thread fork discussion commit_message"
).split()
BUCKETS = "bucket bucket_sync hf_sync file_system_bucket".split()
SMALL_ALONE = ("model_card",)
"""Ways that send nothing of the large file."""

ELSEWHERE = ("model_card", "readme_in_a_folder", "discussion", "commit_message")
"""Ways that call what they send by another name."""

ARRIVES: dict[str, tuple[str, ...]] = {
    "model_card": (),
    "readme_in_a_folder": ("large.txt",),
    "discussion": (),
    "commit_message": (),
}
"""Files that arrive as they are, where that is not both."""

AT_ONCE = (
    "upload_folder upload_folder_as_pull_request create_commit preupload_then_commit run_as_future commit_scheduler"
    " model_hub_mixin hf_upload_folder thread fork bucket bucket_sync hf_sync discussion"
).split()
"""Ways in which all is given to the client before any of it is sent."""


@dataclass
class Told:
    """What a program said of each way, the Hub that it talked to, and what it had to send."""

    hub: Hub
    ways: dict[str, list[str]]
    output: str
    folder: Path
    planted: str
    secret: str

    def asked_for(self, way: str) -> list[str]:
        """What was sent to the repository or bucket of a way, but to make it."""
        return [each.line for each in self.hub.record.asked(rf"^(POST|PUT) .*org/{way}(/|\.git)")]

    def holds(self, way: str) -> dict[str, Content]:
        """What a repository or bucket holds in the end."""
        if way in BUCKETS:
            return self.hub.buckets.get(f"org/{way}", {})
        ref = "refs/pr/1" if way == "upload_folder_as_pull_request" else "refs/heads/main"
        commit = self.hub.repositories["model", f"org/{way}"].refs.get(ref)
        return {path: entry.content for path, entry in commit.files.items()} if commit else {}


def _mark(name: str) -> str:
    """How a file begins, so that a sample of it is known by that."""
    return f"this is the beginning of the {name} file\n"


def _files(folder: Path, planted: str, secret: str) -> tuple[Path, Path]:
    """A small file and a large one; `planted` says which of them holds the secret, far behind what a sample shows."""
    folder.mkdir()
    filling = "".join(f"{number:x} nothing here\n" for number in range(6000))
    paths = []
    for name, around in (("small", "some words\n" * 60), ("large", filling)):
        leak = f'token = "{secret}"\n' if name == planted else ""
        path = folder / f"{name}.txt"
        path.write_text(f"{_mark(name)}{around}{leak}{around}")
        paths.append(path)
    return paths[0], paths[1]


def _run(hub: Hub, home: Path, cache: Path, mode: str, planted: str, xet: bool) -> Told:
    secret = expand("hf_<alnum:34>", seed=len(planted))
    paths = _files(home / "files", planted, secret)
    done = subprocess.run(
        [sys.executable, str(PROGRAM), mode, *map(str, paths)],
        cwd=home,
        env={**surroundings(hub, home, xet=xet), "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    return Told(hub, said, done.stdout + done.stderr, home / "files", planted, secret)


@pytest.fixture(scope="module")
def cache(shared_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled rules that all tests share, where a program looks for them."""
    folder = tmp_path_factory.mktemp("caches")
    (folder / "modelguard").mkdir(mode=0o700)
    for database in shared_cache.glob("*.hsdb"):
        os.link(database, folder / "modelguard" / database.name)
    return folder


Made = Callable[[bool, str, str], Told]


@pytest.fixture(scope="module")
def made(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Runs the program beside a stand-in of its own, once for each of what is asked of it."""
    with ExitStack() as stack:

        @functools.cache
        def make(xet: bool, mode: str, planted: str) -> Told:
            hub = stack.enter_context(serving())
            return _run(hub, tmp_path_factory.mktemp("home"), cache, mode, planted, xet)

        yield make


XET = pytest.mark.parametrize("xet", [True, False], ids=["xet", "lfs"])
PLANTED = pytest.mark.parametrize("planted", ["small", "large"])


def ways(xet: bool) -> list[str]:
    """Buckets are nothing but Xet."""
    return [*WAYS, *(BUCKETS if xet else ())]


TABLE = pytest.mark.parametrize(
    ("xet", "way"),
    [pytest.param(xet, way, id=f"{'xet' if xet else 'lfs'}-{way}") for xet in (True, False) for way in ways(xet)],
)


@PLANTED
@TABLE
def test_a_leak_is_stopped_and_its_place_told(made: Made, xet: bool, planted: str, way: str) -> None:
    told = made(xet, "block", planted)
    name, said = told.ways[way]
    if planted == "large" and way in SMALL_ALONE:
        assert name == "sent", said
        return
    assert name == "UploadBlocked", said
    assert "hf-user-token (hf_**** (37 characters))" in said
    assert f"{planted}.txt:" in said or way in ELSEWHERE
    assert planted not in [path.partition(".")[0] for path in told.holds(way)]


@XET
@PLANTED
def test_no_byte_of_what_holds_a_leak_leaves(made: Made, xet: bool, planted: str) -> None:
    told = made(xet, "block", planted)
    assert [each.line for each in told.hub.record.holding(told.secret.encode())] == []
    assert [each.line for each in told.hub.record.holding(_mark(planted).strip().encode())] == []
    assert told.secret not in told.output


@PLANTED
@TABLE
def test_where_all_is_given_at_once_nothing_is_sent(made: Made, xet: bool, planted: str, way: str) -> None:
    if way in AT_ONCE:
        assert made(xet, "block", planted).asked_for(way) == []


@TABLE
def test_what_is_clean_arrives_whole(made: Made, xet: bool, way: str) -> None:
    told = made(xet, "block", "nothing")
    assert told.ways[way] == ["sent", ""]
    held = {
        path: hashlib.sha256(content.read(0, content.size)).hexdigest() for path, content in told.holds(way).items()
    }
    given = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in told.folder.iterdir()}
    expected = {name: given[name] for name in ARRIVES.get(way, ("small.txt", "large.txt"))}
    assert expected.items() <= held.items()
    assert held or way in ("discussion", "commit_message")


@XET
def test_a_warning_lets_all_by_and_says_what_it_saw(made: Made, xet: bool) -> None:
    told = made(xet, "warn", "small")
    assert {way: said for way, said in told.ways.items() if said[0] != "sent"} == {}
    assert told.output.count("modelguard: warning: ") >= len(ways(xet))
    assert told.hub.record.holding(told.secret.encode())
    assert told.secret not in told.output


@XET
def test_without_the_guard_the_leak_is_there(made: Made, xet: bool) -> None:
    told = made(xet, "off", "large")
    assert {way: said for way, said in told.ways.items() if said[0] != "sent"} == {}
    reached = {way for way in ways(xet) if way not in SMALL_ALONE and any(
        told.secret.encode() in content.read(0, content.size) for content in told.holds(way).values()
    )}  # fmt: skip
    assert reached == set(ways(xet)) - {*SMALL_ALONE, "discussion", "commit_message"}
