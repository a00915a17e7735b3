"""Commands to the runner of a GitHub workflow, one a line, with everything in them escaped.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, and
`packages/core/src/command.ts` of actions/toolkit for the escapes.
"""

from __future__ import annotations

from collections.abc import Mapping

from modelguard.reports.escape import printable


def command(name: str, properties: Mapping[str, str], text: str) -> str:
    """The line of a command. Only line feeds in `text` stay what they are; empty properties are left away."""
    given = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    lines = "\n".join(map(printable, text.split("\n")))
    return f"::{name}{' ' if given else ''}{given}::{_data(lines)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
