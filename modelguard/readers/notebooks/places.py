"""Places in a notebook as a person knows them: the cell, what of it, and the line therein.

Format: https://nbformat.readthedocs.io/en/latest/format_description.html, versions 3 (worksheets, `input`) and 4.
Texts of several lines are written as one string, or as a list of strings to be joined. Cells count from 0, lines
from 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from modelguard.model import Blob
from modelguard.readers.json_places import Path, Step, json_paths, quoted, shown

_MOST_READ = 64 * 1024 * 1024
_OF_LINES = {"source", "input", "text", "html", "latex", "svg", "javascript", "traceback"}
_SHORT = {"outputs": "output", "worksheets": "worksheet"}


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """`cell[3].source:7`, `cell[3].output[0].data["text/html"]:4`. See `Guide`."""
    near = [offset for offset in offsets if offset < _MOST_READ]
    text = blob.read(0, near[-1] + 1) if near else b""
    names: list[str | None] = [
        place_name(path, text, offset) for path, offset in zip(json_paths(text, near), near, strict=True)
    ]
    return names + [None] * (len(offsets) - len(near))


def place_name(path: Path, text: bytes, offset: int, line: int | None = None) -> str | None:
    """The name of the place at an offset of a notebook's text, to which `path` leads; None outside everything.

    `line` is the line of the text there, where that is known.
    """
    if not path.steps:
        return None
    before, steps = _cell(path.steps)
    if not steps or (path.in_key and len(steps) == 1):
        return before or shown(path)
    parts, kept = _named(steps, bool(before))
    if kept is None or path.in_key:
        return f"{before}{_plain(steps, bool(before), path.in_key)}"
    return f"{before}{parts}{_line(path, steps, kept, text, offset, line)}"


def _cell(steps: tuple[Step, ...]) -> tuple[str, tuple[Step, ...]]:
    """The name of the cell, and what leads on from there."""
    keys = [step.key for step in steps]
    if keys[:2] == ["cells", None]:
        return f"cell[{steps[1].number}]", steps[2:]
    if keys[:4] == ["worksheets", None, "cells", None]:
        sheet = f"worksheet[{steps[1].number}]." if steps[1].number else ""
        return f"{sheet}cell[{steps[3].number}]", steps[4:]
    return "", steps


def _named(steps: tuple[Step, ...], in_cell: bool) -> tuple[str, int | None]:
    """How the text is called that these steps lead to, and how many of them do; None where it has no short name."""
    keys = [step.key for step in steps]
    first = keys[0]
    if not in_cell:
        return "", None
    if first in ("source", "input"):
        return f".{first}", 1
    if first == "attachments" and len(keys) >= 3 and keys[1] is not None:
        return f".attachments[{quoted(keys[1])}]", 3
    if first == "outputs" and len(keys) >= 3 and keys[1] is None and keys[2] is not None:
        output = f".output[{steps[1].number}]"
        if keys[2] == "data" and len(keys) >= 4 and keys[3] is not None:
            return f"{output}.data[{quoted(keys[3])}]", 4
        if keys[2] == "text":
            return output, 3
        if keys[2] in _OF_LINES:
            return f"{output}.{keys[2]}", 3
    return "", None


def _plain(steps: tuple[Step, ...], in_cell: bool, in_key: bool) -> str:
    """Key by key: `metadata["papermill"].parameters.token`."""
    parts = ""
    at = 0
    if steps[0].key == "outputs" and len(steps) > 1:
        parts, at = f".output[{steps[1].number}]", 2
    elif steps[0].key == "metadata" and len(steps) > 1 and not (in_key and len(steps) == 2):
        parts, at = f"{'.' if in_cell else ''}metadata[{quoted(steps[1].key or '')}]", 2
    more = shown(Path(steps[at:], in_key and len(steps) > at))
    dot = "." if more and more[0] != "[" and (parts or in_cell) else ""
    return f"{parts}{dot}{more}"


def _line(path: Path, steps: tuple[Step, ...], kept: int, text: bytes, offset: int, line: int | None) -> str:
    """The line of a text of lines, which is one string or a list of them; what else leads on from it otherwise."""
    rest = steps[kept:]
    last = steps[kept - 1].key or ""
    of_lines = last in _OF_LINES or (kept == 4 and not last.startswith(("image/", "application/")))
    if len(rest) > 1 or (rest and rest[0].key is not None):
        more = shown(Path(rest))
        return f".{more}" if more[0] != "[" else more
    if not of_lines:
        return ""
    if line is not None:
        return f":{line}"
    began = path.begins[-1] if rest else path.token[0]
    between = rest[0].number if rest and last == "traceback" else 0  # its strings are lines without their ends
    return f":{1 + newlines(text, began, offset) + between}"


def newlines(text: bytes, start: int, end: int) -> int:
    """How many line feeds are escaped in a part of a JSON text."""
    return text[start:end].replace(b"\\\\", b"  ").count(b"\\n")
