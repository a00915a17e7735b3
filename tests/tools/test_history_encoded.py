"""What is encoded in a history is found as what is not: with its commits, and when only a part of its run was changed."""

from __future__ import annotations

import base64
import gzip
import textwrap

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, planted

FILLER = "nothing to see here, and nothing there. " * 60


def encoded(text: str) -> str:
    return textwrap.fill(base64.b64encode(text.encode()).decode(), 76) + "\n"


def test_a_value_that_was_encoded_and_removed(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "nothing\n"})
    repo.commit({"a.txt": "x: " + base64.b64encode(gzip.compress(f"token = {planted()}\n".encode())).decode() + "\n"})
    repo.commit({"a.txt": "nothing more\n"})
    found = scan(repo).one(planted())
    assert (found["path"], found["line"], found["inner"], found["in_tree"]) == ("a.txt", 1, "base64 → gzip", False)
    assert found["commits"] == [
        repo.commit_of(repo.head("main~1"), "a.txt", 1, "introduced"),
        repo.commit_of(repo.head("main"), "a.txt", 1, "removed"),
    ]


def test_a_value_in_a_run_of_which_versions_share_most(repo: Repo, scan: Scan) -> None:
    """The run's first and last lines are those of the version before it; what is new lies far inside."""
    before = f"secret: {FILLER}value = {planted(0)}\n{FILLER}"
    repo.commit({"a.txt": "one\n" + encoded(before.replace(planted(0), "_" * len(planted(0))))})
    for number in range(3):
        repo.commit({"a.txt": "one\n" + encoded(before.replace(planted(0), planted(number)))})
    repo.git("gc", "--quiet")
    told = scan(repo, "--no-cache")
    for number in range(3):
        found = told.one(planted(number))
        assert (found["inner"], found["line"], found["commits"][0]["deed"]) == ("base64", 2, "introduced")


def test_in_a_message(repo: Repo, scan: Scan) -> None:
    sha = repo.commit({"a.txt": "x\n"}, message="x: " + base64.b64encode(f"token = {planted()}".encode()).decode())
    found = scan(repo).one(planted())
    assert found["inner"] == f"commit {sha} message → base64"
