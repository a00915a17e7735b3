"""One finding a value, with the commits that brought it in, moved it and took it out; and what policy says of it."""

from __future__ import annotations

import os
from pathlib import Path

from modelguard.rules.templates import expand
from tests.tools.conftest import Scan
from tests.tools.repo import ALLOW, RULE, Repo, planted

TOKEN = planted()
LINE = f"token = '{TOKEN}'\n"


def test_a_value_in_many_versions(repo: Repo, scan: Scan) -> None:
    """It stays from the commit that brings it to the one that takes it, wherever in the file it is."""
    repo.commit({"a.txt": "1\n2\n"})
    brought = repo.commit({"a.txt": f"1\n2\n{LINE}"})
    for number in range(4):
        repo.commit({"a.txt": f"{number}\n" * number + LINE})
    taken = repo.commit({"a.txt": "clean\n"})
    repo.commit({"a.txt": "clean\nagain\n"})
    found = scan(repo).one(TOKEN)
    assert found["commits"] == [
        repo.commit_of(brought, "a.txt", 3, "introduced"),
        repo.commit_of(taken, "a.txt", 4, "removed"),
    ]
    assert (found["path"], found["line"]) == ("a.txt", 4)


def test_brought_back(repo: Repo, scan: Scan) -> None:
    commits = [repo.commit({"a.txt": LINE if number % 2 == 0 else "clean\n"}) for number in range(3)]
    found = scan(repo).one(TOKEN)
    assert [(each["sha"], each["deed"]) for each in found["commits"]] == list(
        zip(commits, ["introduced", "removed", "introduced"], strict=True)
    )
    assert (found["in_tree"], found["line"]) == (True, 1)


def test_renamed(repo: Repo, scan: Scan) -> None:
    """First without a change, then with one, then copied; in the work tree each file that holds it says so."""
    first = repo.commit({"a.txt": LINE + "more\n" * 9})
    second = repo.commit({"a.txt": None, "b.txt": LINE + "more\n" * 9})
    third = repo.commit({"b.txt": None, "c.txt": "1\n" + LINE + "more\n" * 9})
    moves = [
        repo.commit_of(first, "a.txt", 1, "introduced"),
        repo.commit_of(second, "b.txt", 1, "moved"),
        repo.commit_of(third, "c.txt", 2, "moved"),
    ]
    assert scan(repo).one(TOKEN)["commits"] == moves
    copied = repo.commit({"d.txt": LINE})
    found = {each["path"]: each for each in scan(repo).all(TOKEN)}
    assert found.keys() == {"c.txt", "d.txt"}
    assert found["c.txt"]["commits"] == moves
    assert found["d.txt"]["commits"] == [repo.commit_of(copied, "d.txt", 1, "introduced")]
    removed = repo.commit({"c.txt": None, "d.txt": None})
    last = scan(repo).one(TOKEN)["commits"]
    assert [(each["sha"], each["path"], each["deed"]) for each in last[-2:]] == [
        (removed, "c.txt", "removed"),
        (removed, "d.txt", "removed"),
    ]


def test_in_the_work_tree(repo: Repo, scan: Scan) -> None:
    """The file's finding is the only one, at the line where it is now, and with its commits."""
    sha = repo.commit({"sub/a.txt": LINE})
    repo.write("sub/a.txt", "not committed\n" + LINE)
    found = scan(repo).one(TOKEN)
    assert (found["path"], found["line"], found["in_tree"]) == ("sub/a.txt", 2, True)
    assert found["commits"] == [repo.commit_of(sha, "sub/a.txt", 1, "introduced")]
    assert found["refs"] == ["refs/heads/main", "index"]
    absolute = scan(repo, repo.path, cwd=repo.home).one(TOKEN)
    assert (absolute["path"], absolute["line"]) == (f"{repo.path}/sub/a.txt", 2)
    only = scan(repo, "--history-only").one(TOKEN)
    assert (only["path"], only["line"], only["in_tree"]) == ("sub/a.txt", 1, True)


def test_refs_that_hold_it(repo: Repo, scan: Scan) -> None:
    """Those that hold it now or held it before: to remove it from history, all of them have to be rewritten."""
    repo.commit({"a.txt": "nothing\n"})
    repo.git("branch", "before")
    repo.commit({"a.txt": LINE})
    repo.git("tag", "light")
    repo.git("tag", "-a", "-m", "v1", "v1")
    repo.commit({"a.txt": "clean\n"})
    repo.git("branch", "after")
    assert scan(repo).one(TOKEN)["refs"] == ["refs/heads/after", "refs/heads/main", "refs/tags/light", "refs/tags/v1"]


