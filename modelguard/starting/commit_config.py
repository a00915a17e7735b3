"""Our hook as one more entry of `repos` in the text of a `.pre-commit-config.yaml`; every other character stays.

https://pre-commit.com/#pre-commit-configyaml---repos
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from msgspec import Struct

from modelguard.starting.interface import CannotEdit, Hook
from modelguard.starting.tree import line_end_of
from modelguard.starting.yaml_places import (
    UNCLEAR,
    behind_comments,
    blank_before,
    columns,
    inserted,
    line_behind,
    line_start,
    next_line,
)
from modelguard.starting.yaml_same import same

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/+@~:-]*[A-Za-z0-9_/]")
_TEXT = "tag:yaml.org,2002:str"


class Layout(Struct, frozen=True):
    """The columns of an entry: its dash and keys, and those of its hooks, counted from 0."""

    dash: int = 2
    key: int = 4
    hook_dash: int = 6
    hook_key: int = 8


def holds_hook(text: str, hook: Hook) -> bool:
    """Whether any entry is of our repository, whatever its address there, or runs a hook of ours.

    Raises:
        CannotEdit: it is not YAML, or no configuration of pre-commit.
    """
    return any(_is_ours(item, hook) for item in _entries(_composed(text)))


def with_hook(text: str, hook: Hook) -> str:
    """The text with our entry behind the others, and looking like them.

    Raises:
        CannotEdit: it is not YAML, no configuration of pre-commit, or written in a way that is not clear.
    """
    document = _composed(text)
    repos = _repos(document)
    if document is None or repos is None:
        edited = _below_key(text, len(text), 0, hook, f"repos:{line_end_of(text)}")
    else:
        edited = _edited(text, document, repos, hook)
    _prove(document, _composed(edited), hook)
    return edited


def entry(hook: Hook, layout: Layout | None = None, line_end: str = "\n") -> str:
    """Our entry in block style."""
    at = layout or Layout()
    keys = " " * at.key
    lines = [
        f"{_dash(at.dash, at.key)}repo: {_scalar(hook.repo)}",
        f"{keys}rev: {_scalar(hook.rev)}",
        f"{keys}hooks:",
        *(f"{_dash(at.hook_dash, at.hook_key)}id: {name}" for name in hook.ids),
    ]
    return "".join(line + line_end for line in lines)


def _dash(dash: int, key: int) -> str:
    return " " * dash + "-" + " " * (key - dash - 1)


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError):
        raise CannotEdit("it is not the YAML that pre-commit reads") from None
    except RecursionError:
        raise CannotEdit("it is nested too deeply") from None


def _repos(document: yaml.Node | None) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value of `repos`; None where the text holds nothing at all."""
    if document is None:
        return None
    if isinstance(document, yaml.MappingNode):
        found = [pair for pair in document.value if pair[0].value == "repos"]
        if len(found) == 1:
            key, value = found[0]
            return key, value
    raise CannotEdit("it has no list of `repos`, or more than one")


def _entries(document: yaml.Node | None) -> list[yaml.Node]:
    repos = _repos(document)
    return list(repos[1].value) if repos is not None and isinstance(repos[1], yaml.SequenceNode) else []


def _is_ours(item: yaml.Node, hook: Hook) -> bool:
    address = _address(_text(item, "repo"))
    if address.rpartition("/")[2] == "modelguard" or address == _address(hook.repo):
        return True
    hooks = _value(item, "hooks")
    return any(
        _text(each, "id").startswith("modelguard") or _text(each, "entry").split(" ")[0] == "modelguard"
        for each in (hooks.value if isinstance(hooks, yaml.SequenceNode) else ())
    )


def _address(repo: str) -> str:
    return repo.lower().rstrip("/").removesuffix(".git")


