"""Styled lines that fit a terminal: text is wrapped or folded, and nothing is cut off."""

from __future__ import annotations

import io
from collections.abc import Callable

from rich.cells import chop_cells
from rich.console import Console
from rich.text import Text

# rich asks for a console to wrap text, and looks at it only to justify, which nothing here does.
_CONSOLE = Console(file=io.StringIO(), _environ={})

# `\x3a` spelled out is three cells wider than the colon.
_SPELLED_COLON = r"\x3a"
_SPARE = len(_SPELLED_COLON) - 1


def wrapped(text: Text, width: int, indent: int = 0, lead: Text | None = None) -> list[Text]:
    """Break text between words, and within a word that is wider than a line.

    Every line is indented, unless `lead` (`indent` cells wide) stands before the first.
    """
    return _lines(text, width - indent, indent, lead, _at_words)


def folded(text: Text, width: int, indent: int = 0, lead: Text | None = None) -> list[Text]:
    """Break text wherever a line is full, blanks kept: for a path, which people copy. Else as `wrapped`."""
    return _lines(text, width - indent, indent, lead, _anywhere)


def to_text(lines: list[Text], color: bool) -> str:
    """The lines as text: with ANSI colors, or plain."""
    if not color:
        return "".join(f"{line.plain}\n" for line in lines)
    # An empty environment, so that the result depends on nothing but the arguments.
    console = Console(
        file=io.StringIO(), force_terminal=True, color_system="standard", legacy_windows=False, _environ={}
    )
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=True, highlight=False)
    return captured.get()


def _lines(
    text: Text, room: int, indent: int, lead: Text | None, broken: Callable[[Text, int], list[Text]]
) -> list[Text]:
    lines = broken(text, room)
    if any(_is_command(line) for line in lines):
        lines = [_disarmed(line) for line in broken(text, room - _SPARE)]
    blank = Text(" " * indent)
    return [Text.assemble(blank if number or lead is None else lead, line) for number, line in enumerate(lines)]


def _at_words(text: Text, width: int) -> list[Text]:
    lines = list(text.wrap(_CONSOLE, width, overflow="fold"))
    for line in lines:
        line.rstrip()
    return lines


def _anywhere(text: Text, width: int) -> list[Text]:
    offsets, end = [], 0
    for part in chop_cells(text.plain, width)[:-1]:
        end += len(part)
        offsets.append(end)
    return list(text.divide(offsets))


def _is_command(line: Text) -> bool:
    # GitHub's runner obeys `::command::` at the start of a line of output, after any blanks.
    return line.plain.lstrip().startswith("::")


def _disarmed(line: Text) -> Text:
    if not _is_command(line):
        return line
    start = line.plain.index("::")
    return Text.assemble(line[:start], _SPELLED_COLON, line[start + 1 :])
