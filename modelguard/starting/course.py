"""The course of `modelguard init`: step by step, what would be done is shown and asked, then done, then summed up."""

from __future__ import annotations

import os
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from modelguard.errors import OutputError
from modelguard.starting import STEPS
from modelguard.starting.difference import shown
from modelguard.starting.interface import Asked, CannotEdit, Change, Step
from modelguard.starting.tree import Tree, content
from modelguard.starting.undo import Undo, undo_of
from modelguard.verdict.outcome import LEAK


class Doors(Struct, frozen=True):
    """What a course needs of the command line: to say a line, to ask, to write a file, to run modelguard itself."""

    say: Callable[[str], None]
    agreed: Callable[[Step], bool]
    write: Callable[[str, bytes], None]
    run: Callable[[tuple[str, ...]], None]


class Course:
    """One run over a tree. `dry` shows everything and does nothing; `quiet` shows no differences."""

    def __init__(self, tree: Tree, asked: Asked, doors: Doors, dry: bool = False, quiet: bool = False) -> None:
        self._tree, self._asked, self._doors = tree, asked, doors
        self._dry, self._quiet = dry, quiet
        self._done: list[tuple[str, str]] = []
        self._notes: list[str] = []
        self._statuses = [0]

    def run(self) -> int:
        """All steps, and the exit status.

        Raises:
            ModelguardError: a step cannot be done; what was done before is summed up all the same.
        """
        try:
            for name, make in STEPS.items():
                if name not in self._asked.skip:
                    self._take(make(self._tree, self._asked))
        finally:
            self._sum_up()
        if self._dry:
            return 0
        return LEAK if LEAK in self._statuses else max(self._statuses)

    def _take(self, step: Step) -> None:
        say = self._doors.say
        self._statuses.append(step.anyway)
        self._notes += step.notes
        say(f"* {step.title}")
        if step.problem:
            say(f"  not done: {step.problem}")
            for line in step.by_hand:
                say(f"  {line}")
        if step.idle:
            return
        if self._dry or not (self._quiet or step.careful):  # what a careful step accepts was listed
            self._show(step)
        if self._dry:
            self._tree = replace(self._tree, planned={**self._tree.planned, **_after(step)})
            self._notes += step.then
        elif self._doors.agreed(step):
            self._do(step)
            self._notes += step.then
        else:
            say("  left out")
            self._statuses.append(step.otherwise)

    def _show(self, step: Step) -> None:
        for change in step.changes:
            for line in shown(change):
                self._doors.say(f"  {line}")

    def _do(self, step: Step) -> None:
        for change in step.changes:
            if _now(self._tree, change) != change.before:
                raise OutputError(f"{change.path} has changed meanwhile", "Run this again.")
            undo = _undo(self._tree, change)
            if undo.kept:
                self._doors.write(undo.kept, change.before or b"")
            self._doors.write(change.path, change.after)
            self._done.append((f"{'wrote' if change.before is None else 'changed'} {change.path}", undo.command))
        if step.command:
            self._doors.run(step.command)
            self._done.append((f"ran modelguard {' '.join(step.command)}", step.undo))

    def _sum_up(self) -> None:
        say = self._doors.say
        if self._dry:
            say("Nothing was changed: this was a dry run.")
        elif not self._done:
            say("Nothing was changed.")
        else:
            say(f"Done, in {self._tree.top}; to take one back, run there what stands behind it:")
        width = max((len(what) for what, _ in self._done), default=0)
        for what, undo in reversed(self._done):
            say(f"  {what:{width}}  {undo}")
        for note in dict.fromkeys(self._notes):
            say(note)


def _after(step: Step) -> dict[str, bytes]:
    return {change.path: change.after for change in step.changes}


def _now(tree: Tree, change: Change) -> bytes | None:
    try:
        return content(tree, change.path)
    except CannotEdit as why:
        raise OutputError(f"{change.path}: {why}", "Run this again.") from None


def _undo(tree: Tree, change: Change) -> Undo:
    try:
        return undo_of(tree, change)
    except CannotEdit as why:
        raise OutputError(
            f"{change.path} cannot be kept for undoing: {why}", "Remove that, then run this again."
        ) from None


def describe(tree: Tree) -> str:
    """What is started in, in a line."""
    place = os.path.join(tree.top, "")
    return f"{place} (a git repository)" if tree.git else f"{place} (not in a git repository: settings only)"