def _value(node: yaml.Node, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def _text(node: yaml.Node, name: str) -> str:
    value = _value(node, name)
    return str(value.value) if isinstance(value, yaml.ScalarNode) else ""


def _edited(text: str, document: yaml.Node, repos: tuple[yaml.Node, yaml.Node], hook: Hook) -> str:
    key, value = repos
    start, end, colon = value.start_mark.index, value.end_mark.index, key.end_mark.index + 1
    column = key.start_mark.column
    in_block = _in_block(document) and text[colon - 1 : colon] == ":"
    if in_block and isinstance(value, yaml.ScalarNode) and start == end == colon:
        return _below_key(text, next_line(text, colon), column, hook)
    if not isinstance(value, yaml.SequenceNode) or start < key.end_mark.index:
        raise CannotEdit(UNCLEAR)
    if not value.flow_style:
        return _behind_last(text, value, hook)
    line = text[colon : next_line(text, end)]
    if in_block and re.fullmatch(r"[ \t]*\[[ \t]*\]\s*", line):  # `repos: []` becomes a list in block style
        return _below_key(text[:colon] + text[end:], next_line(text, end) - (end - colon), column, hook)
    return _in_brackets(text, value, hook)


def _below_key(text: str, at: int, column: int, hook: Hook, key: str = "") -> str:
    """Our entry as the only one, `at` where the line below `repos:` begins."""
    line_end = line_end_of(text)
    layout = Layout(column + 2, column + 4, column + 6, column + 8)
    return inserted(text, at, key + entry(hook, layout, line_end), line_end)


def _behind_last(text: str, sequence: yaml.SequenceNode, hook: Hook) -> str:
    items = sequence.value
    layout = _layout(text, items)
    at = behind_comments(text, line_behind(text, items[-1]), layout.dash)
    line_end = line_end_of(text)
    gap = line_end if len(items) > 1 and blank_before(text, items[-1].start_mark.index) else ""
    return inserted(text, at, gap + entry(hook, layout, line_end), line_end)


def _layout(text: str, items: list[yaml.Node]) -> Layout:
    """The columns of the last entry, and of the last list of hooks."""
    dash, key = columns(text, items[-1])
    for item in reversed(items):
        hooks = _value(item, "hooks")
        if isinstance(hooks, yaml.SequenceNode) and hooks.value and not hooks.flow_style and _in_block(item):
            hook_dash, hook_key = columns(text, hooks.value[-1])
            indented = max(hook_dash - columns(text, item)[1], 0)
            return Layout(dash, key, key + indented, key + indented + hook_key - hook_dash)
    return Layout(dash, key, key + 2, key + 4)


def _in_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _in_brackets(text: str, sequence: yaml.SequenceNode, hook: Hook) -> str:
    """Our entry in flow style; its keys are quoted where the last entry quotes its own, as JSON does."""
    last = sequence.value[-1] if sequence.value else None
    ours = json.dumps(_plain(hook), ensure_ascii=False)
    if not (isinstance(last, yaml.MappingNode) and last.value and last.value[0][0].style == '"'):
        ours = re.sub(r'"(repo|rev|hooks|id)": ', r"\1: ", ours)
    if last is None:
        at = sequence.end_mark.index - 1
        return text[:at] + ours + text[at:]
    start, at = last.start_mark.index, last.end_mark.index
    if not sequence.start_mark.index < start < at < sequence.end_mark.index:  # an alias
        raise CannotEdit(UNCLEAR)
    before = text[line_start(text, start) : start]
    between = line_end_of(text) + before if before and not before.strip(" ") else " "
    return text[:at] + "," + between + ours + text[at:]


def _scalar(text: str) -> str:
    """A text as a YAML scalar: plain where that reads as the same text, else in double quotes."""
    if _PLAIN.fullmatch(text):
        read = yaml.compose(text, Loader=yaml.SafeLoader)
        if isinstance(read, yaml.ScalarNode) and (read.tag, read.value) == (_TEXT, text):
            return text
    return json.dumps(text, ensure_ascii=False)


def _plain(hook: Hook) -> dict[str, Any]:
    return {"repo": hook.repo, "rev": hook.rev, "hooks": [{"id": name} for name in hook.ids]}


def _prove(before: yaml.Node | None, after: yaml.Node | None, hook: Hook) -> None:
    """Everything that was there is there as it was, and our entry is the last one.

    Raises:
        CannotEdit: it is not so.
    """
    ours = _composed(json.dumps(_plain(hook), ensure_ascii=False))
    wanted = [*_entries(before), *([] if ours is None else [ours])]
    if not (same(wanted, _entries(after)) and same(_besides(before), _besides(after))):
        raise CannotEdit(UNCLEAR)


def _besides(document: yaml.Node | None) -> list[yaml.Node]:
    pairs = document.value if isinstance(document, yaml.MappingNode) else ()
    return [part for key, value in pairs if key.value != "repos" for part in (key, value)]
