"""What a repository lacks, fetched from the remote that it was cloned from: as objects, and nothing else changes.

No ref is written, no tag or submodule follows, no hook or other program runs, and no file is checked out.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from modelguard.errors import GitError
from modelguard.sources.git import Git, Remote
from modelguard.sources.history.repository import Repository

ALL = 2_147_483_647
"""A depth that is none (https://git-scm.com/docs/shallow: INFINITE_DEPTH)."""

ORIGIN = "origin"
_SETTINGS = (
    "gc.auto=0",
    "maintenance.auto=false",
    "fetch.writeCommitGraph=false",
    "http.lowSpeedLimit=1000",  # bytes a second, for so many seconds
    "http.lowSpeedTime=60",
    "transfer.bundleURI=false",
)
_OPTIONS = (
    "--quiet",
    "--no-tags",
    "--no-recurse-submodules",
    "--no-write-fetch-head",
    "--no-filter",  # a partial clone lacks contents by design, and these are what is to be looked at
    "--upload-pack=git-upload-pack",
)
_REMEDY = (
    "Give the job `permissions: contents: read`, or fetch all of it beforehand: `fetch-depth: 0` of actions/checkout."
)


def fetch(repository: Repository, names: Sequence[str], remote: Remote, depth: int | None = None) -> None:
    """Fetch objects by their ids: commits with what they reach, `depth` commits far (None: all that is lacking).

    Raises:
        GitError: the remote cannot be reached, refuses, or has none of them.
    """
    limit = [] if depth is None else [f"--depth={depth}"]
    _asked(repository, remote, "fetch", *_OPTIONS, *limit, ORIGIN, *names)


def fetch_objects(repository: Repository, names: Sequence[str], remote: Remote) -> None:
    """Fetch single objects that a partial clone left away.

    Raises:
        GitError: see `fetch`.
    """
    told = "".join(f"{name}\n" for name in names).encode("ascii")
    # The remote must not think that what is here holds all that it reaches.
    _asked(
        repository, remote, "-c", "fetch.negotiationAlgorithm=noop", "fetch", *_OPTIONS, "--stdin", ORIGIN, stdin=told
    )


def tip_of(repository: Repository, ref: str, remote: Remote) -> str | None:
    """The id of the commit that a ref of the remote points at; None where it has none of that name.

    Raises:
        GitError: the remote cannot be reached, or refuses.
    """
    answer = _asked(repository, remote, "ls-remote", "--upload-pack=git-upload-pack", ORIGIN, ref, f"{ref}^{{}}")
    found = {name: sha for sha, _, name in (line.partition("\t") for line in answer.decode("utf-8").splitlines())}
    return found.get(f"{ref}^{{}}") or found.get(ref)


def _asked(repository: Repository, remote: Remote, *arguments: str, stdin: bytes = b"") -> bytes:
    git: Git = replace(repository.git, remote=remote)
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    try:
        return git.ask(*settings, *arguments, stdin=stdin)
    except GitError as error:
        if error.status is None:
            raise
        raise GitError("the remote has not given what the checkout lacks", _REMEDY, error.status) from None
