"""However objects lie in packs, and however many look at them: the same values, in the same places and commits."""

from __future__ import annotations

import random
from typing import Any

from tests.tools.conftest import Scan
from tests.tools.repo import Repo, Told, planted

_VERSIONS = 80
_FILES = 4
_TOKENS = 12
_LINES = 600


def grown(repo: Repo) -> set[str]:
    """A history in which values come, go, move within and between files and come back; those that it held at all."""
    source = random.Random(11)
    texts = [[f"{file} {line} {source.random()}" for line in range(_LINES)] for file in range(_FILES)]
    ever: set[str] = set()
    for version in range(_VERSIONS):
        text = texts[version % _FILES]
        token = planted(source.randrange(_TOKENS))
        holding = [number for number, line in enumerate(text) if "hf_" in line]
        deed = source.choice(["come", "go", "go", "move", "lines", "cut"])
        if deed == "go" and holding:
            text[:] = [line for line in text if "hf_" not in line]
        elif deed == "move" and holding:
            line = text.pop(source.choice(holding))
            other = source.choice(texts)
            other.insert(source.randrange(len(other)), line)
        elif deed == "come":
            text.insert(source.randrange(len(text)), f"token = '{token}'")
        elif deed == "cut":  # the two halves of a value, brought together only where lines between them go
            at = source.randrange(len(text))
            text[at] += f" {token[:20]}"
        else:
            at = source.randrange(len(text) - 3)
            text[at : at + 2] = [f"changed {version} {source.random()}"] * source.randrange(4)
        repo.commit({f"{number}.txt": "\n".join(each) + "\n" for number, each in enumerate(texts)})
        ever |= {planted(number) for number in range(_TOKENS) if any(planted(number) in "\n".join(t) for t in texts)}
    repo.commit({f"{number}.txt": None for number in range(_FILES)} | {"joined.txt": joined(" cut out ")})
    repo.commit({"joined.txt": joined()})
    return ever | {planted(_TOKENS)}


def joined(between: str = "") -> str:
    """A text with the halves of a value; the version in which they meet is made from the longer one, by a seam."""
    filler = "".join(f"{number * number} filler\n" for number in range(400))
    return f"{filler}{planted(_TOKENS)[:20]}{between}{planted(_TOKENS)[20:]}\n{filler}"


def said(told: Told) -> list[tuple[Any, ...]]:
    assert (told.gaps, told.status) == ([], 1)
    return [
        (each["rule"], each["fingerprint"], each["path"], each["line"], each["object"], each["refs"], each["commits"])
        for each in told.findings
    ]


def looked_at(repo: Repo, scan: Scan) -> list[tuple[Any, ...]]:
    """What is said by one process and by two, without memory and with it: always the same."""
    found = said(scan(repo, "--history-only", "--no-cache", "--jobs", "1"))
    assert said(scan(repo, "--history-only", "--no-cache", "--jobs", "2")) == found
    return found


def test_packed_in_every_way(repo: Repo, scan: Scan) -> None:
    ever = grown(repo)
    first = looked_at(repo, scan)
    assert len(first) == len(ever) > _TOKENS // 2
    assert any(len(commits) > 4 for *_, commits in first)
    repo.git("gc", "--aggressive", "--prune=now", "--quiet")
    assert deltas(repo) > _VERSIONS
    assert looked_at(repo, scan) == first
    repo.git("repack", "-a", "-d", "-f", "--depth=4000", "--window=200", "--quiet")
    assert looked_at(repo, scan) == first
    halves(repo)
    assert len(list((repo.path / ".git/objects/pack").glob("*.pack"))) == 2
    assert looked_at(repo, scan) == first
    assert said(scan(repo, "--history-only")) == said(scan(repo, "--history-only")) == first


def deltas(repo: Repo) -> int:
    """How many objects in the only pack are made from others."""
    (index,) = (repo.path / ".git/objects/pack").glob("*.idx")
    return sum(len(line.split()) == 7 for line in repo.git("verify-pack", "-v", index).split("\n"))


def halves(repo: Repo) -> None:
    """Two packs: of the older half of the commits, and of the rest."""
    middle = repo.git("rev-list", "--first-parent", "HEAD").split("\n")[_VERSIONS // 2]
    old = [pack for pack in (repo.path / ".git/objects/pack").iterdir() if pack.suffix in (".pack", ".idx", ".rev")]
    for asked in (f"{middle}\n", f"HEAD\n^{middle}\n"):
        repo.git("pack-objects", "--revs", "--quiet", ".git/objects/pack/pack", stdin=asked.encode())
    for file in old:
        file.unlink()
    repo.git("fsck", "--full", "--strict")
