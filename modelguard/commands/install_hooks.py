"""`modelguard install-hooks`: have git run the hooks, without a framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from modelguard.hook_files.change import Change

_HOOKS = ("pre-commit", "pre-merge-commit", "pre-push")
_SAID = {
    "write": "write {path}",
    "renew": "renew {path}",
    "move": "move {path} to {to}, which ours runs afterwards",
    "remove": "remove {path}",
    "restore": "move {path} back to {to}",
    "set": "set {path} to {to} in your git configuration",
    "unset": "take {path} out of your git configuration",
}


@click.command("install-hooks", short_help="Have git check commits and pushes, without a framework.")
@click.option("--hook", "hooks", multiple=True, type=click.Choice(_HOOKS), help="Only this one; repeatable.")
@click.option("--global", "everywhere", is_flag=True, help="For repositories that are made or cloned from now on.")
@click.option("--in-tree", is_flag=True, help="Also where core.hooksPath is a folder that is committed.")
@click.option("--uninstall", is_flag=True, help="Take our hooks away, and put back what was there.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def command(hooks: tuple[str, ...], everywhere: bool, in_tree: bool, uninstall: bool, dry_run: bool) -> int:
    """Have git run `modelguard hook` before commits, merges and pushes of this repository.

    The hooks go to where git looks for them: core.hooksPath, or .git/hooks. A hook that is there already is kept, and
    runs after ours. Nothing that we did not write is overwritten.

    Exit status: 0, or 2 if it cannot be done; then nothing was changed.
    """
    from modelguard.hook_files import installing, place

    where = place.of_new_repositories() if everywhere else place.of_repository(in_tree, to_leave=uninstall)
    do = installing.uninstall if uninstall else installing.install
    changes = do(where, hooks or _HOOKS, dry_run)
    for change in changes:
        _say(_told(change))
    for note in () if uninstall or not changes else where.notes:
        _say(note)
    if not changes:
        _say("none of our hooks is there" if uninstall else "the hooks are in place already")
    elif not uninstall:
        _say(f"To undo it: modelguard install-hooks --uninstall{' --global' if everywhere else ''}")
    return 0


def _told(change: Change) -> str:
    from modelguard.sources.file import shown_path
    from modelguard.sources.repositories import shown_from_here

    shown = {"path": shown_path(shown_from_here(change.path)), "to": shown_path(shown_from_here(change.to))}
    return _SAID[change.deed.value].format(**shown) + (f" ({change.note})" if change.note else "")


def _say(line: str) -> None:
    from modelguard.reports.escape import printable

    click.echo(printable(line))