def test_two_branches_bring_it(repo: Repo, scan: Scan) -> None:
    repo.commit({"a.txt": "nothing\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    one = repo.commit({"b.txt": LINE})
    repo.git("checkout", "--quiet", "main")
    two = repo.commit({"b.txt": f"1\n{LINE}"})
    repo.git("merge", "--quiet", "-s", "ours", "side")
    found = scan(repo, "--history-only").one(TOKEN)
    assert {(each["sha"], each["line"], each["deed"]) for each in found["commits"]} == {
        (one, 1, "introduced"),
        (two, 2, "introduced"),
    }


def test_clocks_that_lie(repo: Repo, scan: Scan) -> None:
    """A commit that says it is older than its parent comes after it all the same, also where a ref is at the parent."""
    brought = repo.commit({"a.txt": LINE})
    repo.git("branch", "before")
    repo.write("a.txt", "clean\n")
    repo.git("commit", "-qam", "x", GIT_COMMITTER_DATE="1000000000 +0000", GIT_AUTHOR_DATE="1000000000 +0000")
    assert [each["sha"] for each in scan(repo).one(TOKEN)["commits"]] == [brought, repo.head()]


def test_allowed_in_the_newest_version(repo: Repo, scan: Scan) -> None:
    """What somebody has decided holds for older versions of the line, too, whether the file is still there or not."""
    allowed = f"x = '{TOKEN}'  # {ALLOW}[{RULE}] a test's own\n"
    repo.commit({"a.txt": f"x = '{TOKEN}'\n", "b.txt": f"y = '{planted(1)}'  # {ALLOW}[{RULE}] once\n"})
    repo.commit({"a.txt": allowed, "b.txt": f"y = '{planted(1)}'\n"})
    for arguments in ([], ["--history-only"]):
        told = scan(repo, *arguments)
        assert (told.one(TOKEN)["status"], told.one(TOKEN)["status_reason"]) == ("allowed", "a test's own")
        assert told.one(planted(1))["status"] == "open"
        assert told.status == 1
    repo.commit({"a.txt": None, "b.txt": None})
    told = scan(repo)
    assert (told.one(TOKEN)["status"], told.one(planted(1))["status"]) == ("allowed", "open")


def test_exclusions_hold_for_history(repo: Repo, scan: Scan) -> None:
    repo.commit({"data/a.txt": TOKEN, "node_modules/x/b.js": planted(1), "c.txt": planted(2), "d.txt": planted(3)})
    repo.commit({"data/a.txt": None, "node_modules/x/b.js": None, "c.txt": None, "d.txt": None, "x.txt": "1\n"})
    repo.commit({"data/d.txt": planted(3)})
    repo.commit({"data/d.txt": None})
    for _ in range(2):  # the second time from memory
        told = scan(repo, "--exclude", "data/", "--exclude", "/c.txt")
        assert [each["path"] for each in told.findings] == ["d.txt"]
        assert told.left_out("data/a.txt") == told.left_out("c.txt") == "excluded by settings"
        assert "third-party" in told.left_out("node_modules/x/b.js")
    assert len(scan(repo, "--no-default-exclusions").findings) == 4


def test_a_repository_in_a_folder_of_packages(repo: Repo, scan: Scan, tmp_path: Path) -> None:
    """What is named is scanned, wherever it lies; what lies in such a folder of its own is left out."""
    inner = repo.other("node_modules/mine").init()
    inner.commit({"a.txt": LINE, "node_modules/b.js": planted(1)})
    inner.commit({"a.txt": None, "node_modules/b.js": None, "c.txt": "1\n"})
    told = scan(inner, inner.path, cwd=tmp_path)
    assert told.one(TOKEN)["path"] == "node_modules/mine/a.txt"
    assert told.all(planted(1)) == []


def test_rules_that_are_bound_to_files(repo: Repo, scan: Scan) -> None:
    bare, dvc = expand("password <alnum:14>\n"), expand('[remote "site"]\n    password = <alnum:16>\n')
    repo.commit({"x/.netrc": bare, "notes.md": bare + "\n", ".dvc/config": dvc, "dvc.md": dvc + "\n"})
    repo.commit({"x/.netrc": None, "notes.md": None, ".dvc/config": None, "dvc.md": None, "a.txt": "1\n"})
    repo.commit({}, f"A message is no file of any kind\n\n{bare}\n{dvc}")
    told = scan(repo)
    bound = ("netrc-file", "dvc-remote-credential")
    assert {(each["path"], each["rule"]) for each in told.findings if each["rule"] in bound} == {
        ("x/.netrc", "netrc-file"),
        (".dvc/config", "dvc-remote-credential"),
    }
    repo.git("hash-object", "-w", "--stdin", stdin=expand("password <alnum:15>\n").encode())
    assert [each["rule"] for each in scan(repo).findings if each["path"] == ".git" and each["rule"] in bound] == [
        "netrc-file"
    ]


def test_one_object_at_many_paths(repo: Repo, scan: Scan) -> None:
    """A rule that speaks at only one of them is heard, however many there are."""
    bare = expand("password <alnum:14>\n") + LINE
    repo.commit({f"{number:02}.md": bare for number in range(12)})
    repo.commit({"z.netrc": bare})
    repo.commit({name: None for name in os.listdir(repo.path) if name != ".git"})
    told = scan(repo)
    assert told.one(TOKEN)
    assert [each["path"] for each in told.findings if each["rule"] == "netrc-file"] == ["z.netrc"]
