"""The hook that stops a leak before it is committed: through pre-commit where that is used, else git's own."""

from __future__ import annotations

from modelguard.errors import ModelguardError
from modelguard.starting.commit_config import entry, holds_hook, with_hook
from modelguard.starting.interface import Asked, CannotEdit, Change, Step
from modelguard.starting.tree import Tree, content, text_of
from modelguard.version import NO_REPOSITORY_YET

FILE = ".pre-commit-config.yaml"
INSTALL = ("install-hooks",)
"""What modelguard is run with to install git's own hooks."""


def step(tree: Tree, asked: Asked) -> Step:
    """Add our entry to the configuration of pre-commit, or offer to install a hook of our own where there is none."""
    if tree.git is None:
        return Step("no hook: this is not in a git repository")
    try:
        held = content(tree, FILE)
        if held is None:
            return _plain(asked)
        text = text_of(held)
        if holds_hook(text, asked.hook):
            return Step(f"{FILE} has the hook already")
        after = with_hook(text, asked.hook)
    except CannotEdit as why:
        by_hand = ("Add this below `repos:`", *entry(asked.hook).splitlines())
        return Step("no hook", problem=f"{FILE}: {why}", by_hand=by_hand, anyway=2)
    then = ["`pre-commit install` (or `prek install`), once in each clone, has git run the hooks."]
    if asked.hook.repo == NO_REPOSITORY_YET:
        then.append(
            f"{NO_REPOSITORY_YET} is not an address yet: put in where your modelguard comes from (--hook-repo)."
        )
    change = Change(FILE, held, after.encode())
    title = f"add the hook to {FILE}"
    return Step(title, (change,), question=f"Add the hook to {FILE}?", then=tuple(then))


def _plain(asked: Asked) -> Step:
    try:
        if not asked.hooks_missing():
            return Step("git's own hooks are in place already")
    except ModelguardError as error:
        return Step("no hook", problem=error.message, by_hand=(error.remedy,), anyway=2)
    title = f"have git itself run the hooks, since there is no {FILE}: modelguard {' '.join(INSTALL)}"
    undo = f"modelguard {' '.join(INSTALL)} --uninstall"
    return Step(title, command=INSTALL, undo=undo, question="Install git's own hooks?")
