"""GitHub's runner, as far as it reads a line of output: which commands it would obey, and what it would understand.

Its `ActionCommand.cs`: a line that begins with `::` after blanks is a command, and so is `##[` anywhere in one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_COMMAND = re.compile(r"::(?P<name>[^ :]+)(?: (?P<properties>.*?))?::(?P<data>.*)", re.DOTALL)
_DATA = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    message: str


def commands(text: str) -> list[Command]:
    """All commands in some output."""
    found = []
    for line in re.split("\r\n|\r|\n", text):
        assert "##[" not in line
        if line.lstrip().startswith("::"):
            parsed = _COMMAND.fullmatch(line.lstrip())
            assert parsed, line
            pairs = (pair.partition("=") for pair in (parsed["properties"] or "").split(","))
            properties = {name.strip(): _unescaped(value, _PROPERTY) for name, _, value in pairs if name}
            found.append(Command(parsed["name"], properties, _unescaped(parsed["data"], _DATA)))
    return found


def _unescaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for escape, character in escapes:
        text = text.replace(escape, character)
    return text
