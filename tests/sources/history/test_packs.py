"""What packs say of versions, on packs that git made, and on packs that somebody broke."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from modelguard.sources.history.listing import Listed, listed_of, listing_of, objects, stock
from modelguard.sources.history.packs import Packs
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository, opened

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


def test_hints_are_true(history: Path) -> None:
    repository = opened(str(history), "")
    packs, listed = Packs(repository), blobs(repository)
    reader = ObjectReader(repository)
    contents = {entry.id: content for entry, content in reader.read(listed) if content is not None}
    reader.close()
    spots = {hint.spot: entry.id for entry in listed if (hint := packs.hint(entry.id, entry.size)) is not None}
    assert len(spots) == len(listed) == VERSIONS
    made = 0
    for entry in listed:
        hint = packs.hint(entry.id, entry.size)
        assert hint is not None
        if hint.base is None or hint.fresh is None:
            continue
        made += 1
        base, content = contents[spots[hint.base]], contents[entry.id]
        edges = [0, *hint.fresh, len(content)]
        assert all(content[start:end] in base for start, end in zip(edges[::2], edges[1::2], strict=True))
        assert sum(end - start for start, end in zip(hint.fresh[::2], hint.fresh[1::2], strict=True)) < 1000
    assert made > VERSIONS // 2


def test_an_object_in_two_places_gives_no_hint(history: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(history, copy)
    (pack,) = (copy / ".git/objects/pack").glob("*.pack")
    for suffix in (".pack", ".idx"):
        shutil.copy(pack.with_suffix(suffix), pack.with_name("pack-" + "0" * 40).with_suffix(suffix))
    repository = opened(str(copy), "")
    packs = Packs(repository)
    assert [packs.hint(entry.id, entry.size) for entry in blobs(repository)] == [None] * VERSIONS


def test_a_loose_object_gives_no_hint(history: Path) -> None:
    repository = opened(str(history), "")
    (first, *others) = blobs(repository)
    packs = Packs(repository, frozenset([first.id]))
    assert packs.hint(first.id, first.size) is None
    assert all(packs.hint(entry.id, entry.size) for entry in others)


def test_what_is_not_there_gives_no_hint(history: Path) -> None:
    repository = opened(str(history), "")
    packs = Packs(repository)
    for first in ("00", "ff", "7f"):
        assert packs.hint(first * repository.id_bytes, 5) is None


@pytest.mark.parametrize("seed", range(30))
def test_a_broken_pack_gives_hints_or_none_and_never_breaks(history: Path, tmp_path: Path, seed: int) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(history, copy)
    repository = opened(str(copy), "")
    listed = blobs(repository)
    noise = random.Random(seed)
    (pack,) = (copy / ".git/objects/pack").glob("*.pack")
    for path in noise.sample([pack, pack.with_suffix(".idx")], noise.randrange(1, 3)):
        path.chmod(0o600)
        data = bytearray(path.read_bytes())
        for _ in range(noise.randrange(1, 400)):
            data[noise.randrange(len(data))] = noise.randrange(256)
        path.write_bytes(data[: noise.randrange(len(data))] if noise.random() < 0.5 else data)
    packs = Packs(repository)
    for entry in listed:
        hint = packs.hint(entry.id, entry.size)
        assert hint is None or hint.fresh is None or all(0 <= at <= entry.size for at in hint.fresh)
    packs.close()


def test_git_is_asked_of_objects_by_id(history: Path) -> None:
    repository = opened(str(history), "")
    first = blobs(repository)[0]
    assert listed_of(repository, [first.id]) == [first]
    (gap,) = listing_of(repository, ["0" * (2 * repository.id_bytes)])
    assert not isinstance(gap, Listed)
