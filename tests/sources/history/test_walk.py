"""The commit graph: in an order that only the commits decide, held by what reaches them."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelguard.sources.history import refs, walk
from modelguard.sources.history.listing import Listed
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.refs import Refs, refs_of
from modelguard.sources.history.repository import Repository, opened
from modelguard.sources.history.walk import Node, Nodes, graph, nodes, nodes_in_reach
from tests.tools.repo import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A new repository without a commit."""
    home = tmp_path / "home"
    home.mkdir()
    return Repo(tmp_path / "repo", home).init()


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Node]:
    """Commits with up to three parents before them, some of which are not here, and dates that lie."""
    count = draw(st.integers(0, 12))
    names = [f"{number:040x}" for number in draw(st.permutations(range(count)))]
    found: dict[str, Node] = {}
    for number, name in enumerate(names):
        before = [*names[:number], "f" * 40]
        parents = draw(st.lists(st.sampled_from(before), max_size=3, unique=True))
        found[name] = Node(draw(st.integers(0, 3)), tuple(parents))
    return found


def order(known: dict[str, Node], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(walk, "quiet", lambda *_, **__: b"")
    monkeypatch.setattr(walk, "tips_of", lambda *_: ({}, []))
    return list(graph(Repository("", "", ""), Refs((), {}), Nodes(known)).parents)


@given(histories(), st.randoms())
def test_the_order_depends_on_the_commits_alone(known: dict[str, Node], source: random.Random) -> None:
    with pytest.MonkeyPatch.context() as patch:
        told = order(known, patch)
        shuffled = list(known.items())
        source.shuffle(shuffled)
        assert order(dict(shuffled), patch) == told
    place = {name: number for number, name in enumerate(told)}
    assert sorted(told) == sorted(known)
    assert all(place[name] < place[each] for name in told for each in known[name].parents if each in place)


def test_of_two_commits_the_later_one_is_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"b" * 40: Node(5, ()), "a" * 40: Node(7, ()), "c" * 40: Node(6, ("a" * 40,))}
    assert order(known, monkeypatch) == ["c" * 40, "a" * 40, "b" * 40]


