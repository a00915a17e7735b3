"""What a repository's refs point at: branches, tags, the stash with its log, and heads that are on no branch."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from modelguard.errors import GitError
from modelguard.model import Gap, GapReason
from modelguard.sources.file import shown_path
from modelguard.sources.history.listing import listing_of
from modelguard.sources.history.repository import Repository

REV_LIST = ("rev-list", "--ignore-missing")
STASH = "refs/stash"
_DETACHED = re.compile(r"([0-9a-f]{40,64})\n?")


@dataclass(frozen=True, slots=True)
class Ref:
    """A ref, and the objects behind it with their kinds: one, or tags and what the last of them is of."""

    name: str
    chain: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refs:
    """Every ref. `whole` says that git could tell what each points at; or else all are taken for commits."""

    refs: tuple[Ref, ...]
    whole: bool


def refs_of(repository: Repository) -> Refs:
    """The refs of a repository, asked once a scan: there may be a hundred thousand."""
    form = "--format=%(objectname) %(objecttype) %(object) %(type) %(refname)"
    listed = lines_of(quiet(repository, "for-each-ref", form))
    whole = bool(listed)
    if not whole:
        listed = lines_of(quiet(repository, "for-each-ref", "--format=%(objectname) commit   %(refname)"))
    found: list[Ref] = []
    for line in listed:
        name, kind, inner, inner_kind, ref = line.split(" ", 4)
        chain = [(name, kind)] if kind != "tag" else [(name, kind), (inner, inner_kind)]
        while chain[-1][1] == "tag":
            header = lines_of(quiet(repository, "cat-file", "tag", chain[-1][0]))[:2]
            if len(header) < 2:
                break
            chain.append((header[0].removeprefix("object "), header[1].removeprefix("type ")))
        found.append(Ref(ref, tuple(chain)))
    return Refs(tuple(found), whole)


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
    asked: dict[str, str] = {}
    for ref in () if refs.whole else refs.refs:
        asked.setdefault(ref.chain[0][0], ref.name)
    for head, name in _detached(repository):
        asked.setdefault(name, head)
    answers = listing_of(repository, list(asked))
    gone = [answer.inner.partition(" ")[2] for answer in answers if isinstance(answer, Gap) and answer.inner]
    detail = "it points at an object that cannot be read; look with `git fsck --full`"
    return [Gap(repository.own, GapReason.MISSING, detail, shown_path(asked[name])) for name in gone if name in asked]


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


def quiet(repository: Repository, *arguments: str) -> bytes:
    """What git prints; nothing where it has nothing to say of it."""
    try:
        return repository.git.ask(*arguments)
    except GitError as error:
        if error.status is None:
            raise
        return b""
