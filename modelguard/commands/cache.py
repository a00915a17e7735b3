"""`modelguard cache info | clear`."""

from __future__ import annotations

import click

from modelguard.errors import ModelguardError


@click.group(name="cache", short_help="Show or clear what earlier scans remember.")
def command() -> None:
    """Show or clear what earlier scans remember."""


@command.command("info")
def show_info() -> None:
    """Print where the cache is, and how much is in it."""
    from modelguard.reports.escape import printable
    from modelguard.reports.summary import counted, size
    from modelguard.store import compiled_databases, info

    store = info()
    count, length = compiled_databases()
    lines = [
        ("path", printable(str(store.path))),
        ("size", size(store.bytes)),
        ("objects", f"{store.objects:,}"),
        ("repositories", f"{store.repositories:,}"),
        ("digests", f"{store.digests:,}"),
        ("compiled", f"{counted(count, 'database')}, {size(length)}"),
    ]
    for name, text in lines:
        click.echo(f"{name:>12}  {text}")
    if not store.usable:
        raise ModelguardError(store.problem, "`modelguard cache clear` removes what is yours; scans work without it.")


@command.command("clear")
def clear_all() -> None:
    """Remove what earlier scans remember, and the compiled rules. The next scan makes them anew."""
    from modelguard.reports.summary import size
    from modelguard.store import clear

    click.echo(f"{size(clear())} freed")
