"""What a repository's refs point at: branches, tags, the stash with its log, and heads that are on no branch."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from modelguard.errors import GitError
from modelguard.model import Gap, GapReason
from modelguard.sources.file import shown_path
from modelguard.sources.git import on_lines
from modelguard.sources.history.listing import Listed
from modelguard.sources.history.reader import ObjectReader
from modelguard.sources.history.repository import Repository

REFS = ("for-each-ref", "--format=%(objectname) %(refname)")
REV_LIST = ("rev-list", "--ignore-missing")
STASH = "refs/stash"
_TAG = re.compile(rb"object ([0-9a-f]{40,64})\ntype (commit|tree|blob|tag)\n")  # gitformat of git-mktag(1)
_DETACHED = re.compile(r"([0-9a-f]{40,64})\n?")


class Ref(Struct, frozen=True):
    """A ref as reports show it, and the objects behind it with their kinds: one, or tags and what the last is of."""

    name: str
    chain: tuple[tuple[str, str], ...]


class Refs(Struct, frozen=True):
    """Every ref whose object is here, and the objects that are not, each with the name of a ref that points at it."""

    refs: tuple[Ref, ...]
    lost: Mapping[str, str]


def refs_of(repository: Repository, commits: Container[str]) -> Refs:
    """The refs of a repository, asked once a scan: there may be a hundred thousand.

    `commits` are known to be commits: git need not look at them.
    """
    listed = [tuple(line.split(" ", 1)) for line in lines_of(quiet(repository, *REFS))]
    asked = dict.fromkeys(name for name, _ in listed if name not in commits)
    chains = behind(repository, list(asked))
    found: list[Ref] = []
    lost: dict[str, str] = {}
    for name, ref in listed:
        chain = chains[name] if name in asked else ((name, "commit"),)
        if chain:
            found.append(Ref(shown_path(ref), chain))
        else:
            lost.setdefault(name, ref)
    return Refs(tuple(found), lost)


def behind(repository: Repository, names: Sequence[str]) -> dict[str, tuple[tuple[str, str], ...]]:
    """For each object it and its kind, and if it is a tag, what that is of, and so on; nothing if it is not here."""
    kinds = _kinds(repository, names)
    inner: dict[str, tuple[str, str]] = {}
    pending = [listed for listed in kinds.values() if listed.kind == "tag"]
    reader = ObjectReader(repository)
    try:
        while pending:
            for tag, content in reader.read(pending):
                head = _TAG.match(content or b"")
                if head is not None:
                    inner[tag.id] = (head[1].decode(), head[2].decode())
            of_tags = [inner[tag.id][0] for tag in pending if inner.get(tag.id, ("", ""))[1] == "tag"]
            listed = _kinds(repository, [name for name in of_tags if name not in inner])
            pending = [each for each in listed.values() if each.kind == "tag"]  # whatever the other one says of it
    finally:
        reader.close()
    return {name: _chain(name, kinds, inner) for name in names}


def _chain(name: str, kinds: Mapping[str, Listed], inner: Mapping[str, tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    if name not in kinds:
        return ()
    chain = {name: kinds[name].kind}
    last = name
    while last in inner and inner[last][0] not in chain:
        last, kind = inner[last]
        chain[last] = kind
    return tuple(chain.items())


def _kinds(repository: Repository, names: Sequence[str]) -> dict[str, Listed]:
    """What git says of those that are here."""
    if not names:
        return {}
    answer = quiet(repository, "cat-file", "--buffer", "--batch-check", stdin=on_lines(names))
    told = (line.split(" ") for line in lines_of(answer))
    return {about[0]: Listed(about[0], about[1], int(about[2])) for about in told if len(about) == 3}


def tips_of(repository: Repository, refs: Refs) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Each commit that refs point at, with their names, and those of the stash, whose own log holds all but the newest.

    A HEAD counts where it is detached.
    """
    found: dict[str, dict[str, None]] = {}
    stashes: list[str] = []
    for ref in refs.refs:
        name, kind = ref.chain[-1]
        if kind == "commit":
            found.setdefault(name, {})[ref.name] = None
        if ref.name == STASH:
            stashes = [*dict.fromkeys(lines_of(quiet(repository, *REV_LIST, "-g", STASH)))]
    for name in stashes:
        found.setdefault(name, {})[STASH] = None
    for head, name in _detached(repository):
        found.setdefault(name, {})[head] = None
    return {name: tuple(names) for name, names in found.items()}, stashes


def lost_refs(repository: Repository, refs: Refs) -> list[Gap]:
    """The refs and detached heads that point at an object that is not here."""
    heads = {name: head for head, name in _detached(repository)}
    here = _kinds(repository, list(heads))
    lost = {**{name: head for name, head in heads.items() if name not in here}, **refs.lost}
    detail = "it points at an object that cannot be read; look with `git fsck --full`"
    return [Gap(repository.own, GapReason.MISSING, detail, shown_path(ref)) for ref in lost.values()]


def _detached(repository: Repository) -> Iterator[tuple[str, str]]:
    """The heads that are on no branch, of the repository and of the work trees that are linked to it."""
    folders = [("HEAD", repository.common)]
    folders += [(f"worktrees/{os.path.basename(folder)}/HEAD", folder) for folder in linked(repository)]
    for head, folder in folders:
        with suppress(OSError), open(os.path.join(folder, "HEAD"), encoding="utf-8", errors="replace") as file:
            found = _DETACHED.fullmatch(file.read(100))
            if found:
                yield shown_path(head), found[1]


def linked(repository: Repository) -> list[str]:
    """What git keeps of each linked work tree."""
    folder = os.path.join(repository.common, "worktrees")
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    except OSError:
        return []


def lines_of(answer: bytes) -> list[str]:
    """The lines of an answer that hold anything."""
    return [line for line in answer.decode("utf-8", "surrogateescape").split("\n") if line]


def quiet(repository: Repository, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git prints; nothing where it has nothing to say of it."""
    try:
        return repository.git.ask(*arguments, stdin=stdin)
    except GitError as error:
        if error.status is None:
            raise
        return b""
