"""`modelguard rules list | show ID | check [FILE...] | import FILE`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from modelguard.commands.output import tell
from modelguard.errors import OutputError, UsageError

_F = TypeVar("_F", bound=Callable[..., Any])


def _also(function: _F) -> _F:
    """The options by which there are more rules than the built-in ones."""
    for option in (
        click.option("--with", "detectors", multiple=True, metavar="NAME", help="Also of: detect-secrets."),
        click.option("--rules", "files", multiple=True, metavar="PATH", help="Also these files or folders."),
    ):
        function = option(function)
    return function


@click.group(name="rules", short_help="List, explain, prove and import rules.")
def command() -> None:
    """List, explain, prove and import rules."""


@command.command("list")
@_also
def list_rules(files: tuple[str, ...], detectors: tuple[str, ...]) -> None:
    """Print every rule: id, severity, confidence, title."""
    from modelguard.pipeline import chosen_rules
    from modelguard.settings import Settings

    rules = chosen_rules(Settings(rules=files, with_detectors=detectors), tell)
    width = max(len(rule.id) for rule in rules)
    for rule in rules:
        click.echo(f"{rule.id:{width}}  {rule.severity!s:8}  {rule.confidence!s:6}  {rule.title}")
    click.echo(f"{len(rules)} rules", err=True)


@command.command("show")
@click.argument("rule_id", metavar="ID")
@_also
def show(rule_id: str, files: tuple[str, ...], detectors: tuple[str, ...]) -> None:
    """Explain one rule: what it finds, why that matters, what to do."""
    from modelguard.pipeline import chosen_rules
    from modelguard.settings import Settings

    rules = chosen_rules(Settings(rules=files, with_detectors=detectors), tell)
    rule = next((rule for rule in rules if rule_id in (rule.id, *rule.was)), None)
    if rule is None:
        raise UsageError(f"there is no rule {rule_id!r}", "See `modelguard rules list`.")
    lines = [
        ("id", rule.id),
        ("title", rule.title),
        ("category", str(rule.category)),
        ("severity", f"{rule.severity}, confidence {rule.confidence}"),
        ("what", rule.what),
        ("why", rule.why),
        ("what to do", rule.remedy),
        ("pattern", rule.pattern.regex),
        ("checks", ", ".join(rule.checks)),
        ("only in", ", ".join(rule.paths)),
        ("not in", ", ".join(rule.not_paths)),
        *(("no value", regex) for regex in rule.not_values),
        ("formerly", ", ".join(rule.was)),
        *(("see", reference) for reference in rule.references),
        *(("finds", example) for example in rule.examples),
        *(("not", example) for example in rule.not_examples),
    ]
    for name, text in lines:
        if text:
            click.echo(f"{name:>10}  {text}")


@command.command("check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--rules", "more", multiple=True, metavar="PATH", type=click.Path(path_type=Path), help="As FILES.")
def check(files: tuple[Path, ...], more: tuple[Path, ...]) -> int:
    """Prove rules by their own examples, in both engines. Without FILES: the built-in ones."""
    from modelguard.pipeline import rule_problems

    count, problems = rule_problems([*files, *more], tell)
    for problem in problems:
        click.echo(problem)
    click.echo(f"{count} rules, {len(problems)} problems", err=True)
    return 2 if problems else 0


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file instead of stdout.")
def import_file(file: Path, output: Path | None) -> int:
    """Convert rules of gitleaks, betterleaks (TOML), Kingfisher or Nosey Parker (YAML) into a rule file.

    What is not as the file says is listed on standard error, rule by rule. Exit status: 0 every rule is there, 2 one is
    not.
    """
    from modelguard.commands.output import write_file, write_stdout
    from modelguard.pipeline import import_rules

    imported = import_rules(file)
    try:
        if output is None:
            write_stdout(imported.text)
        else:
            write_file(output, imported.text)
    except OSError as error:
        where = "standard output" if output is None else str(output)
        raise OutputError(
            f"could not write {where}: {error.strerror}", "Free some space, or write elsewhere."
        ) from None
    for line in imported.notes:
        tell(line)
    click.echo(f"{imported.rules} rules taken over, {imported.lost} not", err=True)
    return 2 if imported.lost else 0
