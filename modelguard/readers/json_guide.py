"""Places in JSON and JSON Lines: `model.layers[3].name`, and `row 18, field "text"`. The text is looked at as it is."""

from __future__ import annotations

from collections.abc import Sequence

from modelguard.model import Blob
from modelguard.readers.interface import NEWLINE
from modelguard.readers.json_places import Path, json_paths, quoted, shown

_MOST_READ = 64 * 1024 * 1024
_STEP = 4 * 1024 * 1024
LINES = (".jsonl", ".ndjson")
"""What files end with that have a JSON text a line."""


def guide(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    """Keys and indexes that lead there; in JSON Lines the row, from 1, and the field. See `Guide`."""
    if blob.origin.path.lower().endswith(LINES):
        return _in_rows(blob, offsets)
    near = [offset for offset in offsets if offset < _MOST_READ]
    text = blob.read(0, near[-1] + 1) if near else b""
    names: list[str | None] = [shown(path) or None for path in json_paths(text, near)]
    return names + [None] * (len(offsets) - len(near))


def _in_rows(blob: Blob, offsets: Sequence[int]) -> list[str | None]:
    names: list[str | None] = []
    row, row_start, at = 1, 0, 0
    for offset in offsets:
        while at < offset:
            data = blob.read(at, min(offset, at + _STEP))
            if not data:
                break
            row += data.count(NEWLINE)
            last = data.rfind(NEWLINE)
            row_start = row_start if last < 0 else at + last + 1
            at += len(data)
        if offset - row_start < _MOST_READ:
            (path,) = json_paths(blob.read(row_start, offset + 1), [offset - row_start])
            names.append(_in_row(row, path))
        else:
            names.append(f"row {row}")
    return names


def _in_row(row: int, path: Path) -> str:
    if not path.steps:
        return f"row {row}"
    first, *others = path.steps
    if path.in_key and not others:
        return f"row {row}, key {first.number}"
    rest = shown(Path(tuple(others), path.in_key))
    if first.key is None:
        return f"row {row}, {shown(Path(path.steps, path.in_key))}"
    return f"row {row}, field {quoted(first.key)}{'.' if rest and rest[0] != '[' else ''}{rest}"