@pytest.mark.parametrize("length", [1, 2, 5])
def test_commits_that_are_each_others_ancestors(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    """git computes ids from content, so it takes a forged object to make them so; each is told once."""
    names = [f"{number:040x}" for number in range(length)]
    known = {name: Node(0, (names[number - 1],)) for number, name in enumerate(names)}
    assert sorted(order(known, monkeypatch)) == names


def loose(repository: Repo, name: str, content: bytes) -> None:
    folder = repository.path / ".git" / "objects" / name[:2]
    folder.mkdir(exist_ok=True)
    (folder / name[2:]).write_bytes(zlib.compress(b"commit %d\0" % len(content) + content))


def about(repository: Repo, parents: Sequence[str]) -> bytes:
    tree = repository.git("rev-parse", "HEAD^{tree}").strip()
    told = [f"tree {tree}", *(f"parent {name}" for name in parents)]
    return "\n".join(
        [*told, "author A <a@example.org> 1 +0000", "committer A <a@example.org> 1 +0000", "", "x"]
    ).encode()


def seen(repository: Repo) -> tuple[Repository, Refs]:
    found = opened(str(repository.path), "")
    return found, refs_of(found, ())


def test_a_forged_circle_in_a_repository(repo: Repo) -> None:
    repo.commit({"a.txt": "a\n"})
    one, two = "1" * 40, "2" * 40
    loose(repo, one, about(repo, [two]))
    loose(repo, two, about(repo, [one]))
    content = about(repo, [one])
    start = hashlib.sha1(b"commit %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    loose(repo, start, content)
    Path(repo.path / ".git" / "refs" / "heads" / "forged").write_text(f"{start}\n")
    repository, held_by = seen(repo)
    everything = {repo.head(), one, two, start}
    for found in (nodes(repository, sorted(everything)), nodes_in_reach(repository)):
        shown = graph(repository, held_by, found)
        assert (shown.parents.keys(), shown.unreached) == (everything, frozenset())


def test_a_commit_that_cannot_be_read_takes_no_other_with_it(repo: Repo) -> None:
    names = [repo.commit({"a.txt": f"{number}\n"}) for number in range(9)]
    broken = names[4]
    file = repo.path / ".git" / "objects" / broken[:2] / broken[2:]
    file.chmod(0o600)
    file.write_bytes(b"nothing")
    repository, held_by = seen(repo)
    found = nodes(repository, names)
    assert (found.known.keys(), found.damaged) == (set(names) - {broken}, True)
    shown = graph(repository, held_by, found)
    assert shown.damaged
    assert shown.unreached == set(names[:4])
    assert list(shown.parents) == [*reversed(names[5:]), *reversed(names[:4])]


def test_what_a_tag_says_to_be_a_tag_is_not_read_as_one(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be a blob of any size."""
    repo.commit({"a.txt": "a\n"})
    blob = repo.git("rev-parse", "HEAD:a.txt").strip()
    content = f"object {blob}\ntype tag\ntag x\ntagger A <a@example.org> 1 +0000\n\nx\n"
    forged = repo.git("hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=content.encode()).strip()
    (repo.path / ".git" / "refs" / "tags" / "forged").write_text(f"{forged}\n")
    asked: list[str] = []
    really = refs.ObjectReader.read

    def read(reader: ObjectReader, objects: Sequence[Listed]) -> Iterator[tuple[Listed, bytes | None]]:
        asked.extend(entry.id for entry in objects)
        return really(reader, objects)

    monkeypatch.setattr(refs.ObjectReader, "read", read)
    found = {ref.name: ref.chain for ref in seen(repo)[1].refs}
    assert found["refs/tags/forged"] == ((forged, "tag"), (blob, "tag"))
    assert asked == [forged]


def test_reach(repo: Repo) -> None:
    """Heads of other work trees, stashes and reflogs hold commits, too."""
    first = repo.commit({"a.txt": "1\n"})
    amended = repo.commit({"a.txt": "2\n"})
    repo.git("commit", "--quiet", "--amend", "--message", "other")
    last = repo.head()
    repo.git("worktree", "add", "--quiet", "--detach", repo.path.parent / "other", first)
    elsewhere = repo.path.parent / "other"
    (elsewhere / "a.txt").write_text("3\n")
    repo.git("-C", elsewhere, "commit", "--quiet", "-a", "-m", "elsewhere")
    detached = repo.git("-C", elsewhere, "rev-parse", "HEAD").strip()
    repository, held_by = seen(repo)
    for found in (nodes(repository, [first, amended, last, detached]), nodes_in_reach(repository)):
        shown = graph(repository, held_by, found)
        assert (shown.unreached, shown.in_reflogs, shown.damaged) == ({amended}, {amended}, False)
        assert shown.tips[last] == ("refs/heads/main",)
        assert shown.tips[detached] == ("worktrees/other/HEAD",)


def test_a_commit_says_itself_what_git_says_of_it(repo: Repo) -> None:
    first = repo.commit({"a.txt": "1\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    side = repo.commit({"b.txt": "2\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"c.txt": "3\n"})
    repo.git("merge", "--quiet", "--no-edit", "side")
    repo.git("-c", "i18n.commitEncoding=latin-1", "commit", "--quiet", "--allow-empty", "-m", "committer x <y> 7 +0000")
    names = repo.git("rev-list", "--all").split()
    repository = opened(str(repo.path), "")
    lines = [walk.line_of(name, repository.git.ask("cat-file", "commit", name)) for name in names]
    assert walk.nodes_told(lines) == nodes(repository, names)
    assert {first, side} < set(names) and len(names) == 5


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"tree " + b"1" * 40 + b"\nparent x\nauthor a <b> 1 +0000\ncommitter a <b> 1 +0000\n\nx",
        b"tree " + b"1" * 40 + b"\nauthor a <b> 1 +0000\n\ncommitter a <b> 1 +0000\n\nx",
        b"tree " + b"1" * 40 + b"\nauthor a <b> 1 +0000\ncommitter a <b> -1 +0000\n\nx",
        b"tree " + b"1" * 40 + b"\nauthor a <b> 1 +0000\ncommitter a <b> " + b"9" * 30 + b" +0000\n\nx",
    ],
)
def test_an_odd_commit_is_left_to_git(content: bytes) -> None:
    assert walk.line_of("1" * 40, content) == ""
