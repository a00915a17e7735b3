"""Whatever part of a repository is damaged is a gap that says what and what to do; all else in it is found."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Told, planted

TOKEN = planted()
_FILLER = "".join(f"{number * number:x} filler\n" for number in range(99))

Damage = Callable[[Repo], str]


@pytest.fixture
def history(repo: Repo) -> Repo:
    """`a.txt` has three versions, the middle one of them to be damaged."""
    repo.commit({"a.txt": "1\n", "b.txt": "1\n"})
    repo.commit({"a.txt": _FILLER})
    repo.commit({"a.txt": "3\n"})
    return repo


def bring_a_leak(repo: Repo) -> None:
    """A value in commits that are not damaged, brought by hand: git itself would stumble over the damage."""
    other = repo.other("whole").init()
    other.commit({"b.txt": f"{TOKEN}\n"})
    other.commit({"b.txt": "3\n"})
    for file in (other.path / ".git/objects").glob("??/*"):
        repo.write(os.path.join(".git/objects", file.parent.name, file.name), file.read_bytes())
    repo.write(".git/refs/heads/other", other.head() + "\n")


def loose(repo: Repo, name: str) -> Path:
    """The file of an object, made writable."""
    file = repo.path / ".git/objects" / name[:2] / name[2:]
    file.chmod(0o644)
    return file


def packed(repo: Repo, *revisions: str) -> Path:
    """What these hold, in a pack of its own, and nowhere else."""
    names = repo.git("rev-list", "--objects", "--no-object-names", *revisions)
    base = repo.git("pack-objects", "--quiet", ".git/objects/pack/pack", stdin=f"{names}\n".encode())
    repo.git("prune-packed", "--quiet")
    pack = repo.path / f".git/objects/pack/pack-{base}.pack"
    for file in pack.parent.iterdir():
        file.chmod(0o644)
    return pack


def flip(file: Path, start: int, count: int) -> None:
    content = bytearray(file.read_bytes())
    content[start : start + count] = bytes(byte ^ 0x5A for byte in content[start : start + count])
    file.write_bytes(content)


def loose_blob(repo: Repo) -> str:
    name = repo.head("HEAD~1:a.txt")
    flip(loose(repo, name), 40, 30)
    return f"object {name}"


def empty_blob(repo: Repo) -> str:
    name = repo.head("HEAD~1:a.txt")
    loose(repo, name).write_bytes(b"")
    return f"object {name}"


def packed_blob(repo: Repo) -> str:
    name = repo.head("HEAD~1:a.txt")
    pack = packed(repo, "HEAD")
    listed = repo.git("verify-pack", "-v", pack.with_suffix(".idx")).split("\n")
    offset = next(int(line.split()[4]) for line in listed if line.startswith(name))
    flip(pack, offset + 60, 30)
    return f"object {name}"


def truncated_pack(repo: Repo) -> str:
    pack = packed(repo, "HEAD")
    os.truncate(pack, pack.stat().st_size // 2)
    return f"pack {pack.name}"


def no_index(repo: Repo) -> str:
    pack = packed(repo, "HEAD")
    pack.with_suffix(".idx").unlink()
    return f"pack {pack.name}"


def damaged_index(repo: Repo) -> str:
    pack = packed(repo, "HEAD")
    os.truncate(pack.with_suffix(".idx"), 500)
    return f"pack {pack.name}"


def commit(repo: Repo) -> str:
    name = repo.head("HEAD~1")
    flip(loose(repo, name), 20, 40)
    return f"object {name}"


def tree(repo: Repo) -> str:
    name = repo.head("HEAD~1^{tree}")
    flip(loose(repo, name), 10, 30)
    return f"object {name}"


DAMAGES = [loose_blob, empty_blob, packed_blob, truncated_pack, no_index, damaged_index, commit, tree]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("leaks", [True, False])
def test_damage(history: Repo, scan: Scan, damage: Damage, leaks: bool) -> None:
    what = damage(history)
    if leaks:
        bring_a_leak(history)
    for arguments in ([], ["--history-only"], []):  # the last time with what the others remembered
        told = scan(history, *arguments)
        assert told.status == (1 if leaks else 2), told.document
        said_with_a_remedy(told, what)
        if leaks:
            assert told.one(TOKEN)["refs"] == ["refs/heads/other"]


def said_with_a_remedy(told: Told, what: str) -> None:
    about = [gap for gap in told.gaps if gap["inner"] == what]
    assert about, told.gaps
    assert all("`git " in gap["detail"] for gap in told.gaps)


def test_missing_tree(history: Repo, scan: Scan) -> None:
    """What was committed in it is found all the same, only not where."""
    history.commit({"b.txt": TOKEN})
    name = history.head("HEAD^{tree}")
    history.commit({"b.txt": "3\n"})
    loose(history, name).unlink()
    told = scan(history)
    assert (told.status, told.one(TOKEN)["path"]) == (1, ".git")
    assert [gap["reason"] for gap in told.gaps] == ["malformed"]
    assert "`git fsck --full`" in told.gaps[0]["detail"]
