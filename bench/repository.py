"""Repositories to measure on: what they hold, how they are made, copied, and given one more commit."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_PERSON = b"modelguard bench <bench@modelguard.invalid>"
_SMALL_BYTES = 20_000
_TEXT = re.compile(rb"100644 blob ([0-9a-f]+) +(\d+)\t([\w./-]+\.(?:py|md|txt|rst|toml|yml|yaml|json))")
NOBODY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}  # no hooks, templates or signing of theirs
_FIRST_SECOND = 1_700_000_000


@dataclass(frozen=True)
class Contents:
    """How many objects a repository holds, how many of them are blobs, and the bytes of each, unpacked."""

    objects: int = 0
    object_bytes: int = 0
    blobs: int = 0
    blob_bytes: int = 0

    def __str__(self) -> str:
        sizes = f"{self.object_bytes / 1e6:,.0f} MB, of them {self.blobs:,} blobs, {self.blob_bytes / 1e6:,.0f} MB"
        return f"{self.objects:,} objects, {sizes}"


def contents(repository: Path) -> Contents:
    """What the repository holds, reachable or not."""
    form = "--batch-check=%(objecttype) %(objectsize)"
    return counted(git(repository, "cat-file", "--batch-all-objects", "--unordered", form).splitlines())


def counted(lines: Iterable[bytes]) -> Contents:
    """The sums over lines of a type and a size."""
    sizes = [(kind, int(size)) for kind, size in (line.split() for line in lines)]
    blobs = [size for kind, size in sizes if kind == b"blob"]
    return Contents(len(sizes), sum(size for _, size in sizes), len(blobs), sum(blobs))


def git(repository: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git says; its failure is an error."""
    return subprocess.run(
        ["git", "-C", str(repository), *arguments],
        input=stdin,
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, **NOBODY},
    ).stdout


def imported(repository: Path, commits: Iterable[bytes], bare: bool = True) -> None:
    """Make `repository` out of a `git fast-import` stream, without deltas: a later repack makes better ones, faster."""
    repository.mkdir(parents=True)
    git(repository, "init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))
    for setting, value in (("user.name", "bench"), ("user.email", "bench@modelguard.invalid"), ("gc.auto", "0")):
        git(repository, "config", setting, value)
    command = ["git", "-C", str(repository), "-c", "core.compression=1", "fast-import", "--quiet", "--depth=0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env={**os.environ, **NOBODY}) as importer:
        assert importer.stdin is not None
        importer.stdin.writelines(commits)
        importer.stdin.close()
        if importer.wait():
            raise SystemExit(f"git fast-import: exit status {importer.returncode}")


def mirrored(repository: Path, copy: Path) -> Path:
    """A bare copy with all refs, whose packs are links where the file system allows, so that the original stays."""
    subprocess.run(["git", "clone", "--quiet", "--mirror", str(repository), str(copy)], check=True)
    git(copy, "config", "gc.auto", "0")
    return copy


def whole(repository: Path, copy: Path) -> Path:
    """The same as somebody has it who cloned all of it: a partial clone is one no more, with what it lacks left empty.

    git is asked what a partial clone lacks in every scan of one (0.4 s of CPU for 110,000 objects).
    """
    lost = missing(repository)
    mirrored(repository, copy)
    fill_gaps(copy, lost)
    for promise in (copy / "objects" / "pack").glob("*.promisor"):
        promise.unlink()
    return copy


def missing(repository: Path) -> list[str]:
    """The objects that refs lead to and that are not there, as in a partial clone."""
    lines = git(repository, "rev-list", "--objects", "--all", "--missing=print").splitlines()
    return [line[1:].decode() for line in lines if line.startswith(b"?")]


def fill_gaps(copy: Path, lost: Iterable[str]) -> None:
    """Put an empty blob in the place of each lost one, under its name: `git log -p` ends at the first it cannot read.

    git compares a blob with its name only when it is asked to check; `git replace` is not heeded by all.
    """
    for name in lost:
        path = copy / "objects" / name[:2] / name[2:]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zlib.compress(b"blob 0\0"))


def commit_once_more(repository: Path, files: int = 5) -> None:
    """Commit to HEAD's branch: `files` small text files get one more line each."""
    branch = git(repository, "symbolic-ref", "HEAD").strip()
    tip = git(repository, "rev-parse", "HEAD").strip()
    chosen = list(itertools.islice(small_texts(git(repository, "ls-tree", "-r", "-l", "HEAD").splitlines()), files))
    if len(chosen) < files:
        raise SystemExit(f"{repository}: there are no {files} small files to change")
    texts = [(name, git(repository, "cat-file", "blob", blob) + b"# one more line\n") for blob, name in chosen]
    git(repository, "fast-import", "--quiet", stdin=b"".join(commit(branch, _FIRST_SECOND, texts, tip)))


def small_texts(listing: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The blob and the name of each small text, out of the lines of `git ls-tree -r -l`."""
    for line in listing:
        found = _TEXT.fullmatch(line)
        if found and 0 < int(found[2]) < _SMALL_BYTES:
            yield found[1].decode(), found[3]


def commit(branch: bytes, second: int, texts: Sequence[tuple[bytes, bytes]], tip: bytes = b"") -> Iterator[bytes]:
    """One commit for `git fast-import`, always by the same person; on `tip`, or on the one before it in the stream."""
    yield b"commit %s\ncommitter %s %d +0000\ndata 6\nbench\n\n" % (branch, _PERSON, second)
    if tip:
        yield b"from %s\n" % tip
    for name, text in texts:
        yield b"M 100644 inline %s\ndata %d\n" % (name, len(text))
        yield text
        yield b"\n"
