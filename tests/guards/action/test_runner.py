"""Files and lines of the runner: no value ends itself, no line is a command by chance."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

from modelguard.errors import OutputError
from modelguard.guards.action.runner import MAX_SUMMARY, add_summary, log_line, set_outputs
from modelguard.guards.action.surroundings import without_the_checkout
from modelguard.reports.workflow_command import command
from tests.reports.strategies import TEXT


def test_outputs(tmp_path: Path) -> None:
    path = tmp_path / "output"
    set_outputs({"GITHUB_OUTPUT": str(path)}, {"a": "1\nb=2\nend-\nEOF", "c": ""})
    first, *lines = path.read_text().splitlines()
    name, _, end = first.partition("<<")
    assert name == "a" and len(end) == 36
    assert lines[:5] == ["1", "b=2", "end-", "EOF", end]
    assert path.read_text().count(end) == 2
    set_outputs({"GITHUB_OUTPUT": str(path)}, {"a": "1"})
    assert path.read_text().count(end) == 2, "another end each time"


def test_no_runner_and_no_room(tmp_path: Path) -> None:
    set_outputs({}, {"a": "1"})
    add_summary({}, "text")
    with pytest.raises(OutputError):
        add_summary({"GITHUB_STEP_SUMMARY": str(tmp_path)}, "text")


def test_a_summary_is_no_longer_than_github_takes(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    add_summary({"GITHUB_STEP_SUMMARY": str(path)}, "ä" * MAX_SUMMARY)
    assert MAX_SUMMARY - 8 <= path.stat().st_size <= MAX_SUMMARY
    assert path.read_text().endswith("have the rest.\n")


@given(TEXT)
def test_a_line_of_the_log_is_no_command(text: str) -> None:
    line = log_line(text)
    assert len(line.splitlines()) <= 1
    assert not line.strip().startswith("::")
    assert "##[" not in line


@given(TEXT, TEXT)
def test_a_command_is_one_command(value: str, text: str) -> None:
    line = command("notice", {"title": value, "file": "x"}, text)
    assert len(line.splitlines()) == 1
    assert line.startswith("::notice ")
    properties = line.removeprefix("::notice ").split("::")[0].split(",")
    assert len(properties) == (2 if value else 1)
    assert properties[-1] == "file=x"


def test_what_leads_into_the_checkout_goes() -> None:
    told = {
        "PATH": ".:/bin::bin:/usr/bin",
        "GIT_DIR": "x",
        "GIT_SSH_COMMAND": "x",
        "GIT_CONFIG_NOSYSTEM": "1",
        "A": "b",
    }
    without_the_checkout(told)
    assert told == {"PATH": "/bin:/usr/bin", "GIT_CONFIG_NOSYSTEM": "1", "A": "b"}
