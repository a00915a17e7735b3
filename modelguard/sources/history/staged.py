"""What the next commit would hold: the content that is staged, not the files in the work tree.

git tells its hooks which index a commit is made from (`GIT_INDEX_FILE`), so that `git commit FILE` is looked at as it
will be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from modelguard.errors import GitError, Unreadable, UsageError
from modelguard.model import Finding, Gap, GapReason, LeftOut
from modelguard.sources.exclusion import Exclusions
from modelguard.sources.git import fields
from modelguard.sources.git_folder import is_bare, top_of
from modelguard.sources.history.blob import ObjectBlob
from modelguard.sources.history.lfs import POINTER_BYTES, is_here, left_out, lfs_blob, pointed_at
from modelguard.sources.history.listing import listed_of, lost
from modelguard.sources.history.repository import Repository
from modelguard.sources.interface import Item

GITLINK = "160000"
SUBMODULE = "a submodule's commit (its files are its own repository's)"


def repository_here(folder: str = ".") -> Repository:
    """The repository of a folder, as git tells a hook, or as it lies around the folder.

    Raises:
        UsageError: there is none.
    """
    told = "GIT_DIR" in os.environ
    top = os.environ.get("GIT_WORK_TREE") or (folder if told else top_of(folder))
    if top is None:
        raise UsageError("not a git repository, nor inside of one", "Run it inside of a repository.")
    shown = os.path.relpath(top) if os.path.realpath(top) != os.getcwd() else ""
    return Repository(folder=top, shown=shown, common="", hook=told or top == top_of("."))


class StagedSource:
    """A Source over the staged content that differs from the newest commit, of files whose names end with `suffix`.

    With `or_all`, over all that the index holds where nothing differs.
    """

    whole = False

    def __init__(
        self, repository: Repository, exclusions: Exclusions, or_all: bool = False, suffix: bytes = b""
    ) -> None:
        if is_bare(repository.folder):
            raise UsageError("a bare repository, in which nothing can be staged", "Run it inside of a work tree.")
        self._repository = repository
        self._exclusions = exclusions
        self._or_all = or_all
        self._suffix = suffix

    def items(self) -> Iterator[Item]:
        """See `Source.items`."""
        listed = list(self._changed()) or (list(self._held()) if self._or_all else [])
        entries = [entry for entry in listed if entry[0].endswith(self._suffix)]
        yield from content_of(
            self._repository, self._exclusions, [(path, mode, name) for path, mode, name in entries if name]
        )
        for path, _, name in entries:
            if not name:
                detail = "not merged yet; resolve the conflict and stage it"
                yield Gap(self._repository.path(path), GapReason.MALFORMED, detail)

    def described(self, findings: Sequence[Finding]) -> list[Finding]:
        """See `Source.described`: there is nothing to add."""
        return list(findings)

    def repositories(self) -> Sequence[tuple[str, str]]:
        """See `Source.repositories`: no history is asked for."""
        return ()

    def _changed(self) -> Iterator[tuple[bytes, str, str]]:
        """Path, mode and object id of what is staged; no id where a conflict is not resolved."""
        git = self._repository.git
        try:
            answer = git.ask("diff-index", "--cached", "--raw", "--no-renames", "--no-abbrev", "-z", "HEAD")
        except GitError as error:
            if error.status is None or not self._is_unborn():
                raise
            yield from self._held()
            return
        tokens = iter(fields(answer))
        for about in tokens:
            path = next(tokens)
            _, mode, _, name, letter = about.decode("ascii").split(" ")
            if letter == "U":
                yield path, mode, ""
            elif letter != "D":
                yield path, mode, name

    def _held(self) -> Iterator[tuple[bytes, str, str]]:
        """The same for all that the index holds."""
        for entry in fields(self._repository.git.ask("ls-files", "--stage", "-z")):
            about, _, path = entry.partition(b"\t")
            mode, name, stage = about.decode("ascii").split(" ")
            yield path, mode, name if stage == "0" else ""

    def _is_unborn(self) -> bool:
        """Whether there is no commit yet."""
        try:
            self._repository.git.ask("rev-parse", "--verify", "--quiet", "HEAD")
        except GitError as error:
            return error.status == 1
        return False


def pointer_of(blob: ObjectBlob) -> tuple[str, int] | None:
    """The id and size of the git LFS object that a blob stands for, if it does."""
    if blob.size > POINTER_BYTES:
        return None
    try:
        return pointed_at(blob.read(0, POINTER_BYTES))
    except Unreadable:  # said when it is looked at
        return None


def content_of(
    repository: Repository, exclusions: Exclusions, entries: Sequence[tuple[bytes, str, str]]
) -> Iterator[Item]:
    """The blobs for paths, each given with its mode and object id; what policy leaves out is said."""
    names = dict.fromkeys(name for _, mode, name in entries if mode != GITLINK)
    known = {listed.id: listed for listed in listed_of(repository, list(names))}
    for path, mode, name in entries:
        shown = repository.path(path)
        reason = SUBMODULE if mode == GITLINK else exclusions.reason(shown, repository.shown)
        if reason is not None:
            yield LeftOut(shown, reason, known[name].size if name in known else None)
        elif name in known:
            blob = ObjectBlob(repository, known[name], shown)
            yield blob
            yield from _stood_for(blob, shown)
        else:
            yield lost(repository, name)


def _stood_for(blob: ObjectBlob, shown: str) -> Iterator[Item]:
    """The git LFS object that a pointer stands for, where it is here."""
    pointer = pointer_of(blob)
    if pointer is None:
        return
    asked = blob.repository.git.ask("rev-parse", "--path-format=absolute", "--git-common-dir")
    repository = replace(blob.repository, common=os.fsdecode(asked[:-1]))
    name, size = pointer
    yield lfs_blob(repository, name, shown) if is_here(repository, name) else left_out(repository, name, size)
