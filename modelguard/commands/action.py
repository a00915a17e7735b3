"""`modelguard action commits | scan | comment`: the steps of action/action.yml, told what to do by variables."""

from __future__ import annotations

import os

import click

from modelguard.errors import ModelguardError


@click.group(name="action", short_help="The steps of the GitHub Action.")
def command() -> None:
    """The steps of the GitHub Action (action/README.md); each reads the variables of the runner and inputs."""
    from modelguard.guards.action.surroundings import without_the_checkout

    without_the_checkout(os.environ)


@command.command("commits")
def choose_commits() -> None:
    """Choose which commits are scanned, and fetch what a shallow checkout lacks of them."""
    from modelguard.guards.action.cache_key import cache_key
    from modelguard.guards.action.choosing import choose
    from modelguard.guards.action.inputs import read_inputs
    from modelguard.guards.action.plan import written
    from modelguard.guards.action.runner import set_outputs

    plan = choose(read_inputs(os.environ), os.environ)
    set_outputs(os.environ, {"plan": written(plan), "cache-key": cache_key()})


@command.command("scan")
def scan() -> int:
    """Scan them, and write annotations, the summary of the job, reports and outputs."""
    from modelguard.guards.action.event import read_event
    from modelguard.guards.action.inputs import read_inputs
    from modelguard.guards.action.plan import read
    from modelguard.guards.action.report import tell, tell_problem
    from modelguard.guards.action.scan import look

    try:
        event, plan = read_event(os.environ), read(os.environ.get("MODELGUARD_PLAN", ""))
        looked = look(plan, read_inputs(os.environ), os.environ)
        click.echo(tell(looked, plan, event, os.environ), nl=False)
    except ModelguardError as error:
        click.echo(tell_problem(error, os.environ), nl=False)
        return error.exit_status
    return looked.result.exit_status


@command.command("comment")
def write_comment() -> None:
    """Keep one comment of the pull request up to date."""
    from modelguard.guards.action.comment import comment
    from modelguard.guards.action.runner import log_line

    click.echo(log_line(comment(os.environ.get("MODELGUARD_REPORT", ""), os.environ)))
