"""Every command in templates, examples and pages about pipelines has options that the program has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from modelguard.commands.line import cli
from tests.cli.program import ROOT

FILES = [ROOT / "docs/ci.md", ROOT / "docs/reports.md", ROOT / "Dockerfile", *(ROOT / "ci").iterdir(),
         *(ROOT / "docs/examples").glob("*.*")]  # fmt: skip
CALL = re.compile(r"""modelguard["', ]+(?P<name>[a-z]+)\b(?P<rest>[^\n`]*)""")


def calls(file: Path) -> list[tuple[str, set[str]]]:
    """The commands that a file calls, each with its long options."""
    text = file.read_text(encoding="utf-8")
    found = [(call["name"], set(re.findall(r"--[a-z][a-z-]+", call["rest"]))) for call in CALL.finditer(text)]
    return [(name, options) for name, options in found if name in cli.list_commands(click.Context(cli))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_options_exist(file: Path) -> None:
    for name, options in calls(file):
        command = cli.get_command(click.Context(cli), name)
        assert command
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert options <= known, f"{file.name}: modelguard {name} {options - known}"


def test_calls_are_seen() -> None:
    seen = {file.name: calls(file) for file in FILES}
    assert {"--commits", "--no-progress", "--output"} <= set.union(*(options for _, options in seen["ci.md"]))
    for name in (
        "gitlab.yml",
        "azure-pipelines.yml",
        "Jenkinsfile",
        "claude-code-hook.sh",
        "cursor_hook.py",
        "reports.md",
    ):
        assert any(options for _, options in seen[name]), name


def test_settings_on_the_page_are_json() -> None:
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs/ci.md").read_text(encoding="utf-8"), re.DOTALL)
    claude, cursor = map(json.loads, blocks)
    hooks = [hook for entries in claude["hooks"].values() for entry in entries for hook in entry["hooks"]]
    assert {Path(hook["command"]).name for hook in hooks} == {"claude-code-hook.sh"}
    assert {Path(hook["command"]).name for entries in cursor["hooks"].values() for hook in entries} == {
        "cursor_hook.py"
    }
    assert all(each["failClosed"] for entries in cursor["hooks"].values() for each in entries)
