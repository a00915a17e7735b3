"""Where things stand in a YAML text that is to be edited as a person would: lines, columns, ends, comments.

Places are offsets into the text, columns count from 0.
"""

from __future__ import annotations

import re

import yaml

from modelguard.starting.interface import CannotEdit

UNCLEAR = "it is written in a way that is not clear enough to edit"
_BREAKS = ("\n", "\r", "\x85", "\u2028", "\u2029")
"""What ends a line in YAML 1.1, section 5.4, which PyYAML reads."""
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def columns(text: str, item: yaml.Node) -> tuple[int, int]:
    """Of an entry of a list in block style: where its dash is, and where its keys begin.

    Raises:
        CannotEdit: the two are not where they are usually.
    """
    first = item.value[0][0] if isinstance(item, yaml.MappingNode) and item.value and not item.flow_style else item
    at = text.rfind("-", 0, item.start_mark.index)
    dash = at - line_start(text, at)
    if at < 0 or first.start_mark.column < dash + 2:
        raise CannotEdit(UNCLEAR)
    return dash, first.start_mark.column


def end_of(node: yaml.Node) -> int:
    """Where the last thing of a node ends; what an alias stands for is elsewhere, so it ends with what is before it."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        key, value = node.value[-1]
        return end_of(value) if value.start_mark.index >= key.start_mark.index else int(key.end_mark.index)
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return end_of(last) if last.start_mark.index >= node.start_mark.index else int(node.start_mark.index)
    return int(node.end_mark.index)


def line_start(text: str, at: int) -> int:
    """Where the line begins that holds a place."""
    return max(text.rfind(character, 0, at) for character in _BREAKS) + 1


def next_line(text: str, at: int) -> int:
    """Where the line behind that of a place begins; the end of the text where there is none."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def line_behind(text: str, node: yaml.Node) -> int:
    """Where the first line begins that holds nothing of a node. A block of text ends at the beginning of one."""
    end = end_of(node)
    start = line_start(text, end)
    return start if end > 0 and not text[start:end].strip(" ") else next_line(text, end)


def behind_comments(text: str, at: int, dash: int) -> int:
    """Behind the comments that belong to a list with its dashes in this column: those indented as it is, or more."""
    found, here = at, at
    while here < len(text):
        following = next_line(text, here)
        line = text[here:following]
        bare = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if bare.startswith("#") and (indent > dash or indent == dash > 0):
            found = following
        elif bare:
            break
        here = following
    return found


def blank_before(text: str, at: int) -> bool:
    """Whether the line before that of a place is blank."""
    start = line_start(text, at)
    before = text[:start].removesuffix("\n").removesuffix("\r")
    return start > 0 and not before[line_start(before, len(before)) :].strip()


def inserted(text: str, at: int, lines: str, line_end: str) -> str:
    """The text with whole lines more, `at` the beginning of a line or the end of a last one that nothing ends."""
    if not text[line_start(text, at) : at].strip(" "):
        at = line_start(text, at)
    whole = text[:at] in ("", "\ufeff") or text[:at].endswith(_BREAKS)
    return text[:at] + ("" if whole else line_end) + lines + text[at:]
