"""Odd names, odd contents, and what a repository only points at: links, submodules, LFS objects, nested repositories."""

from __future__ import annotations

import hashlib
import os

import pytest

from modelguard.rules.templates import expand
from tests.tools.conftest import Scan
from tests.tools.repo import Repo, planted

TOKEN = planted()
LINE = f"first\ntoken = '{TOKEN}'\n"


def pointer(content: bytes) -> tuple[str, str]:
    """A git LFS pointer to this content, and the path of the object below the repository."""
    name = hashlib.sha256(content).hexdigest()
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize {len(content)}\n"
    return text, f".git/lfs/objects/{name[:2]}/{name[2:4]}/{name}"


def test_names_that_are_no_text(repo: Repo, scan: Scan) -> None:
    """A line break, bytes that are not UTF-8, quotes and blanks, what looks like git's own output, an option."""
    names = [b"a\nb.txt", b"caf\xe9.txt", b'q" \t.txt', b":100644 x", b"--all", "é.txt".encode(), b"..txt"]
    for number, name in enumerate(names):
        repo.write(name, planted(number))
    sha = repo.commit()
    for name in names:
        os.unlink(os.path.join(os.fsencode(repo.path), name))
    repo.commit()
    told = scan(repo)
    for number, name in enumerate(names):
        found = told.one(planted(number))
        assert found["path"] == name.decode("utf-8", "backslashreplace")
        assert found["commits"][0] == repo.commit_of(sha, found["path"], 1, "introduced")
        assert [each["deed"] for each in found["commits"]] == ["introduced", "removed"]


def test_contents_that_are_no_text(repo: Repo, scan: Scan) -> None:
    """What git calls binary, and what attributes say is not to be shown, is looked at like all else."""
    contents: dict[str, str | bytes | None] = {
        "wide.txt": f"key = {planted(0)}\n".encode("utf-16"),
        "nul.bin": b"\0\0" + planted(1).encode() + b"\0" * 9,
        "quiet.txt": planted(2),
        "many.dat": b"\0" * 100_000 + planted(3).encode(),
    }
    sha = repo.commit({**contents, ".gitattributes": "quiet.txt -diff\n*.dat binary\n"})
    repo.commit(dict.fromkeys(contents, "clean\n"))
    told = scan(repo)
    for number, name in enumerate(contents):
        found = told.one(planted(number))
        assert found["path"] == name
        assert (found["commits"][0]["sha"], found["commits"][0]["deed"]) == (sha, "introduced")


def test_symlink(repo: Repo, scan: Scan) -> None:
    """Its target is text in the repository, and no file in the tree."""
    os.symlink(f"/nowhere/{TOKEN}", repo.path / "link")
    sha = repo.commit()
    found = scan(repo).one(TOKEN)
    assert (found["path"], found["line"], found["in_tree"]) == ("link", 1, True)
    assert found["commits"] == [repo.commit_of(sha, "link", 1, "introduced")]
    (repo.path / "link").unlink()
    repo.commit()
    assert scan(repo).one(TOKEN)["in_tree"] is False


@pytest.fixture
def above(repo: Repo) -> Repo:
    """A repository with `repo` as its submodule `sub`, whose history holds the value."""
    repo.commit({"a.txt": LINE})
    repo.commit({"a.txt": "clean\n"})
    above = repo.other("above").init()
    above.commit({"top.txt": "nothing\n"})
    above.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", repo.path, "sub")
    above.commit()
    return above


def test_submodule_that_is_checked_out(above: Repo, repo: Repo, scan: Scan) -> None:
    for arguments in ([], ["--history-only"]):
        told = scan(above, *arguments)
        found = told.one(TOKEN)
        assert (found["path"], found["line"], found["reachable"]) == ("sub/a.txt", 2, True)
        assert [each["sha"] for each in found["commits"]] == [repo.head("HEAD~"), repo.head()]
        assert told.left_out("sub/") == ""


def test_submodule_that_is_not_checked_out(above: Repo, scan: Scan) -> None:
    above.git("clone", "--quiet", above.path, above.path.parent / "clone")
    clone = above.other("clone")
    for arguments in ([], ["--history-only"], []):
        told = scan(clone, *arguments)
        assert told.all(TOKEN) == []
        assert "git submodule update --init" in told.left_out("sub/")
    assert told.gaps == []


