"""What is remembered of a history saves time and changes no answer."""

from __future__ import annotations

import sqlite3
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Told, Tool, planted

Agreed = Callable[..., Told]


@pytest.fixture
def agreed(scan: Scan) -> Agreed:
    """What a scan says from memory, once it is known to say the same as one without."""

    def agreed(repo: Repo, *arguments: str) -> Told:
        told, plain = scan(repo, *arguments), scan(repo, "--no-cache", *arguments)
        assert told.same() == plain.same()
        assert plain.document["stats"]["remembered"] == 0
        assert [each for each in told.document["notices"] if each["kind"] == "cache"] == []
        return told

    return agreed


@pytest.fixture
def full(repo: Repo) -> Repo:
    """Values in a branch (0), a side branch (1), a dangling commit (2), a dangling blob (3), a tag (4), a message (5)."""
    repo.commit({"a.txt": f"1\n{planted(0)}\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit({"b.txt": planted(1)})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"c.txt": planted(2)})
    repo.git("reset", "--quiet", "--hard", "HEAD~")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("hash-object", "-w", "--stdin", stdin=planted(3).encode())
    repo.git("tag", "-a", "v1", "-m", planted(4))
    repo.commit({"a.txt": "clean\n"}, planted(5))
    return repo


def remembered(told: Told) -> int:
    return told.document["stats"]["remembered"]


def test_again(full: Repo, scan: Scan) -> None:
    first = scan(full)
    assert len(first.findings) == 6
    assert remembered(first) == 0
    for _ in range(2):
        again = scan(full)
        assert again.same() == first.same()
        assert remembered(again) == first.document["stats"]["blobs"] - 1  # but for the one file
    assert scan(full, "--no-cache").same() == first.same()


def test_a_new_commit(full: Repo, agreed: Agreed) -> None:
    """What nothing holds any more is told as before, although no new object leads to it."""
    before = agreed(full)
    sha = full.commit({"d.txt": planted(6), "a.txt": f"{planted(0)}\n"})
    told = agreed(full)
    assert [each["deed"] for each in told.one(planted(0))["commits"]] == ["introduced", "removed", "introduced"]
    assert told.one(planted(6))["commits"] == [full.commit_of(sha, "d.txt", 1, "introduced")]
    assert told.one(planted(2)) == before.one(planted(2))
    assert told.one(planted(2))["commits"]
    assert told.one(planted(3))["path"] == ".git"
    assert remembered(told) > 0


def test_new_commits_are_added_to_what_is_remembered(full: Repo, agreed: Agreed, tool: Tool) -> None:
    """Few are written by themselves; when they are many, all is written anew, and when commits go, too."""
    for number in range(10, 50):
        full.commit({"a.txt": f"{number}\n{planted(number % 2)}\n"})
    agreed(full)
    written: list[tuple[bool, bool]] = []
    before = records(tool)
    for number in range(12):
        full.commit({f"{number}.txt": planted(60 + number), "a.txt": f"{number}\n"})
        told = agreed(full)
        assert told.one(planted(60 + number)) and told.one(planted(2))
        after = records(tool)
        written.append((after["holding"] != before["holding"], after.get("more") != before.get("more")))
        before = after
    assert written[:2] == [(False, True)] * 2 and (True, False) in written
    full.git("reset", "--quiet", "--hard", "HEAD~3")
    assert agreed(full).one(planted(71))["refs"] == ["reflog"]
    full.git("reflog", "expire", "--expire=now", "--all")
    assert agreed(full).one(planted(71))["refs"] == []
    full.git("gc", "--quiet", "--prune=now")
    assert agreed(full).all(planted(71)) == [] and agreed(full).one(planted(60))
    full.commit({"z.txt": planted(99)})
    assert agreed(full).one(planted(99))


def records(tool: Tool) -> dict[str, bytes]:
    """What the store holds of the repository, by name."""
    with sqlite3.connect(tool.cache / "history.sqlite3") as connection:
        rows = connection.execute("SELECT name, content FROM kept WHERE kind = ?", (b"memory",)).fetchall()
    connection.close()
    return {name.decode(): content for name, content in rows}


def test_a_deleted_branch(full: Repo, agreed: Agreed) -> None:
    assert agreed(full).one(planted(1))["refs"] == ["refs/heads/side"]
    full.git("branch", "-D", "side")
    found = agreed(full).one(planted(1))
    assert (found["refs"], found["reachable"]) == ([], False)
    assert found["commits"]
    full.git("branch", "again", found["commits"][0]["sha"])
    assert agreed(full).one(planted(1))["refs"] == ["refs/heads/again"]


def test_packed_and_pruned(full: Repo, agreed: Agreed) -> None:
    before = agreed(full)
    full.git("repack", "-a", "-d", "--keep-unreachable", "--quiet")
    assert agreed(full).findings == before.findings
    full.git("gc", "--quiet", "--prune=now")
    told = agreed(full)
    assert [number for number in range(6) if told.all(planted(number))] == [0, 1, 4, 5]
    full.commit({"d.txt": planted(6)})
    assert agreed(full).one(planted(6))
    full.git("gc", "--quiet", "--prune=now")
    assert agreed(full).one(planted(6))


def test_rewritten(full: Repo, agreed: Agreed) -> None:
    agreed(full)
    full.git("checkout", "--quiet", "--orphan", "other")
    full.commit({"a.txt": "clean\n"})
    full.git("branch", "-D", "main", "side")
    full.git("tag", "-d", "v1")
    told = agreed(full)
    assert {each["reachable"] for each in told.findings} == {False}
    full.git("reflog", "expire", "--expire=now", "--all")
    full.git("gc", "--quiet", "--prune=now")
    assert agreed(full).findings == []


def test_other_rules(full: Repo, agreed: Agreed) -> None:
    """What one set of rules has passed, another may not pass."""
    for _ in range(2):
        assert agreed(full, "--disable", "hf-user-token").findings == []
        assert len(agreed(full).findings) == 6
    assert len(agreed(full, "--only", "hf-user-token").findings) == 6
    assert len(agreed(full, "--exclude", "a.txt").findings) == 5


def test_two_clones(full: Repo, agreed: Agreed) -> None:
    """Objects are known by their ids whichever repository they were seen in; where they lie is told for each."""
    agreed(full)
    clone = full.clone("clone")
    told = agreed(clone)
    assert told.one(planted(1))["refs"] == ["refs/remotes/origin/side"]
    assert told.all(planted(2)) == []
    clone.commit({"d.txt": planted(6)})
    clone.git("reset", "--quiet", "--hard", "HEAD~")
    clone.git("reflog", "expire", "--expire=now", "--all")
    assert agreed(clone).one(planted(6))["commits"]
    full.git("fetch", "--quiet", clone.path, f"{clone.head()}")
    assert agreed(full).all(planted(6)) == []
    below = clone.other("below/clone")
    (clone.path.parent / "below").mkdir()
    clone.path.rename(below.path)
    assert agreed(below).one(planted(6))["commits"]


def test_a_shallow_clone_keeps_what_dangles(full: Repo, agreed: Agreed) -> None:
    clone = full.clone("clone", "--depth=1")
    clone.commit({"d.txt": planted(6)})
    clone.git("reset", "--quiet", "--hard", "HEAD~")
    clone.git("reflog", "expire", "--expire=now", "--all")
    for _ in range(2):
        told = agreed(clone)
        assert told.one(planted(6))["commits"][0]["path"] == "d.txt"
        assert len(told.gaps) == 1


def test_a_shallow_clone_that_is_deepened(repo: Repo, agreed: Agreed) -> None:
    """What seemed to be its first commit, and to have brought everything, is not its first any more."""
    first = repo.commit({"a.txt": planted(1)})
    repo.commit({"b.txt": "later\n"})
    clone = repo.clone("clone", "--depth=1")
    seen = agreed(clone).one(planted(1))["commits"]
    assert [each["sha"] for each in seen] == [repo.head()]
    clone.git("fetch", "--quiet", "--unshallow")
    assert [each["sha"] for each in agreed(clone).one(planted(1))["commits"]] == [first]


def test_no_cache(full: Repo, scan: Scan, tool: Tool) -> None:
    scan(full, "--no-cache")
    assert not (tool.cache / "history.sqlite3").exists()


@pytest.mark.parametrize("how", ["text", "cut", "record", "chunk", "none"])
def test_a_store_that_was_tampered_with(full: Repo, scan: Scan, tool: Tool, how: str) -> None:
    """A wrong memory is noticed and forgotten: nothing is passed over for it."""
    first = scan(full)
    store = tool.cache / "history.sqlite3"
    if how == "text":
        store.write_text("not a database\n" * 500)
    elif how == "cut":
        store.write_bytes(store.read_bytes()[: store.stat().st_size // 2])
    else:
        statement = {
            "record": "UPDATE kept SET content = replace(content, 'refs/heads/main', 'refs/heads/none')",
            "chunk": "UPDATE seen SET dirty = 0, word = ''",
            "none": "DELETE FROM seen WHERE dirty = 1",
        }[how]
        with sqlite3.connect(store) as connection:
            assert connection.execute(statement).rowcount > 0
        connection.close()
    told = scan(full)
    assert told.same() == first.same()
    assert [each["kind"] for each in told.document["notices"]] == ["cache"]
    again = scan(full)
    assert again.same() == first.same()
    assert again.document["notices"] == []


def test_two_at_once(full: Repo, scan: Scan, tool: Tool) -> None:
    running = [
        subprocess.Popen(
            tool.command("scan", "--format", "json", "--output", f"{tool.home}/{number}.json"),
            env=tool.environment(),
            cwd=full.path,
            stdout=subprocess.DEVNULL,
        )
        for number in range(3)
    ]
    assert [process.wait(60) for process in running] == [1, 1, 1]
    reports = [(tool.home / f"{number}.json").read_text() for number in range(3)]
    assert [report.count('"fingerprint"') for report in reports] == [6, 6, 6]
    assert remembered(scan(full)) > 0


def test_any_number_of_workers(repo: Repo, scan: Scan) -> None:
    """Enough objects that they are shared between processes."""
    blobs = "".join(f"blob\nmark :{number}\ndata 10\n{number:09}\n\n" for number in range(1, 2100))
    planting = "".join(
        f"blob\nmark :{number}\ndata {len(planted(number))}\n{planted(number)}\n" for number in range(5000, 5012)
    )
    tree = "".join(
        f"M 100644 :{number} {number % 50}/{number}.txt\n" for number in [*range(1, 2100), *range(5000, 5012)]
    )
    who = "committer A <a@example.test> 1700000000 +0200"
    stream = f"{blobs}{planting}commit refs/heads/main\n{who}\ndata 1\nx\n{tree}\ncommit refs/heads/main\n{who}\ndata 1\ny\ndeleteall\n"
    repo.git("fast-import", "--quiet", stdin=stream.encode())
    one = scan(repo, "--history-only", "--jobs", "1", "--no-cache")
    assert len(one.findings) == 12
    assert scan(repo, "--history-only", "--jobs", "2", "--no-cache").same() == one.same()
    assert scan(repo, "--history-only", "--jobs", "2").same() == one.same()
    assert scan(repo, "--history-only", "--jobs", "1").same() == one.same()
    assert scan(repo, "--history-only", "--branch", "main", "--jobs", "2").findings == one.findings


def test_what_one_repository_holds_under_an_id_tells_nothing_of_another(repo: Repo, tool: Tool, tmp_path: Path) -> None:
    """git reads a loose object without asking whether its content has its id: a repository may lie about it."""
    repo.commit({"a.py": f"login('{planted()}')\n"})
    name = repo.git("rev-parse", "HEAD:a.py").strip()
    liar = Repo(tmp_path / "liar", tool.home).init()
    liar.commit({"b.py": "harmless\n"})
    path = liar.path / ".git/objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(b"blob 9\0harmless\n"))
    assert tool.told(".", cwd=liar.path).findings == []
    assert len(tool.told(".", "--history-only", cwd=repo.path).findings) == 1
