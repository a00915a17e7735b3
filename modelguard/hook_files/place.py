"""The folder in which git looks for hooks: a repository's own, the one that `core.hooksPath` names, or a template.

Everything else in this program has git pass over `core.hooksPath`; here its value is asked for. Nothing is run from it.
"""

from __future__ import annotations

import os

from msgspec import Struct

from modelguard.errors import GitError, UsageError
from modelguard.hook_files.foreign import command
from modelguard.settings import user_folder
from modelguard.sources.file import shown_path
from modelguard.sources.git import Git
from modelguard.sources.git_folder import top_of
from modelguard.sources.repositories import shown_from_here

HOOKS_PATH = "core.hooksPath"
TEMPLATE = "init.templateDir"
_LATER = (
    "Only what is made by `git init` and `git clone` from now on gets these hooks.",
    "For a repository that is there already: run `modelguard install-hooks` in it.",
)


class Place(Struct, frozen=True):
    """A folder for hooks. With `portable`, others get what is in it, too, so it may hold no path of this machine.

    `notes` are what a person should know of it. `template` is what `init.templateDir` has to be for git to use the
    folder, where that is ours to set, and `is_set` whether it is.
    """

    folder: str
    portable: bool = False
    notes: tuple[str, ...] = ()
    template: str = ""
    is_set: bool = True


def of_repository(in_tree: bool = False, to_leave: bool = False) -> Place:
    """Where git looks for the hooks of the repository around the current folder, or of the one in `GIT_DIR`.

    With `in_tree`, that may be a folder of the work tree. To `leave` it, anything may have been set meanwhile.

    Raises:
        UsageError: there is no repository, or hooks of ours would do nothing there, or harm.
        GitError: git refuses the repository.
    """
    around = "." if os.environ.get("GIT_DIR") else top_of(".")
    if around is None:
        raise UsageError("not a git repository, nor inside of one", "Run it inside of a repository, or with --global.")
    git = Git(around, hook=True)
    common, top = _answer(git, "--git-common-dir"), _work_tree(git)
    found = git.setting(HOOKS_PATH)
    if found is None:
        folder, scope = os.path.join(common, "hooks"), ""
    else:
        scope, value = found
        folder = os.path.join(top, value) if value else os.devnull
    own = any(_is_below(folder, each) for each in (common, _answer(git, "--git-dir")))
    inside = _is_below(folder, top) and not own
    if not to_leave:
        _must_be_ours(folder, configured=bool(scope))
        if inside:
            _may_be_changed(folder, in_tree)
    return Place(folder, inside, _notes(folder, scope, inside))


def of_new_repositories() -> Place:
    """Where git takes the hooks of repositories from that it makes: a template, or the one folder for all hooks.

    Raises:
        UsageError: it cannot be written to by this user, or the user has no home.
    """
    try:
        own = os.path.join(user_folder(), "git-template")
        home = os.path.expanduser("~")
    except RuntimeError:
        raise UsageError("this user has no home, so nothing can be set for all repositories", "Set HOME.") from None
    everywhere, template = _own_setting(home, HOOKS_PATH), _own_setting(home, TEMPLATE)
    if everywhere is not None:
        folder = os.path.join(home, everywhere[1]) if os.path.isabs(everywhere[1]) else os.devnull
        _must_be_ours(folder, configured=True)
        return Place(folder, notes=_notes(folder, everywhere[0], False))
    folder = os.path.join(template[1] if template else own, "hooks")
    _must_be_ours(folder, configured=True)
    is_ours = template in (None, ("global", own))
    return Place(folder, notes=_LATER, template=own if is_ours else "", is_set=template is not None)


def _own_setting(home: str, name: str) -> tuple[str, str] | None:
    """What is set for all repositories; the home may be one itself, whose own settings are not asked for."""
    git = Git(home)
    return git.setting(name, "global") or git.setting(name, "system")


def _work_tree(git: Git) -> str:
    try:
        return _answer(git, "--show-toplevel")
    except GitError:
        raise UsageError(
            "no work tree here: a bare repository makes no commits, and pushes none",
            "Run it in a clone, or in one of its work trees.",
        ) from None


def _answer(git: Git, question: str) -> str:
    """A path that git tells of the repository; it may hold line breaks."""
    return os.fsdecode(git.ask("rev-parse", "--path-format=absolute", question)[:-1])


def _is_below(path: str, folder: str) -> bool:
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _must_be_ours(folder: str, configured: bool) -> None:
    """A folder, or one that can be made, of this user alone where a setting names it."""
    shown = shown_path(folder)
    if os.path.lexists(folder) and not os.path.isdir(folder):
        raise UsageError(
            f"git runs no hooks here: {shown} is no folder", f"Look at `git config --show-origin {HOOKS_PATH}`."
        )
    there = folder
    while not os.path.isdir(there):
        there = os.path.dirname(there)
    mine = not hasattr(os, "getuid") or os.stat(there).st_uid == os.getuid()
    if configured and not (mine and os.access(there, os.W_OK)):
        raise UsageError(
            f"{shown} holds hooks of others, too, and is not yours",
            f"Ask whoever keeps it to have them run `{command('pre-commit')}` and `{command('pre-push')}`.",
        )


def _may_be_changed(folder: str, in_tree: bool) -> None:
    """In a folder of the work tree stands what is committed, or what another tool writes anew."""
    shown = shown_path(shown_from_here(folder))
    if ".husky" in folder.split(os.sep):
        raise UsageError(
            f"git's hooks are husky's here ({shown}), which writes them anew",
            "Add a line to each of its files: "
            + ", ".join(f"`{command(name)}` to .husky/{name}" for name in ("pre-commit", "pre-push")),
        )
    if not in_tree:
        raise UsageError(
            f"git looks for hooks in the work tree here ({shown}), so they would be committed",
            "Add --in-tree for hooks that run whatever modelguard is on PATH, for all who use the repository.",
        )


def _notes(folder: str, scope: str, inside: bool) -> tuple[str, ...]:
    shown = shown_path(shown_from_here(folder))
    if inside:
        return (f"{shown} is in the work tree: commit what has changed there.",)
    if scope in ("global", "system"):
        return (f"{HOOKS_PATH} is set for all your repositories: all use what is in {shown}.",)
    return (f"{HOOKS_PATH} has git look in {shown}.",) if scope else ()
