"""Versions as they are read from packs: from those that git made, and from those that somebody broke."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from modelguard.errors import GitError
from modelguard.sources.history.families import by_family
from modelguard.sources.history.listing import Listed, listed_of, listing_of, objects, stock
from modelguard.sources.history.packs import Packs
from modelguard.sources.history.repository import Repository, opened
from modelguard.sources.history.versions import Contents, Version, Versions

VERSIONS = 40


def git(folder: Path, *arguments: str) -> str:
    named = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "gc.auto=0")
    return subprocess.run(["git", "-C", folder, *named, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module", params=["sha1", "sha256"])
def history(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty versions of a long file, in one pack."""
    folder = tmp_path_factory.mktemp(request.param)
    git(folder, "init", "-q", f"--object-format={request.param}")
    noise = random.Random(7)
    lines = [f"value_{number} = {noise.random()}" for number in range(600)]
    for version in range(VERSIONS):
        for _ in range(noise.randrange(1, 4)):
            lines[noise.randrange(len(lines))] = f"changed_{version} = {noise.random()}"
        (folder / "long.py").write_text("\n".join(lines))
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", f"version {version}")
    git(folder, "repack", "-qadf", "--depth=50", "--window=50")
    return folder


def blobs(repository: Repository) -> list[Listed]:
    found = [entry for entry in objects(repository, stock(repository), ()) if isinstance(entry, Listed)]
    return [entry for entry in found if entry.kind == "blob"]


def versions(repository: Repository, packs: Packs, objects: Sequence[Listed]) -> list[Version]:
    """What is read of the objects, with what each was made from still at hand."""
    reader = Versions(repository, packs)
    found = list(reader.read(objects))
    reader.close()
    return found


def test_versions_are_what_git_says_and_between_what_is_new_what_they_are_made_from(history: Path) -> None:
    repository = opened(str(history), "")
    listed = list(by_family(blobs(repository)))
    contents = by_git(repository, listed)
    read = versions(repository, Packs(repository), listed)
    assert [version.listed for version in read] == listed and len(listed) == VERSIONS
    made = 0
    for version in read:
        content = contents[version.listed.id]
        assert version.content == content
        if version.base is None or version.fresh is None:
            continue
        made += 1
        base = contents[version.base.listed.id]
        edges = [0, *version.fresh, len(content)]
        assert all(content[start:end] in base for start, end in zip(edges[::2], edges[1::2], strict=True))
        assert sum(end - start for start, end in zip(version.fresh[::2], version.fresh[1::2], strict=True)) < 1000
    assert made > VERSIONS // 2


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_and_in_any_parts_they_are_what_git_says(history: Path, seed: int) -> None:
    repository = opened(str(history), "")
    noise = random.Random(seed)
    listed = list(by_family(blobs(repository))) if seed % 2 else noise.sample(blobs(repository), VERSIONS)
    contents = by_git(repository, listed)
    reader = Versions(repository, Packs(repository))
    for start in range(0, VERSIONS, 7):
        for version in reader.read(listed[start : start + 7]):
            assert version.content == contents[version.listed.id]
    reader.close()


def test_families_lose_nothing_and_begin_with_what_the_others_are_made_from(history: Path) -> None:
    listed = blobs(opened(str(history), ""))
    forged = [Listed("aa", "blob", 1, "bb"), Listed("bb", "blob", 1, "aa"), Listed("cc", "blob", 1, "not listed")]
    shuffled = random.Random(3).sample([*listed, *forged], VERSIONS + 3)
    ordered = list(by_family(shuffled))
    assert sorted(ordered) == sorted(shuffled)
    places = {entry.id: place for place, entry in enumerate(ordered)}
    assert all(places[entry.base] < places[entry.id] for entry in listed if entry.base)


