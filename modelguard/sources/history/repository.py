"""One repository: where its objects are, what kind it is, what it lacks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace

from modelguard.errors import GitError, UsageError
from modelguard.model import Gap, GapReason, LeftOut
from modelguard.sources.file import shown_path
from modelguard.sources.git import Git, fields

NOT_CHECKED_OUT = "a submodule that is not checked out (git submodule update --init)"
_ALTERNATES_DEPTH = 5  # as git's own
_GITLINK = b"160000"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that git has opened.

    `folder` is where git is asked, `shown` how its files are called in reports (empty: as they are), `common` the
    folder that holds objects and refs, `id_bytes` 20 or 32 (32 where it
    was not asked). `partial` says that objects may be missing by design,
    `shallow` that history is cut off, `hook` that git told us as its hook which
    repository and index it is.
    """

    folder: str
    shown: str
    common: str
    bare: bool = False
    shallow: bool = False
    partial: bool = False
    id_bytes: int = 32
    hook: bool = False

    @property
    def git(self) -> Git:
        """The git that is asked of it."""
        return Git(self.folder, self.hook)

    def commit(self, name: str) -> str:
        """The id of the commit that a revision names.

        Raises:
            UsageError: there is none of that name.
        """
        try:
            answer = self.git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitError as error:
            if error.status != 1:
                raise
            message = f"there is no branch or revision {name!r} in this repository"
            raise UsageError(message, "Fetch it, or name another one.") from None
        return answer.decode("ascii").strip()

    def path(self, inside: bytes) -> str:
        """A path in the repository as reports show it."""
        name = shown_path(os.fsdecode(inside))
        return f"{self.shown.rstrip('/')}/{name}" if self.shown else name

    @property
    def own(self) -> str:
        """What findings that lie in no file are said to lie in: the repository itself."""
        return shown_path(os.path.join(self.shown, ".git")) if not self.bare else shown_path(self.shown or self.folder)

    def object_folders(self) -> list[str]:
        """Every folder with objects: its own, and those that it borrows from."""
        found: list[str] = []
        pending = [(os.path.join(self.common, "objects"), 0)]
        while pending:
            folder, depth = pending.pop(0)
            real = os.path.realpath(folder)
            if real in found or not os.path.isdir(real):
                continue
            found.append(real)
            if depth < _ALTERNATES_DEPTH:
                pending += [(os.path.join(real, other), depth + 1) for other in _alternates(real)]
        return found


def opened(folder: str, shown: str) -> Repository:
    """The repository whose top is `folder`.

    Raises:
        GitError: git is missing, or refuses it.
    """
    questions = ("--git-common-dir", "--is-bare-repository", "--is-shallow-repository", "--show-object-format")
    answer = Git(folder).ask("rev-parse", "--path-format=absolute", *questions)
    *common, bare, shallow, form = answer.rstrip(b"\n").split(b"\n")  # a path may hold a line break
    repository = Repository(
        folder=folder,
        shown="" if shown == "." else shown,
        common=os.fsdecode(b"\n".join(common)),
        bare=bare == b"true",
        shallow=shallow == b"true",
        partial=False,
        id_bytes=32 if form == b"sha256" else 20,
    )
    return _with_partial(repository)


def lacks(repository: Repository) -> Iterator[Gap | LeftOut]:
    """What a repository does not hold: history beyond a shallow clone, objects of a partial one, submodules."""
    if repository.shallow:
        detail = "a shallow clone: what lies before it is not here; run `git fetch --unshallow`"
        yield Gap(repository.own, GapReason.MISSING, detail)
    if repository.partial:
        yield from _promised(repository)
    for path in _submodules(repository):
        if repository.bare or not os.path.lexists(os.path.join(os.fsencode(repository.folder), path, b".git")):
            yield LeftOut(repository.path(path) + "/", NOT_CHECKED_OUT)


def _promised(repository: Repository) -> Iterator[Gap]:
    """Objects that a partial clone has not fetched. git itself must be asked: only trees know what should be here."""
    try:
        answer = repository.git.ask("rev-list", "--objects", "--all", "--quiet", "--missing=print")
    except GitError as error:
        yield Gap(repository.own, GapReason.MISSING, f"a partial clone, and {error.message}")
        return
    missing = sum(line.startswith(b"?") for line in answer.split(b"\n"))
    if missing:
        detail = f"a partial clone: {missing} objects are not here; run `git fetch --refetch --no-filter`"
        yield Gap(repository.own, GapReason.MISSING, detail)


def _submodules(repository: Repository) -> list[bytes]:
    """Paths of the submodules of the index, or of the newest commit where there is no index."""
    asked = ("ls-tree", "-r", "-z", "HEAD") if repository.bare else ("ls-files", "--stage", "-z")
    try:
        entries = fields(repository.git.ask(*asked))
    except GitError:  # no commit yet
        return []
    return [entry.partition(b"\t")[2] for entry in entries if entry.startswith(_GITLINK)]


def _with_partial(repository: Repository) -> Repository:
    for folder in repository.object_folders():
        try:
            if any(name.endswith(".promisor") for name in os.listdir(os.path.join(folder, "pack"))):
                return replace(repository, partial=True)
        except OSError:
            continue
    return repository


def _alternates(objects: str) -> list[str]:
    try:
        with open(os.path.join(objects, "info", "alternates"), encoding="utf-8", errors="surrogateescape") as file:
            return [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]
    except OSError:
        return []
