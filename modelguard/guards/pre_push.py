"""Before a push: the commits, tags and LFS objects that the other side does not have yet.

git tells its hook on standard input, a line for each ref: `<local ref> SP <local id> SP <remote ref> SP <remote id>`
(githooks(5), pre-push). An id of zeros says that there is nothing: a ref that is deleted, or made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import UsageError
from modelguard.model import ScanResult
from modelguard.pipeline import run
from modelguard.settings import Settings
from modelguard.sources.commits import CommitsSource
from modelguard.sources.history.remotes import told_of
from modelguard.sources.history.repository import opened
from modelguard.sources.history.scope import Scope

_LINE = re.compile(rb"[^ ]* ([0-9a-f]{40}|[0-9a-f]{64}) [^ ]+ ([0-9a-f]{40}|[0-9a-f]{64})")
_TO = "PRE_COMMIT_TO_REF"
_FROM = "PRE_COMMIT_FROM_REF"
_BRANCH = "PRE_COMMIT_LOCAL_BRANCH"
_REMOTE = "PRE_COMMIT_REMOTE_NAME"
_ADDRESS = "PRE_COMMIT_REMOTE_URL"


class Push(Struct, frozen=True):
    """What is pushed: ids of the tips, ids that the remote is known to have, and the remote's name and address.

    Where it has no name, both are its address.
    """

    tips: tuple[str, ...]
    there: tuple[str, ...]
    remote: str
    address: str = ""


def told_by_git(lines: bytes, remote: str, address: str = "") -> Push:
    """What git says on a hook's standard input.

    Raises:
        UsageError: a line is not as git writes it; what cannot be understood is not let by.
    """
    pairs = []
    for line in lines.splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise UsageError(
                "what is pushed is not as git tells it", "Run it as git's pre-push hook, which gets it from git."
            )
        pairs.append((found[1].decode(), found[2].decode()))
    return Push(_real(tip for tip, _ in pairs), _real(there for _, there in pairs), remote, address)


def told_by_framework(environment: Mapping[str, str]) -> Push | None:
    """What pre-commit and prek, which read standard input themselves, say instead; None where they do not run it.

    A branch that is new to a remote without any of its history has no `FROM`, and then its name is all there is.
    """
    tip = environment.get(_TO) or environment.get(_BRANCH)
    if not tip:
        return None
    there = environment.get(_FROM)
    return Push((tip,), (there,) if there else (), environment.get(_REMOTE, ""), environment.get(_ADDRESS, ""))


def check_push(push: Push, settings: Settings, told: Callable[[str], None]) -> ScanResult | None:
    """Scan what a push brings; None where it brings nothing, as when it deletes a branch.

    Raises:
        ModelguardError: see `pipeline.scan`.
    """
    source = CommitsSource()
    if not push.tips:
        return None
    repository = opened(*source.repositories()[0])
    scope = Scope(
        tips=tuple(map(repository.object, push.tips)),
        without=push.there,
        known=told_of(repository, push.remote, push.address),
    )
    return run(source, ["."], replace(settings, history=True), scope=scope, told=told)


def _real(names: Iterable[str]) -> tuple[str, ...]:
    """Those that name anything, each once."""
    return tuple(dict.fromkeys(name for name in names if name.strip("0")))
