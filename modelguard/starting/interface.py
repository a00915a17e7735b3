"""What a step of `modelguard init` is: changes to files, what to ask before, and what to say of them."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from modelguard.model import ScanResult
from modelguard.settings import Settings


class CannotEdit(ValueError):
    """A file is not one that may be edited; the message says why, without a word of what it holds."""


class Change(Struct, frozen=True):
    """One file at the top of the tree, as it is (`before`, None: it is not there) and as it would be.

    `own` is set where the lines that go are ours as well, so that all of them may be shown.
    """

    path: str
    before: bytes | None
    after: bytes
    own: bool = False


class Step(Struct, frozen=True):
    """What one step would do. With neither `changes` nor a `command`, `title` says why there is nothing to do.

    `command` is what modelguard itself is to be run with, and `undo` what takes that back. `careful` steps are not
    done where somebody only presses return. `notes` are said whatever the answer is, `then` only where it was done.
    `problem` says what could not be done, and `by_hand` what to do instead. `otherwise` is the exit status where the
    step is not agreed to, `anyway` where it is, too.
    """

    title: str
    changes: tuple[Change, ...] = ()
    command: tuple[str, ...] = ()
    undo: str = ""
    question: str = ""
    careful: bool = False
    notes: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    problem: str = ""
    by_hand: tuple[str, ...] = ()
    otherwise: int = 0
    anyway: int = 0

    @property
    def idle(self) -> bool:
        """Whether there is nothing to agree to."""
        return not self.changes and not self.command


class Hook(Struct, frozen=True):
    """Our entry in a `.pre-commit-config.yaml`."""

    repo: str
    rev: str
    ids: tuple[str, ...] = ("modelguard",)


class Asked(Struct, frozen=True):
    """What the command line asks for: steps to leave out, the hook, and how to scan this tree.

    `scan` gives the result and the settings that it was made with, `show` lists what was found. `hooks_missing` tells
    whether `modelguard install-hooks` has anything to do here.
    """

    skip: frozenset[str]
    hook: Hook
    scan: Callable[[], tuple[ScanResult, Settings]]
    show: Callable[[ScanResult], None]
    hooks_missing: Callable[[], bool]