def test_an_object_in_two_places_is_left_to_git(history: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(history, copy)
    (pack,) = (copy / ".git/objects/pack").glob("*.pack")
    for suffix in (".pack", ".idx"):
        shutil.copy(pack.with_suffix(suffix), pack.with_name("pack-" + "0" * 40).with_suffix(suffix))
    repository = opened(str(copy), "")
    packs = Packs(repository)
    assert [packs.entry(entry.id) for entry in blobs(repository)] == [None] * VERSIONS


def test_a_loose_object_is_left_to_git(history: Path) -> None:
    repository = opened(str(history), "")
    (first, *others) = blobs(repository)
    packs = Packs(repository, frozenset([first.id]))
    assert packs.entry(first.id) is None
    assert all(packs.entry(entry.id) for entry in others)


def test_what_is_not_there_has_no_entry(history: Path) -> None:
    repository = opened(str(history), "")
    packs = Packs(repository)
    for first in ("00", "ff", "7f"):
        assert packs.entry(first * repository.id_bytes) is None


def test_an_index_of_many_packs_does_not_lead_git_elsewhere(history: Path, tmp_path: Path) -> None:
    """It may say that an object lies where another does: git would read that one, and we would not."""
    copy = tmp_path / "copy"
    shutil.copytree(history, copy)
    git(copy, "multi-pack-index", "write")
    (file,) = (copy / ".git/objects/pack").glob("multi-pack-index")
    repository = opened(str(copy), "")
    listed = blobs(repository)
    contents = by_git(repository, listed)
    data = bytearray(file.read_bytes())
    (chunk,) = [at for at in range(12, len(data)) if data[at : at + 4] == b"OOFF"]
    start, end = (int.from_bytes(data[at : at + 8], "big") for at in (chunk + 4, chunk + 16))
    data[start:end] = data[end - 8 : end] * ((end - start) // 8)  # all of them where the last one is
    file.chmod(0o600)
    file.write_bytes(data)
    assert by_git(repository, listed) == contents


@pytest.mark.parametrize("seed", range(30))
def test_of_a_broken_pack_nothing_is_read_but_what_git_reads(history: Path, tmp_path: Path, seed: int) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(history, copy)
    repository = opened(str(copy), "")
    listed = list(by_family(blobs(repository)))
    noise = random.Random(seed)
    (pack,) = (copy / ".git/objects/pack").glob("*.pack")
    for path in noise.sample([pack, pack.with_suffix(".idx")], noise.randrange(1, 3)):
        path.chmod(0o600)
        data = bytearray(path.read_bytes())
        for _ in range(noise.randrange(1, 400)):
            data[noise.randrange(len(data))] = noise.randrange(256)
        path.write_bytes(data[: noise.randrange(len(data))] if noise.random() < 0.5 else data)
    contents = by_git(repository, listed)
    for version in versions(repository, Packs(repository), listed):
        assert version.content in (None, contents.get(version.listed.id))


def by_git(repository: Repository, objects: Sequence[Listed]) -> dict[str, bytes]:
    """What git itself says that they hold, each asked for alone."""
    found: dict[str, bytes] = {}
    for entry in objects:
        try:
            found[entry.id] = repository.git.ask("cat-file", entry.kind, entry.id)
        except GitError:
            continue
    return found


def test_git_is_asked_of_objects_by_id(history: Path) -> None:
    repository = opened(str(history), "")
    first = blobs(repository)[0]
    assert listed_of(repository, [first.id]) == [first]
    (gap,) = listing_of(repository, ["0" * (2 * repository.id_bytes)])
    assert not isinstance(gap, Listed)


def test_what_is_not_read_to_its_end_is_no_answer_to_what_is_asked_next(history: Path) -> None:
    repository = opened(str(history), "")
    listed = blobs(repository)
    known = by_git(repository, listed)
    left_to_git = Contents(repository, frozenset(entry.id for entry in listed))
    for count in (1, 7, 0, VERSIONS, 3):
        part = left_to_git.read(listed)
        assert [version.content for version in islice(part, count)] == [known[each.id] for each in listed[:count]]
    left_to_git.close()