def test_lfs_object(repo: Repo, scan: Scan) -> None:
    """Of all versions that pointers in history stand for, those that are here are looked at, and the others are said."""
    here, away = LINE.encode() * 2, b"another\n"
    text, inside = pointer(here)
    lost, missing = pointer(away)
    repo.write(inside, here)
    sha = repo.commit({"model.bin": text, "other.bin": lost})
    removed = repo.commit({"model.bin": "clean\n", "other.bin": "clean\n"})
    for _ in range(2):
        told = scan(repo)
        found = told.one(TOKEN)
        assert (found["path"], found["line"], found["in_tree"]) == ("model.bin", 2, False)
        assert found["commits"] == [
            repo.commit_of(sha, "model.bin", 2, "introduced"),
            repo.commit_of(removed, "model.bin", 2, "removed"),
        ]
        assert "git lfs fetch --all" in told.left_out(missing)
        assert told.left_out(inside) == ""


def test_several_lfs_objects(repo: Repo, scan: Scan) -> None:
    """Small ones are handed out together."""
    contents = [f"{number}\n".encode() * 3 + f"token = '{planted(number)}'\n".encode() for number in range(5)]
    for number, content in enumerate(contents):
        text, inside = pointer(content)
        repo.write(inside, content)
        repo.commit({f"{number}.bin": text})
    told = scan(repo, "--history-only")
    assert [(each["path"], each["line"]) for each in told.findings] == [(f"{number}.bin", 4) for number in range(5)]


def test_lfs_object_that_is_fetched_later(repo: Repo, scan: Scan) -> None:
    text, inside = pointer(LINE.encode())
    sha = repo.commit({"model.bin": text, "x.txt": planted(1)})
    repo.commit({"model.bin": "clean\n"})
    repo.git("gc", "--quiet")
    assert scan(repo).all(TOKEN) == []
    clone = repo.clone("clone")
    clone.write(inside, LINE)
    repo.write(inside, LINE)
    for place in (clone, repo):
        found = scan(place).one(TOKEN)
        assert found["path"] == "model.bin"
        assert found["commits"][0] == repo.commit_of(sha, "model.bin", 2, "introduced")
    (repo.path / inside).unlink()
    told = scan(repo)
    assert told.all(TOKEN) == []
    assert told.left_out(inside)


def test_pointer_with_a_value_of_its_own(repo: Repo, scan: Scan) -> None:
    text, inside = pointer(LINE.encode())
    repo.write(inside, LINE)
    repo.commit({"model.bin": text.replace("\noid", f"\next-0-x {planted(1)}\noid")})
    repo.commit({"model.bin": "clean\n"})
    told = scan(repo)
    assert (told.one(TOKEN)["line"], told.one(planted(1))["line"]) == (2, 2)


def test_nested_repository(repo: Repo, scan: Scan) -> None:
    """One that git does not know of: it is in the folder, so its history counts, too."""
    repo.commit({"a.txt": "nothing\n"})
    inner = repo.other("repo/tools/inner").init()
    sha = inner.commit({"b.txt": LINE})
    inner.commit({"b.txt": "clean\n"})
    found = scan(repo).one(TOKEN)
    assert found["path"] == "tools/inner/b.txt"
    assert found["commits"][0] == inner.commit_of(sha, "tools/inner/b.txt", 2, "introduced")


def test_a_broken_repository_in_another(repo: Repo, scan: Scan) -> None:
    """git would look further up and tell the history of the other one as this one's."""
    repo.commit({"a.txt": LINE})
    repo.commit({"a.txt": "clean\n"})
    repo.write("sub/.git/HEAD", "ref: refs/heads/main\n")
    repo.write("sub/b.txt", "nothing\n")
    told = scan(repo, "sub")
    assert (told.findings, [gap["path"] for gap in told.gaps]) == ([], ["sub"])
    assert scan(repo).one(TOKEN)["path"] == "a.txt"


def test_an_empty_git_folder_is_no_repository(repo: Repo, scan: Scan) -> None:
    """git would look further up and tell the history of another one under this one's name."""
    repo.commit({"a.txt": LINE})
    repo.commit({"a.txt": "clean\n"})
    (repo.path / "sub/.git").mkdir(parents=True)
    repo.write("sub/b.txt", "nothing\n")
    assert scan(repo, "sub").findings == []
    assert scan(repo).one(TOKEN)["path"] == "a.txt"


def test_prose_that_nothing_reaches_is_no_file_of_settings(repo: Repo, scan: Scan) -> None:
    """A rule for certain files is less sure where nobody knows any more what a text was called."""
    repo.commit({"notes.md": "start\n"})
    lost = repo.git(
        "hash-object", "-w", "--stdin", stdin=b"A password hashed once is 1 pass through the list.\n"
    ).strip()
    told = scan(repo)
    assert told.status == 0
    assert all(each["confidence"] == "low" and not each["blocking"] for each in told.findings), lost
    entry = expand("machine a.company.test login b password <alnum:16>\n").encode()
    kept = repo.git("hash-object", "-w", "--stdin", stdin=entry).strip()
    assert [(each["object"], each["blocking"]) for each in scan(repo).findings if each["blocking"]] == [(kept, True)]
