"""What the runner of a workflow reads: outputs of a step, its summary, and lines of its log.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from modelguard.errors import OutputError
from modelguard.reports.escape import printable

MAX_SUMMARY = 1024 * 1024
"""Bytes that GitHub takes of one step's summary; of a longer one it takes nothing."""

_CUT = "\n\nThis is not all: GitHub takes no more here. The log and the report file have the rest.\n"


def set_outputs(environment: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Give the step these outputs. Nobody can guess the line that ends a value, so no value can end itself.

    Raises:
        OutputError: the runner's file cannot be written.
    """
    text = ""
    for name, value in outputs.items():
        end = f"end-{os.urandom(16).hex()}"
        text += f"{name}<<{end}\n{value}\n{end}\n"
    _append(environment.get("GITHUB_OUTPUT", ""), text)


def add_summary(environment: Mapping[str, str], markdown: str) -> None:
    """Add to the summary of the job.

    Raises:
        OutputError: the runner's file cannot be written.
    """
    data = markdown.encode("utf-8", "backslashreplace")
    if len(data) > MAX_SUMMARY:
        markdown = data[: MAX_SUMMARY - len(_CUT)].decode("utf-8", "ignore") + _CUT
    _append(environment.get("GITHUB_STEP_SUMMARY", ""), markdown)


def log_line(text: str) -> str:
    """A line that the runner shows and takes for no command, whatever is in it."""
    shown = printable(text)
    return f"modelguard: {shown}" if shown.lstrip().startswith("::") else shown


def _append(path: str, text: str) -> None:
    if not path:  # a runner that has no such file
        return
    try:
        with Path(path).open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"a file of the runner cannot be written: {error.strerror}", "Free some space.") from None
