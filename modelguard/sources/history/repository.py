"""One repository: where its objects are, what kind it is, what it lacks."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import GitError, UsageError
from modelguard.model import Gap, GapReason, LeftOut
from modelguard.sources.file import shown_path
from modelguard.sources.git import Git, fields

NOT_CHECKED_OUT = "a submodule that is not checked out (git submodule update --init)"
_ALTERNATES_DEPTH = 5  # as git's own
_GITLINK = b"160000"
_ESCAPE = rb'\\([abfnrtv"\\]|[0-3][0-7]{2})'
_ESCAPED = {
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"v": b"\v",
    b'"': b'"',
    b"\\": b"\\",
}


class Repository(Struct, frozen=True):
    """A repository that git has opened.

    `folder` is where git is asked, `shown` how its files are called in reports (empty: as they are), `common` the
    folder that holds objects and refs, `id_bytes` 20 or 32 (32 where it was not asked). `partial` says that objects may
    be missing by design, `shallow` that history is cut off, `hook` that git told us as its hook which repository and
    index it is.
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
        return self.object(f"{name}^{{commit}}", name)

    def object(self, name: str, called: str = "") -> str:
        """The id of what a revision names, also of a tag; errors say what it is `called`.

        Raises:
            UsageError: there is none of that name.
        """
        try:
            answer = self.git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        except GitError as error:
            if error.status != 1:
                raise
            message = f"there is no branch or revision {(called or name)!r} in this repository"
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

    @property
    def boundary(self) -> str:
        """Names where the history of a shallow clone is cut off; empty where it is not."""
        if not self.shallow:
            return ""
        try:
            with open(os.path.join(self.common, "shallow"), "rb") as file:
                return hashlib.sha256(file.read()).hexdigest()
        except OSError:
            return "?"

    def object_folders(self) -> list[str]:
        """Every folder with objects: its own, and those that it borrows from."""
        return [folder for folder in self._borrowed() if os.path.isdir(folder)]

    def lost_folders(self) -> list[str]:
        """The folders that it borrows objects from and that are not there."""
        return [folder for folder in self._borrowed() if not os.path.isdir(folder)]

    def _borrowed(self) -> list[str]:
        found: list[str] = []
        pending = [(os.path.join(self.common, "objects"), 0)]
        while pending:
            folder, depth = pending.pop(0)
            real = os.path.realpath(folder)
            if real in found:
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
        id_bytes=32 if form == b"sha256" else 20,
    )
    return _with_partial(repository)


def lacks(repository: Repository) -> Iterator[Gap | LeftOut]:
    """What a repository does not hold: history beyond a shallow clone, what it borrows, submodules."""
    for folder in repository.lost_folders():
        detail = "its objects are not here; correct `git rev-parse --git-path objects/info/alternates`"
        yield Gap(repository.own, GapReason.MISSING, detail, f"alternate {shown_path(folder)}")
    if repository.shallow:
        detail = "a shallow clone: what lies before it is not here; run `git fetch --unshallow`"
        yield Gap(repository.own, GapReason.MISSING, detail)
    for path in _submodules(repository):
        if not _is_checked_out(repository, path):
            yield LeftOut(repository.path(path) + "/", NOT_CHECKED_OUT)


def submodules(folder: str, shown: str) -> list[tuple[str, str]]:
    """The repositories that are checked out as submodules of the one in `folder`, each with how it is shown.

    Raises:
        GitError: git is missing, or refuses it.
    """
    repository = opened(folder, shown)
    return [
        (os.path.join(folder, os.fsdecode(path)), repository.path(path))
        for path in _submodules(repository)
        if _is_checked_out(repository, path)
    ]


def _is_checked_out(repository: Repository, path: bytes) -> bool:
    return not repository.bare and os.path.lexists(os.path.join(os.fsencode(repository.folder), path, b".git"))


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
            return [_unquoted(line.rstrip("\n")) for line in file if line.strip() and not line.startswith("#")]
    except OSError:
        return []


def _unquoted(path: str) -> str:
    """A path as git reads it: in quotes, there may be escapes as in C."""
    if not path.startswith('"') or not path.endswith('"'):
        return path
    inside = os.fsencode(path[1:-1])
    return os.fsdecode(re.sub(_ESCAPE, lambda found: _ESCAPED.get(found[1]) or bytes([int(found[1], 8)]), inside))
